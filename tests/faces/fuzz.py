"""Random input for the whole program: whatever it is given, no output holds a traceback, and nothing is blamed on us.

    python -m tests.faces.fuzz --runs 2000 --seed 1

Files of random bytes, real modules cut off or stirred, random settings, random options of every command. Most runs are
in this process, one in forty is a process of its own. A failure prints its number; `--only N` runs it again alone.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import shlex
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tempsafe_lint import __main__ as program
from tempsafe_lint.configuration.keys import KEYS
from tempsafe_lint.drivers.options import COMMANDS, parser_of, whole_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
OWN_PROCESS = 40

#: These never end, or run what they are given.
LEFT_OUT = {"--watch", "--verify", "--help", "-h"}
COMMANDS_LEFT_OUT = {"server"}

WORDS = (
    *("TMP201", "TMP4", "ALL", "mktemp", "TMP999x", "", "x", "é", "0", "1", "-1", "py312", "3.9", "low", "hint"),
    *("json", "sarif", "a.py", "b.py", "gone.py", "sub", ".", "*.py", "**", "[", "!", "sub/**:TMP2", "pyw:python"),
    *("select=['TMP2']", "select=", "min-severity='high'", "json:out.json", "sarif:", "HEAD", "a=b", "--", "-"),
)
#: What an option can mean, where any word at all would mostly be refused before anything is read.
MEANT = {
    **dict.fromkeys(
        ("select", "extend_select", "ignore", "extend_ignore", "fixable", "unfixable"), ("TMP2", "ALL", "mktemp,TMP4")
    ),
    "extension": ("pyw:python", "txt:ipynb"),
    "per_file_ignores": ("sub/**:TMP2", "*.py:mktemp,TMP4"),
    "jobs": ("1", "2"),
    "config": ("min-severity='high'", "preview=true", "tests=['sub/**']", "base.toml"),
    "target_version": ("py312", "3.9"),
    "stdin_filename": ("x.py", "sub/x.pyi", "nb.ipynb"),
    "output_file": ("json:out.json", "sarif:out.sarif", "-"),
    "exclude": ("sub", "*.pyi"),
    "extend_exclude": ("sub", "/a.py"),
}
CODES = {0, 1, 2, 141}


@dataclass
class Case:
    """One run: files by name, arguments, standard input."""

    files: dict[str, bytes]
    arguments: list[str]
    stdin: bytes = b""
    own_process: bool = False
    code: int = -1
    complaints: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"tempsafe-lint {shlex.join(self.arguments)}  (files {', '.join(self.files)})"


def real_modules() -> list[bytes]:
    """Modules that hold something to check: the tour, our own, the standard library's that make temporaries."""
    library = Path(os.__file__).parent
    folders = (ROOT / "tour", ROOT / "tests" / "runtime", library)
    # Where the two trees stand must not say which comes first: a case is the same everywhere.
    found = [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.py"))]
    return [data for data in found if b"tempfile" in data and len(data) < 60_000]


def case(number: int, seed: int, modules: list[bytes]) -> Case:
    """The case of a number: the same for the same seed."""
    chance = random.Random(f"{seed}/{number}")
    files = {name: _module(chance, modules) for name in ("a.py", "b.py", "sub/c.pyi")[: chance.randint(1, 3)]}
    if chance.random() < 0.5:
        name = chance.choice(["pyproject.toml", "tempsafe-lint.toml"])
        files[name] = _settings(chance, nested=name == "pyproject.toml")
    if chance.random() < 0.2:
        files[chance.choice([".gitignore", "nb.ipynb", "base.toml", ".tempsafe-baseline.json"])] = _noise(chance, 80)
    command = chance.choice([*COMMANDS]) if chance.random() < 0.25 else "check"
    if command in COMMANDS_LEFT_OUT:
        command = "check"
    arguments = _arguments(chance, command)
    stdin = files["a.py"] if chance.random() < 0.5 else _noise(chance, 50)
    return Case(files, arguments, stdin, own_process=number % OWN_PROCESS == 0)


def _noise(chance: random.Random, most: int) -> bytes:
    return bytes(
        chance.choice(b"[]{}()=.,:'\"#\\\n\t\r\x00\xff\xc3\xa9 az09TMP") for _ in range(chance.randrange(most))
    )


def _module(chance: random.Random, modules: list[bytes]) -> bytes:
    kind = chance.random()
    if kind < 0.08:
        return chance.randbytes(chance.randrange(2000))
    if kind < 0.15:
        return b"import tempfile\n" + _noise(chance, 300)
    data = chance.choice(modules)
    if chance.random() < 0.6:  # whole statements, so that what is left is mostly Python
        parts = data.split(b"\n\n\n")
        data = b"\n\n\n".join([parts[0], *chance.choices(parts, k=chance.randint(1, 8))]) + b"\n"
    else:
        start = chance.randrange(len(data)) if chance.random() < 0.3 else 0
        data = data[start : start + chance.randrange(12_000)]
    for _ in range(chance.choice([0, 0, 0, 1, 3])):
        at = chance.randrange(len(data) + 1)
        data = data[:at] + _noise(chance, 4) + data[at + chance.randrange(6) :]
    # NUL and bytes that are no UTF-8 end a file's reading at once: most files are to be read.
    return data if chance.random() < 0.1 else bytes(byte for byte in data if 0 < byte < 0x80)


def _settings(chance: random.Random, *, nested: bool) -> bytes:
    lines = ["[tool.tempsafe-lint]"] if nested or chance.random() < 0.05 else []
    usual = [name for name in KEYS if name not in ("extend", "required-version")]
    for name in chance.sample(usual if chance.random() < 0.9 else list(KEYS), chance.randint(0, 4)):
        value = KEYS[name].example if chance.random() < 0.9 else repr(chance.choice([*WORDS, 1, [], [1], ["TMP"]]))
        lines.append(f"{name} = {value}")
    data = "\n".join(lines).encode() + b"\n"
    return data if chance.random() < 0.9 else data + _noise(chance, 30)


def _arguments(chance: random.Random, command: str) -> list[str]:
    parser = whole_parser() if command == "check" else parser_of(command)
    arguments = [command] if command != "check" or chance.random() < 0.3 else []
    actions = [
        action for action in parser._actions if action.option_strings and LEFT_OUT.isdisjoint(action.option_strings)
    ]
    for action in chance.choices(actions, k=chance.choice([0, 0, 1, 1, 2, 3, 6])) if actions else ():
        arguments.append(chance.choice(action.option_strings))
        if action.nargs == 0 or (action.nargs == "?" and chance.random() < 0.5):
            continue
        meant = action.choices or MEANT.get(action.dest, WORDS)
        arguments.append(str(chance.choice(list(meant if chance.random() < 0.9 else WORDS))))
    paths = ["a.py", ".", "sub", "b.py", "gone.py", "-", "", "é", "--", "nb.ipynb", "create", "TMP201", "vendored"]
    arguments += chance.choices(paths, weights=[9, 9, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1], k=chance.choice([0, 1, 1, 2]))
    return arguments


def run(tried: Case) -> Case:
    """The case with what is wrong about it."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in tried.files.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        code, out = (_apart if tried.own_process else _here)(tried, folder)
    tried.code = code
    if "Traceback (most recent call last)" in out:
        tried.complaints.append("a traceback in the output")
    if "internal error:" in out:
        tried.complaints.append("an internal error")
    if code not in CODES:
        tried.complaints.append(f"exit code {code}")
    if code == 2 and not out.strip():
        tried.complaints.append("exit code 2 without a word")
    if tried.complaints:
        tried.complaints.append(out[-3000:])
    return tried


def _apart(tried: Case, folder: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tempsafe_lint", *tried.arguments],
        cwd=folder,
        input=tried.stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "runtime")])},
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


class _Streams(contextlib.ExitStack):
    """Standard streams of our own, with bytes below them as the real ones have."""

    def __init__(self, stdin: bytes) -> None:
        super().__init__()
        self.written = io.BytesIO()
        out = io.TextIOWrapper(self.written, encoding="utf-8", write_through=True)
        # Two names of one stream: what is said stays in the order it was said.
        self.enter_context(contextlib.redirect_stdout(out))
        self.enter_context(contextlib.redirect_stderr(out))
        before = sys.stdin
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        self.callback(setattr, sys, "stdin", before)
        # argv and the folder are the process's own.
        self.callback(setattr, sys, "argv", sys.argv)
        self.callback(os.chdir, os.getcwd())


def _here(tried: Case, folder: str) -> tuple[int, str]:
    with _Streams(tried.stdin) as streams:
        os.chdir(folder)
        sys.argv = ["tempsafe-lint", *tried.arguments]
        try:
            code = program.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 99
        except BaseException:
            traceback.print_exc()
            code = 99
        return code, streams.written.getvalue().decode("utf-8", "replace")


def failures(runs: int, seed: int, seen: dict[int, int]) -> Iterator[tuple[int, Case]]:
    """The cases with something wrong about them, with their numbers; `seen` counts the exit codes."""
    modules = real_modules()
    for number in range(runs):
        tried = run(case(number, seed, modules))
        seen[tried.code] = seen.get(tried.code, 0) + 1
        if tried.complaints:
            yield number, tried


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="N", help="one case, with all that it says")
    options = parser.parse_args()
    if options.only is not None:
        tried = run(case(options.only, options.seed, real_modules()))
        print(tried, *tried.complaints, sep="\n")
        return int(bool(tried.complaints))
    failed = 0
    seen: dict[int, int] = {}
    for number, tried in failures(options.runs, options.seed, seen):
        failed += 1
        print(f"--only {number} --seed {options.seed}: {tried}", *tried.complaints, "", sep="\n")
    print(f"{options.runs} runs, {failed} failed; exit codes {dict(sorted(seen.items()))}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
