"""Programs over temporary files, made from choices: by hypothesis, or by a random number generator.

Each program is a function `main` that takes no choice of its own: its conditions are constants. What it returns it
keeps by design. Everything else that it makes must be gone when it has run, or the linter has something to say.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

_HEAD = """\
import contextlib
import os
import shutil
import tempfile


def close(number):
    os.close(number)


def remove(path):
    os.unlink(path)


def make():
    number, path = tempfile.mkstemp()
    os.close(number)
    return path


def make_folder():
    return tempfile.mkdtemp()


@contextlib.contextmanager
def borrowed():
    path = make_folder()
    try:
        yield path
    finally:
        shutil.rmtree(path)


class Owner:
    def __init__(self):
        self.folder = tempfile.mkdtemp()

    def close(self):
        shutil.rmtree(self.folder)


"""

#: How a thing of each sort is made, and what can be done to it: uses, then ends.
_MAKE = {
    "fd": ["{n}, {n}_path = tempfile.mkstemp()"],
    "file": ["{n} = make()"],
    "dir": ["{n} = tempfile.mkdtemp()", "{n} = make_folder()"],
    "object": ["{n} = tempfile.NamedTemporaryFile(delete=False)"],
    "scratch": ["{n} = tempfile.NamedTemporaryFile()", "{n} = tempfile.TemporaryFile()"],
    "owner": ["{n} = Owner()"],
    "folder": ["{n} = tempfile.TemporaryDirectory()"],
}
_USE = {
    "fd": ["os.write({n}, b'x')", "os.stat({n}_path)"],
    "file": ["os.stat({n})", "open({n}).close()", "with open({n}) as stream:\n    stream.read()"],
    "dir": ["os.listdir({n})", "os.mkdir(os.path.join({n}, 'sub'))", "open(os.path.join({n}, 'x'), 'w').close()"],
    "object": ["{n}.write(b'x')", "{n}.flush()"],
    "scratch": ["{n}.write(b'x')"],
    "owner": ["os.listdir({n}.folder)"],
    "folder": ["os.listdir({n}.name)"],
}
_END = {
    "fd": [
        "os.close({n})\nos.unlink({n}_path)",
        "close({n})\nremove({n}_path)",
        "with os.fdopen({n}, 'wb') as stream:\n    stream.write(b'x')\nos.remove({n}_path)",
        "os.unlink({n}_path)\nos.close({n})",
        "os.close({n})",
        "os.unlink({n}_path)",
    ],
    "file": ["os.unlink({n})", "remove({n})", "alias = {n}\nos.remove(alias)", "for one in [{n}]:\n    os.unlink(one)"],
    "dir": ["shutil.rmtree({n})", "alias = {n}\nshutil.rmtree(alias)", "def undo(): shutil.rmtree({n})\nundo()"],
    "object": ["{n}.close()\nos.unlink({n}.name)", "with {n}:\n    pass\nos.unlink({n}.name)", "{n}.close()"],
    "scratch": ["{n}.close()", "with {n} as stream:\n    stream.write(b'x')"],
    "owner": ["{n}.close()", "shutil.rmtree({n}.folder)"],
    "folder": ["{n}.cleanup()", "with {n} as path:\n    os.listdir(path)"],
}
_BLOCKS = ("if", "else", "for", "while", "try", "except", "with", "borrowed", "closure")


@dataclass
class Maker:
    """Makes one program; `pick` chooses one of several."""

    pick: Callable[[Sequence[Any]], Any]
    count: int = 0
    lines: list[str] = field(default_factory=list)

    def program(self) -> str:
        return self.frame(self.block({}, 3))

    def frame(self, body: str) -> str:
        """A program that runs a body."""
        text = textwrap.indent(body + "\nreturn None", "    ")
        return f"{_HEAD}def main(yes=True, no=False):\n{text}\n\n\nkept = main()\n"

    def block(self, scope: dict[str, str], depth: int) -> str:
        """Some statements; things made in it are seen by what follows in it."""
        scope = dict(scope)
        return "\n".join(self.statement(scope, depth) for _ in range(self.pick((1, 2, 3))))

    def statement(self, scope: dict[str, str], depth: int) -> str:
        kinds = ["make"] + (["use", "end", "end", "scoped"] if scope else ["scoped"]) + (["block"] * 3 if depth else [])
        if scope and depth < 3:
            kinds.append("return")
        kind = self.pick(kinds)
        if kind == "make":
            name, sort = self.thing()
            scope[name] = sort
            return str(self.pick(_MAKE[sort])).format(n=name)
        if kind == "scoped":
            return self.scoped(scope, depth)
        if kind == "block":
            return self.compound(scope, depth - 1)
        name = self.pick(sorted(scope))
        sort = scope[name]
        if kind == "return":
            return self.pick(["return", f"return {name}"])  # type: ignore[no-any-return]
        if kind == "end":
            del scope[name]
        return str(self.pick((_USE if kind == "use" else _END)[sort])).format(n=name)

    def thing(self, owned: bool = False) -> tuple[str, str]:
        self.count += 1
        # An owner that nobody closes is a known limit (`test_fuzz.PINNED`): only `scoped` makes one.
        return f"x{self.count}", self.pick([sort for sort in sorted(_MAKE) if sort != "owner" or owned])

    def scoped(self, scope: dict[str, str], depth: int) -> str:
        """A thing that is made and surely ended, with something in between."""
        name, sort = self.thing(owned=True)
        made = str(self.pick(_MAKE[sort])).format(n=name)
        inner = textwrap.indent(self.block({**scope, name: sort}, depth - 1) if depth > 0 else "pass", "    ")
        end = textwrap.indent(str(self.pick(_END[sort])).format(n=name), "    ")
        return f"{made}\ntry:\n{inner}\nfinally:\n{end}"

    def compound(self, scope: dict[str, str], depth: int) -> str:
        kind = self.pick(_BLOCKS)
        if kind == "closure":
            # What a closure ends on some way counts as ended: a known limit (`test_fuzz.PINNED`).
            scope = {}
        body = textwrap.indent(self.block(scope, depth), "    ")
        if kind == "if":
            return f"if {self.pick(('yes', 'no'))}:\n{body}"
        if kind == "else":
            other = textwrap.indent(self.block(scope, depth), "    ")
            return f"if {self.pick(('yes', 'no'))}:\n{body}\nelse:\n{other}"
        if kind == "for":
            return f"for _ in range({self.pick((0, 1, 2))}):\n{body}\n    {self.pick(('pass', 'break', 'continue'))}"
        if kind == "while":
            return f"while yes:\n{body}\n    break"
        if kind == "try":
            other = textwrap.indent(self.block(scope, depth), "    ")
            return f"try:\n{body}\nfinally:\n{other}"
        if kind == "except":
            return f"try:\n{body}\nexcept OSError:\n    {self.pick(('pass', 'raise', 'return'))}"
        if kind == "with":
            return f"with tempfile.TemporaryDirectory() as folder:\n{body}"
        if kind == "borrowed":
            return f"with borrowed() as folder:\n{body}"
        self.count += 1
        return f"def inner{self.count}():\n{body}\ninner{self.count}()"
