"""Uses of every public name, for mypy and pyright (test_typing.py). Never run.

A line marked `# wrong` must be an error to both; any other error, or a missing one, fails the test.
"""

import os
import pathlib
from typing import IO, Any

import tempsafe
from typing_extensions import assert_type


def drop_ins(path: pathlib.Path, raw: os.PathLike[bytes], mode: str) -> None:
    assert_type(tempsafe.mktemp(), str)
    assert_type(tempsafe.mktemp(".txt", "pre", path, delete=False), str)
    assert_type(tempsafe.mkstemp(), tuple[int, str])
    assert_type(tempsafe.mkstemp(".txt", dir=path, text=True), tuple[int, str])
    assert_type(tempsafe.mkstemp(b".txt"), tuple[int, bytes])
    assert_type(tempsafe.mkstemp(dir=raw, delete=False), tuple[int, bytes])
    assert_type(tempsafe.mkdtemp(), str)
    assert_type(tempsafe.mkdtemp(dir=path), str)
    assert_type(tempsafe.mkdtemp(prefix=b"x"), bytes)
    assert_type(tempsafe.NamedTemporaryFile().read(), bytes)
    assert_type(tempsafe.NamedTemporaryFile("w").write("x"), int)
    assert_type(tempsafe.NamedTemporaryFile("r+", suffix=".x", delete="exit").readline(), str)
    assert_type(tempsafe.NamedTemporaryFile(mode).read(), Any)
    with tempsafe.NamedTemporaryFile("w+t", dir=path, delete_on_close=False) as file:
        file.write("text")
        assert_type(file.name, str)
        assert_type(file.file, IO[str])
        for line in file:
            assert_type(line, str)
        takes_text(file)
    assert_type(tempsafe.TemporaryDirectory(), tempsafe.TemporaryDirectory[str])
    assert_type(tempsafe.TemporaryDirectory(b"x").name, bytes)
    with tempsafe.TemporaryDirectory("s", "p", path, True, delete=False) as name:
        assert_type(name, str)


def additions(path: pathlib.Path) -> None:
    with tempsafe.open_atomic(path) as text:
        assert_type(text, IO[str])
    with tempsafe.open_atomic("x", "w+b", overwrite=False, durable=False, perms=0o640) as binary:
        assert_type(binary, IO[bytes])
    assert_type(tempsafe.user_path("socket", app="demo", lifetime="session"), str)
    assert_type(tempsafe.keep("/tmp/x"), str)
    assert_type(tempsafe.keep(b"/tmp/x"), bytes)
    assert_type(tempsafe.keep(path), str)
    assert_type(tempsafe.keep(tempsafe.TemporaryDirectory(b"x")), bytes)
    assert_type(tempsafe.keep(tempsafe.NamedTemporaryFile()), str)
    assert_type(tempsafe.sweep(dry_run=True), list[str])
    tempsafe.cleanup_on_signals(15, 1)
    try:
        tempsafe.mktemp()
    except tempsafe.UnsafePathError as error:
        assert_type(error.errno, int | None)


def takes_text(file: IO[str]) -> None:
    file.write("x")


def mistakes() -> None:
    tempsafe.mktemp(suffix=b".txt")  # wrong
    tempsafe.mkstemp(".txt", b"pre")  # wrong
    tempsafe.NamedTemporaryFile(delete="never")  # wrong
    tempsafe.NamedTemporaryFile("w").write(b"x")  # wrong
    tempsafe.TemporaryDirectory(ignore=True)  # wrong
    tempsafe.open_atomic("x", "a")  # wrong
    tempsafe.open_atomic("x", "wb", encoding="utf-8")  # wrong
    tempsafe.user_path("x")  # wrong
    tempsafe.user_path("x", app="a", lifetime="always")  # wrong
    tempsafe.keep(3)  # wrong
    tempsafe.sweep(True)  # wrong
    tempsafe.cleanup_on_signals("SIGTERM")  # wrong
