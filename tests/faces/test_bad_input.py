"""Files that cannot be read or understood: one clear line each, and the others are linted all the same."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Program

GOOD = "import tempfile\nx = tempfile.mktemp()\n"
NEEDLE = b"import tempfile\nx = tempfile.mktemp()\n"


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere.py")


def _directory(path: Path) -> None:
    path.mkdir()


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _pipe(path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes on this system")
    os.mkfifo(path)


def _missing(path: Path) -> None:
    assert not path.exists()


def _bytes(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


BAD: dict[str, tuple[str, Callable[[Path], None]]] = {
    "syntax error": ("TMP900", _bytes(NEEDLE + b"def f(:\n")),
    "python 2": ("TMP900", _bytes(NEEDLE + b"print 'hello'\n")),
    "python 2 except": ("TMP900", _bytes(NEEDLE + b"try:\n    pass\nexcept OSError, e:\n    print e\n")),
    "unfinished string": ("TMP900", _bytes(NEEDLE + b'y = """\n')),
    "bad dedent": ("TMP900", _bytes(NEEDLE + b"if x:\n        a = 1\n    b = 2\n")),
    "binary": ("TMP901", _bytes(b"\x7fELF\x02\x01\x01\x00\x00\x00" + NEEDLE)),
    "undecodable": ("TMP901", _bytes(NEEDLE + b"# caf\xe9\n")),
    "wrong cookie": ("TMP901", _bytes(b"# coding: klingon\n" + NEEDLE)),
    "utf-16": ("TMP901", _bytes(NEEDLE.decode().encode("utf-16"))),
    "not a text encoding": ("TMP901", _bytes(b"# coding: rot13\n" + NEEDLE)),
    "very deep": ("TMP900", _bytes(NEEDLE + b"y = " + b"(" * 5000 + b")" * 5000 + b"\n")),
    "very long chain": ("TMP900", _bytes(NEEDLE + b"y = " + b"x + " * 50_000 + b"x\n")),
    "deep blocks": (
        "TMP900",
        _bytes(NEEDLE + b"".join(b" " * depth + b"if x:\n" for depth in range(3000)) + b" " * 3000 + b"pass\n"),
    ),
    "dangling link": ("TMP901", _dangling),
    "link to itself": ("TMP901", _loop),
    "directory": ("TMP901", _directory),
    "named pipe": ("TMP901", _pipe),
    "missing": ("TMP901", _missing),
}


@pytest.mark.parametrize("mode", [(), ("--fix",)], ids=["check", "fix"])
@pytest.mark.parametrize("case", BAD)
def test_one_line_and_the_others_go_on(program: Program, case: str, mode: tuple[str, ...]) -> None:
    code, make = BAD[case]
    bad, good = program.folder / "bad.py", program.folder / "good.py"
    make(bad)
    good.write_text(GOOD)
    before = bad.read_bytes() if bad.is_file() else None
    result = program("--output-format", "concise", "-q", *mode, "bad.py", "good.py")
    about_bad = [line for line in result.lines if line.startswith("bad.py:")]
    assert len(about_bad) == 1, result
    assert about_bad[0].split(" ")[1] == code
    assert len(about_bad[0]) > len("bad.py:1:1: TMP901 ") + 5, "the line says what is wrong"
    assert result.code == 1
    assert "Traceback" not in result.out + result.err
    assert (bad.read_bytes() if bad.is_file() else None) == before
    if mode:
        assert "tempsafe.mktemp(" in good.read_text()
    else:
        assert [line for line in result.lines if line.startswith("good.py:2:5: TMP201 ")]


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", b"\r", b"# only a comment"])
def test_empty_files_are_clean(program: Program, data: bytes) -> None:
    (program.folder / "a.py").write_bytes(data)
    result = program("a.py")
    assert (result.code, result.out) == (0, "All checks passed!\n")


@pytest.mark.skipif(sys.platform == "win32", reason="modes do not keep anybody from reading on Windows")
def test_unreadable_file(program: Program) -> None:
    path = program.folder / "secret.py"
    path.write_text(GOOD)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    result = program("--output-format", "concise", "secret.py")
    assert result.lines[0] == "secret.py:1:1: TMP901 permission denied"
    assert result.code == 1


def test_bad_files_in_a_walk(program: Program) -> None:
    for case, name in (("dangling link", "a.py"), ("directory", "b.py"), ("binary", "c.py"), ("syntax error", "d.py")):
        BAD[case][1](program.folder / name)
    (program.folder / "e.py").write_text(GOOD)
    result = program("--output-format", "concise", "-q")
    found = [(line.split(":")[0], line.split(" ")[1]) for line in result.lines]
    assert found == [("a.py", "TMP901"), ("b.py", "TMP901"), ("c.py", "TMP901"), ("d.py", "TMP900"), ("e.py", "TMP201")]


def test_a_syntax_error_that_nobody_asked_about_is_not_ours(program: Program) -> None:
    (program.folder / "a.py").write_text("def f(:\n")
    assert program("a.py").code == 0


def test_notebooks_are_never_called_clean(program: Program) -> None:
    (program.folder / "nb.ipynb").write_text('{"cells": []}')
    named = program("--output-format", "concise", "nb.ipynb")
    assert named.lines[0] == "nb.ipynb:1:1: TMP901 notebooks are not read yet"
    assert named.code == 1
    walked = program()
    assert walked.err == "note: nb.ipynb: notebooks are not read yet\n"
    assert walked.out == "No errors found, but 1 notebook was not read.\n"
    stdin = program("--output-format", "concise", "--stdin-filename", "nb.ipynb", "-", stdin="{}")
    assert stdin.lines[0] == "nb.ipynb:1:1: TMP901 notebooks are not read yet"


def test_ignored_codes_of_the_tool(program: Program) -> None:
    BAD["binary"][1](program.folder / "a.py")
    assert program("--ignore", "TMP901", "a.py").code == 0
    assert program("--select", "TMP201", "a.py").code == 1


def test_a_large_file(program: Program) -> None:
    (program.folder / "big.py").write_bytes(b"x = 1  # nothing to see\n" * 450_000)
    assert program("big.py").out == "All checks passed!\n"
