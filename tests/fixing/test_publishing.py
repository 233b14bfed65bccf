"""A file that is written and renamed, run before and after its fix: the same content, mode and exception, no litter."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
import tempsafe

from tempsafe_lint.engine import fix
from tempsafe_lint.findings import Level, Safety
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
GUARDED = f"""{HEAD}    fd, tmp = tempfile.mkstemp(dir=os.path.dirname(target))
    try:
        with os.fdopen(fd, "w", encoding="latin-1", newline="\\r\\n") as out:
            for piece in pieces:
                out.write(piece)
        os.replace(tmp, target)
    except BaseException:
        os.unlink(tmp)
        raise
"""


@pytest.fixture(autouse=True)
def _begun(tmp_path: Path) -> None:
    """The runtime's own descriptors, which it opens once, are there before the first count."""
    with tempsafe.open_atomic(tmp_path / "first"):
        pass


def outcome(text: str, folder: Path, pieces: object, name: object = os.fspath) -> tuple[object, ...]:
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
        namespace["save"](name(target), pieces)  # type: ignore[operator]
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


def test_one_is_safe_where_all_is_the_same(tmp_path: Path) -> None:
    safe = [finding.fix.safety for finding in fix(Source(PAIR, "src/s.py"), Settings(), lambda _: True).applied]
    unsafe = [finding.fix.safety for finding in fix(Source(OBJECT, "src/s.py"), Settings(), lambda _: True).applied]
    assert (safe, unsafe) == ([Safety.SAFE], [Safety.UNSAFE])
    renamed = PAIR.replace("os.replace", "os.rename")  # another thing on Windows
    assert not fix(Source(renamed, "src/s.py"), Settings(), lambda f: f.fix.safety is Safety.SAFE).changed


@pytest.mark.parametrize("before", [PAIR, GUARDED], ids=["pair", "guarded"])
@pytest.mark.parametrize("name", [os.fsencode, Path, os.fspath])
def test_a_target_of_any_kind(before: str, name: object, tmp_path: Path) -> None:
    wanted = Settings(select=("TMP505",), min_confidence=Level.LOW)
    after = fix(Source(before, "src/sample.py"), wanted, lambda _: True).after
    assert "open_atomic" in after and "except" not in after
    assert outcome(before, tmp_path / "a", ["b"], name) == (b"b", 0o600, None, 0)
    assert outcome(after, tmp_path / "b", ["b"], name) == (b"b", 0o640, None, 0)
    assert outcome(after, tmp_path / "c", ["a", 1], name) == (b"old", 0o640, TypeError, 0)


def test_a_target_that_is_a_folder(tmp_path: Path) -> None:
    after = fix(Source(PAIR, "src/sample.py"), Settings(), lambda _: True).after
    for text in (PAIR, after):
        namespace: dict[str, object] = {}
        exec(compile(text, "sample", "exec"), namespace)
        with pytest.raises(IsADirectoryError):
            namespace["save"](os.fspath(tmp_path), ["b"])  # type: ignore[operator]


@pytest.mark.parametrize("before", [PAIR, OBJECT], ids=["pair", "object"])
def test_the_rule_about_modes_keeps_that_of_the_old_file(before: str, tmp_path: Path) -> None:
    wanted = Settings(select=("TMP505",), min_confidence=Level.LOW)
    after = fix(Source(before, "src/sample.py"), wanted, lambda _: True).after
    assert "open_atomic" in after
    assert outcome(after, tmp_path / "a", ["b"]) == (b"b", 0o640, None, 0)


@pytest.mark.parametrize(
    "before",
    [
        PAIR.replace("    os.replace", "    os.chmod(path, 0o604)\n    os.replace"),
        PAIR.replace("    os.replace", "        os.fchmod(out.fileno(), 0o604)\n    os.replace"),
        OBJECT.replace("    os.rename", "    os.chmod(out.name, mode=0o604)\n    os.rename"),
        OBJECT.replace("    os.rename", "        os.chmod(out.name, 0o604)\n    os.rename"),
    ],
    ids=["pair, behind", "pair, in it", "object, behind", "object, in it"],
)
def test_the_mode_that_is_set_goes_along(before: str, tmp_path: Path) -> None:
    report = fix(Source(before, "src/sample.py"), Settings(), lambda _: True)
    assert "perms=0o604" in report.after and "chmod" not in report.after
    assert [finding.fix.safety for finding in report.applied if finding.fix is not None] == [Safety.UNSAFE]
    for number, text in enumerate((before, report.after)):
        assert outcome(text, tmp_path / str(number), ["b"]) == (b"b", 0o604, None, 0)
    assert outcome(report.after, tmp_path / "fails", ["a", 1]) == (b"old", 0o640, TypeError, 0)


OTHER_CHANGES = [
    "    os.chmod(path, os.stat(target).st_mode)",
    "    os.chmod(path, 0o600 if pieces else 0o644)",
    "    os.chmod(path, handle)",
    "    os.chmod(path, (mode := 0o644))",
    "    os.chmod(path, 0o644, follow_symlinks=False)",
    "    os.chmod(target, 0o644)",
    "    os.chmod(path, 0o666 | 0o100)",
    "    os.chmod(path, 0o600)\n    os.chmod(path, 0o644)",
    "        os.fchmod(pieces.fileno(), 0o644)",
    "        if pieces:\n            os.fchmod(out.fileno(), 0o644)",
    "        mode = 0o644\n        os.fchmod(out.fileno(), mode)",
    "        import stat\n        os.fchmod(out.fileno(), stat.S_IRUSR)",
    "        os.fchmod(out.fileno(), 0o644)\n        out.write('')",
]


@pytest.mark.parametrize("change", OTHER_CHANGES)
def test_another_change_of_a_mode_stays(change: str) -> None:
    before = PAIR.replace("    os.replace", f"{change}\n    os.replace")
    report = fix(Source(before, "src/sample.py"), Settings(), lambda _: True)
    assert "open_atomic" not in report.after
    assert "chmod(" in report.after
