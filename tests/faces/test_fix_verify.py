"""`--verify`: a command of the project proves the fixes; what it fails with is taken back, and named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Program
from tests.faces.forked import Forked

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX shell")

TWO = """\
import tempfile


def folder():
    work = tempfile.mkdtemp()
    return len(work)


def name():
    path = tempfile.mktemp()
    return len(path)
"""
#: Says in a file which process it is, and does not end.
HANGS = "echo $$ > started.new; mv started.new started; sleep 60"
PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = []\n'


@pytest.fixture
def project(program: Program) -> Program:
    """Three modules with two defects each, and a manifest."""
    (program.folder / "pyproject.toml").write_text(PROJECT)
    for name in "abc":
        (program.folder / f"{name}.py").write_text(TWO)
    return Forked(program.environment, program.folder)


def _state(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file with its text and its time of change."""
    return {path.name: (path.read_text(), path.stat().st_mtime_ns) for path in folder.iterdir() if path.is_file()}


def test_all_stays_that_the_command_passes_with(project: Program) -> None:
    result = project("--fix", "--verify", "test -d .tempsafe_undo && ! grep -q 'tempfile.mk' a.py b.py c.py")
    assert (result.code, result.out) == (0, "Found 6 errors (6 fixed, 0 remaining).\n")
    assert not (project.folder / ".tempsafe_undo").exists()


def test_the_guilty_fix_alone_is_taken_back(project: Program) -> None:
    command = "grep -q tempfile.mktemp b.py || { echo boo; exit 3; }"
    result = Program(project.environment, project.folder)("--fix", "--output-format=concise", "--verify", command)
    assert result.code == 1
    assert [line[:20] for line in result.lines[:-1]] == ["b.py:12:12: TMP201 `"]
    assert result.lines[-1] == "Found 6 errors (5 fixed, 1 remaining)."
    assert result.err.splitlines() == [
        f"note: `{command}` fails with the fixes (exit code 3)",
        "  boo",
        f"note: rolled back: TMP201 at b.py:10:12: `{command}` fails with it (exit code 3)",
        "note: declared `tempsafe>=0.1.0` in pyproject.toml",
    ]
    text = (project.folder / "b.py").read_text()
    assert "tempsafe.mkdtemp()" in text
    assert "tempfile.mktemp()" in text


def test_python_is_never_fooled_by_bytecode_of_another_version(project: Program) -> None:
    """All versions of a file may be written in one second and have one size: they are told apart all the same."""
    for name in "abc":
        (project.folder / f"{name}.py").write_text("import tempfile\nwork = tempfile.mkdtemp()\n")
    (project.folder / "tempsafe.py").write_text("from tempfile import *\n")
    code = "import b, sys; sys.exit('tempsafe' in sys.modules)"
    command = f"{sys.executable} -c 'import a, c' && {sys.executable} -c \"{code}\""
    project.command(sys.executable, "-c", "import a, b, c")()
    result = project("--fix", "--unsafe-fixes", "--verify", command, "a.py", "b.py", "c.py")
    assert [line for line in result.err.splitlines() if "rolled back" in line] == [
        f"note: rolled back: TMP402 at b.py:2:8: `{command}` fails with it (exit code 1)"
    ]
    assert [(project.folder / f"{name}.py").read_text()[:15] for name in "abc"] == [
        "import tempsafe",
        "import tempfile",
        "import tempsafe",
    ]


def test_where_nothing_can_stay_nothing_is_changed(project: Program) -> None:
    before = _state(project.folder)
    result = project("--fix", "--verify", "! grep -q tempsafe a.py b.py c.py pyproject.toml")
    assert result.code == 1
    assert result.err.count("note: rolled back: ") == 6
    assert result.err.splitlines()[-1].startswith("note: is `tempsafe` installed where ")
    assert _state(project.folder) == before, "not even the times"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("false", "`false` fails without any fix, too (exit code 1); nothing was changed"),
        ("no-such-program -q", "`no-such-program -q` could not be run: "),
    ],
)
def test_a_command_that_can_tell_nothing(project: Program, command: str, said: str) -> None:
    before = _state(project.folder)
    result = project("--fix", "--verify", command)
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines()[-1].startswith(f"error: {said}")
    assert result.err.endswith("nothing was changed\n")
    assert _state(project.folder) == before


def test_the_command_may_stand_in_the_settings(project: Program) -> None:
    none = project("--fix", "a.py", "--verify")
    assert (none.code, none.err[:50]) == (2, "error: command line: `--verify` needs a command, h")
    (project.folder / "tempsafe-lint.toml").write_text("verify = 'touch ran'\n")
    assert project("--fix", "a.py", "--verify").code == 0
    assert (project.folder / "ran").exists()


def test_without_fixes_there_is_nothing_to_verify(project: Program) -> None:
    alone = project("--verify", "true")
    assert (alone.code, alone.out) == (2, "")
    (project.folder / "d.py").write_text("x = 1\n")
    assert project("--fix", "--verify", "touch ran", "d.py").code == 0
    assert not (project.folder / "ran").exists()


def _until(path: Path) -> None:
    limit = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < limit, f"{path} did not appear"
        time.sleep(0.02)


def _gone(group: int) -> None:
    """The command is gone, and all that it started: at once, but for who has to take note of the dead."""
    limit = time.monotonic() + 30
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < limit:
            os.killpg(group, 0)
            time.sleep(0.02)


def _under_way(project: Program, command: str) -> subprocess.Popen[bytes]:
    """A run whose command has begun, in a group of its own as a shell would start it."""
    process = subprocess.Popen(
        [*project.prefix, "--fix", "--verify", command],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _until(project.folder / "started")
    return process


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143)],
    ids=lambda value: str(value),
)
def test_an_interrupted_run_puts_everything_back(project: Program, number: signal.Signals, code: int) -> None:
    before = _state(project.folder)
    process = _under_way(project, HANGS)
    assert "tempsafe" in (project.folder / "a.py").read_text(), "the fixes are on the disk while the command runs"
    shell = int((project.folder / "started").read_text())
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    (project.folder / "started").unlink()
    assert (process.returncode, out, err) == (code, b"", b"")
    assert _state(project.folder) == before
    assert sorted(os.listdir(project.folder)) == sorted(before)
    _gone(shell)


def test_a_killed_run_is_undone_by_the_next(project: Program) -> None:
    """SIGKILL while the command runs: the old texts are beside the files, and a file edited since is left alone."""
    before = _state(project.folder)
    process = _under_way(project, HANGS)
    process.kill()
    process.communicate(timeout=60)
    os.killpg(int((project.folder / "started").read_text()), signal.SIGKILL)
    edited = (project.folder / "c.py").read_text() + "# edited since\n"
    (project.folder / "c.py").write_text(edited)
    assert project("a.py").code == 0, "a run that writes nothing leaves it"
    (project.folder / "started").unlink()
    result = project("--fix", "--fixable", "TMP9", "-q", "a.py")
    said = result.err.splitlines()
    assert sorted(said[:3]) == [
        f"note: {name}: put back as it was before a run that was killed" for name in ("a.py", "b.py", "pyproject.toml")
    ]
    assert said[3] == (
        "note: c.py: not put back as before a run that was killed: it was changed since; "
        "its old text is in .tempsafe_undo.1/3"
    )
    assert (project.folder / ".tempsafe_undo.1" / "3").read_text() == before["c.py"][0]
    assert (project.folder / "c.py").read_text() == edited
    for name in ("a.py", "b.py", "pyproject.toml"):
        assert (project.folder / name).read_text() == before[name][0]
    assert not (project.folder / ".tempsafe_undo").exists()
