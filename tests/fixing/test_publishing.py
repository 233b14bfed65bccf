"""A file that is written and renamed, run before and after its fix: the same content, mode and exception, no litter."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
import tempsafe

from tempsafe_lint.engine import fix
from tempsafe_lint.findings import Level
from tempsafe_lint.models.catalogue import policies
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of files mean something else there")


def test_the_modes_are_those_of_the_runtime() -> None:
    from tempsafe._publish import _MODES

    assert policies().publishing["modes"] == frozenset(_MODES)


HEAD = "import os\nimport tempfile\n\n\ndef save(target, pieces):\n"
BODY = "        for piece in pieces:\n            out.write(piece)\n"
PAIR = f"""{HEAD}    handle, path = tempfile.mkstemp(dir=os.path.dirname(target))
    with os.fdopen(handle, "w", encoding="latin-1", newline="\\r\\n") as out:
{BODY}    os.replace(path, target)
"""
OBJECT = f"""{HEAD}    folder = os.path.dirname(target)
    with tempfile.NamedTemporaryFile("w", -1, "latin-1", "\\r\\n", dir=folder, delete=False) as out:
{BODY}    os.rename(out.name, target)
"""


@pytest.fixture(autouse=True)
def _begun(tmp_path: Path) -> None:
    """The runtime's own descriptors, which it opens once, are there before the first count."""
    with tempsafe.open_atomic(tmp_path / "first"):
        pass


def outcome(text: str, folder: Path, pieces: object) -> tuple[object, ...]:
    """What is at the target, its mode, the exception, and how many files were left beside it."""
    folder.mkdir()
    target = folder / "target"
    target.write_bytes(b"old")
    target.chmod(0o640)
    namespace: dict[str, object] = {}
    exec(compile(text, "sample", "exec"), namespace)
    before = len(os.listdir("/dev/fd"))
    raised = None
    try:
        namespace["save"](os.fspath(target), pieces)  # type: ignore[operator]
    except Exception as error:
        raised = type(error)
    assert len(os.listdir("/dev/fd")) == before
    mode = stat.S_IMODE(target.stat().st_mode)
    return target.read_bytes(), mode, raised, len(list(folder.iterdir())) - 1


@pytest.mark.parametrize("before", [PAIR, OBJECT], ids=["pair", "object"])
def test_it_does_the_same_and_leaves_nothing(before: str, tmp_path: Path) -> None:
    after = fix(Source(before, "src/sample.py"), Settings(), lambda _: True).after
    assert "open_atomic" in after and "tempfile" not in after
    fine = (b"\xe9\r\nb", 0o600, None, 0)
    assert outcome(before, tmp_path / "a", ["\xe9\n", "b"]) == fine
    assert outcome(after, tmp_path / "b", ["\xe9\n", "b"]) == fine
    assert outcome(before, tmp_path / "c", ["a", 1]) == (b"old", 0o640, TypeError, 1)
    assert outcome(after, tmp_path / "d", ["a", 1]) == (b"old", 0o640, TypeError, 0)


@pytest.mark.parametrize("before", [PAIR, OBJECT], ids=["pair", "object"])
def test_the_rule_about_modes_keeps_that_of_the_old_file(before: str, tmp_path: Path) -> None:
    wanted = Settings(select=("TMP505",), min_confidence=Level.LOW)
    after = fix(Source(before, "src/sample.py"), wanted, lambda _: True).after
    assert "open_atomic" in after
    assert outcome(after, tmp_path / "a", ["b"]) == (b"b", 0o640, None, 0)
