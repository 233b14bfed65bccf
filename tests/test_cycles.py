"""What a file left behind goes by itself: runs switch Python's search for cycles off (`drivers/work.py`)."""

from __future__ import annotations

import gc
import os
from collections import Counter
from pathlib import Path

import pytest

from tempsafe_lint import engine
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

#: Released code that makes temporaries.
FILES = [
    Path(os.__file__).parent / name for name in ("tempfile.py", "pydoc.py", "ctypes/util.py", "multiprocessing/util.py")
]
PROGRAM = """\
import os, tempfile
def keep(path):
    os.unlink(path)
class Job:
    def run(self):
        name = tempfile.mktemp()
        with open(name, "w") as f:
            f.write("x")
        keep(name)
        return [n for n in os.listdir("/tmp")]
"""


def _held_by_itself(text: str, *, mend: bool, parts: bool) -> Counter[str]:
    """The sorts of objects, of ours and of libcst, that only a search for cycles could free."""
    source, settings = Source.from_text(text, "a.py"), Settings()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        if mend:
            engine.fix(source, settings, lambda _: True)
        else:
            engine.lint(source, settings, parts=parts)
        gc.collect()
        ours = (type(one) for one in gc.garbage if type(one).__module__.startswith(("tempsafe_lint", "libcst")))
        return Counter(cls.__name__ for cls in ours)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("parts", [True, False], ids=["parts", "whole"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_that_was_read_holds_nothing_of_itself(file: Path, parts: bool) -> None:
    assert not _held_by_itself(file.read_text(encoding="utf-8"), mend=False, parts=parts)


def test_neither_does_one_that_was_mended() -> None:
    assert not _held_by_itself(PROGRAM, mend=True, parts=True)
