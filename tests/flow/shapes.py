"""Programs of any size: what the work counts and `benchmarks/growth.py` are measured on."""

from __future__ import annotations

from collections.abc import Callable

_HEAD = "import os\nimport shutil\nimport tempfile\n\n\n"

#: Fifteen lines of ordinary code, over and over.
_PIECE = """\
    fd, path{i} = tempfile.mkstemp()
    try:
        os.write(fd, data)
    finally:
        os.close(fd)
    if check(path{i}):
        shutil.copy(path{i}, target)
    for item in items:
        with open(os.path.join(target, item)) as stream:
            text = stream.read()
        if not text:
            continue
        handle(text)
    os.unlink(path{i})
    total{i} = len(items) + {i}
"""


def temps(size: int) -> str:
    """That many temps in one scope, none of them removed."""
    return _HEAD + "".join(f"x{i} = tempfile.mktemp()\n" for i in range(size))


def leaks(size: int) -> str:
    """That many directories and branches in one function."""
    body = "".join(f"    d{i} = tempfile.mkdtemp()\n    if use(d{i}):\n        return 1\n" for i in range(size))
    return f"{_HEAD}def function():\n{body}"


def lines(size: int) -> str:
    """One function of that many lines."""
    return f"{_HEAD}def function(data, items, target):\n" + "".join(_PIECE.format(i=i) for i in range(size // 15))


def file(size: int) -> str:
    """A file of that many bytes, in functions of 60 lines."""
    one = "".join(_PIECE.format(i=i) for i in range(4))
    count = max(1, size // (len(one) + 50))
    return _HEAD + "".join(f"def function{i}(data, items, target):\n{one}\n\n" for i in range(count))


def attributes(size: int) -> str:
    """A class that keeps that many temps."""
    made = "".join(f"        self.a{i} = tempfile.mkdtemp()\n" for i in range(size))
    gone = "".join(f"        shutil.rmtree(self.a{i})\n" for i in range(size))
    return f"{_HEAD}class Owner:\n    def __init__(self):\n{made}\n    def close(self):\n{gone}"


def listed(size: int) -> str:
    """That many temps in one list."""
    body = "".join("    found.append(tempfile.mkdtemp())\n" for _ in range(size))
    return f"{_HEAD}def function():\n    found = []\n{body}    for path in found:\n        shutil.rmtree(path)\n"


def helpers(size: int) -> str:
    """A chain of helpers, each of which calls the next."""
    chain = "".join(f"def h{i}(path):\n    h{i + 1}(path)\n\n\n" for i in range(size))
    end = f"def h{size}(path):\n    os.unlink(path)\n\n\n"
    return f"{_HEAD}{chain}{end}def function():\n    fd, path = tempfile.mkstemp()\n    os.close(fd)\n    h0(path)\n"


def branches(size: int) -> str:
    """One temp, then that many branches."""
    body = "".join(f"    if c{i}:\n        use(os.path.join(path, '{i}'))\n" for i in range(size))
    return f"{_HEAD}def function():\n    path = tempfile.mkdtemp()\n{body}    shutil.rmtree(path)\n"


def renamed(size: int) -> str:
    """That many branches, each of which gives the temp a further name."""
    body = "".join(f"    if c{i}:\n        n{i} = path\n" for i in range(size))
    return f"{_HEAD}def function():\n    path = tempfile.mkdtemp()\n{body}    shutil.rmtree(path)\n"


def exits(size: int) -> str:
    """That many ways out of one `try` with a `finally`."""
    body = "".join(f"        if c{i}:\n            return use(path, {i})\n" for i in range(size))
    return (
        f"{_HEAD}def function():\n    path = tempfile.mkdtemp()\n    try:\n{body}"
        "    finally:\n        if path:\n            shutil.rmtree(path)\n"
    )


def _nested(size: int, head: str, foot: str = "") -> str:
    opened = "".join("    " * (i + 1) + head.format(i=i) + "\n" for i in range(size))
    inner = "    " * (size + 1) + "path = tempfile.mkdtemp()\n"
    closed = "".join("    " * (i + 1) + foot.format(i=i) + "\n" for i in reversed(range(size)) if foot)
    return f"{_HEAD}def function():\n{opened}{inner}{closed}"


def nested_ifs(size: int) -> str:
    """Conditions in conditions."""
    return _nested(size, "if c{i}:")


def nested_loops(size: int) -> str:
    """Loops in loops."""
    return _nested(size, "for x{i} in y{i}:")


def nested_with(size: int) -> str:
    """`with` in `with`."""
    return _nested(size, "with tempfile.TemporaryDirectory() as d{i}:")


def nested_finally(size: int) -> str:
    """`finally` in `finally`: the graph holds a copy for each way out."""
    return _nested(size, "try:", "finally: shutil.rmtree(d{i})")


def nested_except(size: int) -> str:
    """Handlers in handlers."""
    return _nested(size, "try:", "except OSError: log({i})")


def wrapped(size: int) -> str:
    """A loop that wraps what it holds once more in each round, in one of several ways, as a paragraph's lines are."""
    ways = "".join(f"        if word == {i}:\n            held = [[held, 0], [word, held]]\n" for i in range(size))
    loop = f"    for word in words:\n{ways}        kept.append(held)\n"
    return f"import tempfile\n\ndef f(words, kept):\n    held = tempfile.mkdtemp()\n{loop}    return kept\n"


#: What a program may grow in, each with the sizes of its curve.
GROWING: dict[Callable[[int], str], tuple[int, ...]] = {
    temps: (375, 750, 1500, 3000),
    leaks: (50, 100, 200, 400),
    lines: (625, 1250, 2500, 5000),
    file: (125_000, 250_000, 500_000, 1_000_000),
    attributes: (60, 125, 250, 500),
    listed: (60, 125, 250, 500),
    helpers: (40, 80, 160, 320),
    branches: (50, 100, 200, 400),
    renamed: (50, 100, 200, 400),
    exits: (25, 50, 100, 200),
}

#: Programs that nobody writes: each ends in time, or flow is silent about it and says so.
PATHOLOGICAL: dict[Callable[[int], str], int] = {
    nested_ifs: 60,
    nested_loops: 18,
    nested_with: 18,
    nested_finally: 18,
    nested_except: 18,
    branches: 400,
    renamed: 400,
    exits: 200,
    wrapped: 6,
}
