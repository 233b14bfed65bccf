"""Fixing while something else happens: another run, a full disk, a kill. One clear line, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tempsafe_lint.drivers import lock, work
from tempsafe_lint.drivers.disk import Disk
from tempsafe_lint.drivers.transaction import Policy, Settling, commit
from tempsafe_lint.findings import Safety
from tempsafe_lint.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import Program

ROOT = Path(__file__).resolve().parent.parent.parent
DEFECT = "import tempfile\n\nx = tempfile.mktemp()\n"
MENDED = "import tempsafe\n\nx = tempsafe.mktemp(delete=False)\n"
PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["requests"]\n'


@pytest.fixture
def tree(program: Program) -> Program:
    """Eight modules and a manifest."""
    (program.folder / ".git").mkdir()
    (program.folder / "pyproject.toml").write_text(PROJECT)
    for number in range(8):
        (program.folder / f"m{number:02}.py").write_text(DEFECT)
    return program


def _texts(folder: Path) -> set[str]:
    return {path.read_text() for path in folder.glob("m*.py")}


def _started(program: Program, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*program.prefix, *arguments],
        cwd=program.folder,
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_runs_at_once(tree: Program) -> None:
    """One waits for the other; then there is nothing left to do, and the dependency is declared once."""
    runs = [_started(tree, "--fix") for _ in range(2)]
    said = sorted((run.communicate(timeout=120), run.returncode) for run in runs)
    assert said == [
        (("All checks passed!\n", ""), 0),
        (("Found 8 errors (8 fixed, 0 remaining).\n", "note: declared `tempsafe>=0.1.0` in pyproject.toml\n"), 0),
    ]
    assert _texts(tree.folder) == {MENDED}
    assert (tree.folder / "pyproject.toml").read_text().count("tempsafe") == 1


def test_a_manifest_that_changes_underneath(tmp_path: Path) -> None:
    """Between reading and writing somebody else edits it: their edit stays, and the fixes that need it wait."""
    code, manifest = tmp_path / "a.py", tmp_path / "pyproject.toml"
    code.write_text(DEFECT)
    manifest.write_text(PROJECT)
    outcome = work.check(work.Task("a.py", str(code), "a.py", Settings(), (Safety.SAFE,)))
    settled = Settling(Policy()).settle([outcome])
    assert list(settled.manifests) == [str(manifest)]
    manifest.write_text(PROJECT + "# edited\n")
    said: list[str] = []
    assert not commit(settled, Disk(), lambda kind, text: said.append(f"{kind}: {text}"))
    why = "it was changed by somebody else since it was read"
    assert said == [f"error: {manifest}: not changed: {why}"]
    assert settled.outcomes[0].report.findings[0].unfixed == (
        f"it needs `tempsafe>=0.1.0`, which cannot be declared in {manifest}: {why}"
    )
    assert (code.read_text(), manifest.read_text()) == (DEFECT, PROJECT + "# edited\n")


def test_a_run_that_waits_in_vain(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom tempsafe_lint.drivers import lock\n"
        "with lock.alone(sys.argv[1]):\n    print('mine', flush=True)\n    sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mine\n"
        with pytest.raises(lock.Busy) as said, lock.alone(str(tmp_path), patience=0.1):
            pytest.fail("both have the lock")
        assert str(said.value) == f"another run is fixing files in {tmp_path}; nothing was changed"
        with lock.alone(str(tmp_path / "another tree"), patience=0.1):
            pass
    finally:
        holder.communicate("", timeout=60)
    with lock.alone(str(tmp_path), patience=0.1):
        pass


def test_a_lock_dies_with_its_holder(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom tempsafe_lint.drivers import lock\n"
        "lock.alone(sys.argv[1]).__enter__()\nos.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT, check=False)
    with lock.alone(str(tmp_path), patience=0.1):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed as on POSIX")
def test_a_run_that_is_killed_while_it_writes(tree: Program) -> None:
    """Every file is wholly old or wholly new, and whatever new code imports is declared before."""
    run = _started(tree, "--fix")
    manifest = tree.folder / "pyproject.toml"
    limit = time.monotonic() + 60
    while manifest.read_text() == PROJECT and time.monotonic() < limit:
        pass
    run.kill()
    run.communicate(timeout=60)
    assert manifest.read_text() == PROJECT.replace('"requests"', '"requests", "tempsafe>=0.1.0"')
    assert _texts(tree.folder) <= {DEFECT, MENDED}
    assert tree("--fix", "-q").code == 0
    assert _texts(tree.folder) == {MENDED}
    assert sorted(os.listdir(tree.folder)) == sorted([".git", "pyproject.toml", *(f"m{n:02}.py" for n in range(8))])


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    mount = shutil.which("mount")
    if mount is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root makes a small disk")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no small disk can be made here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("declared", [True, False])
def test_a_full_disk(program: Program, declared: bool) -> None:
    folder = program.folder / "disk"
    folder.mkdir()
    with _small_disk(folder):
        (folder / ".git").mkdir()
        manifest = PROJECT.replace('"requests"', '"requests", "tempsafe"') if declared else PROJECT
        (folder / "pyproject.toml").write_text(manifest)
        (folder / "m1.py").write_text(DEFECT)
        with contextlib.suppress(OSError), open(folder / "filler", "wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
        before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        result = program.within(folder)("--fix", "m1.py")
        after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert result.code == 2
    first = "m1.py: not fixed" if declared else "pyproject.toml: not changed"
    assert result.err == f"error: {first}: no space left on device\n"
    assert "m1.py:3:5: TMP201" in result.out, "what is wrong is still reported"
    assert ("which cannot be declared in pyproject.toml: no space left on device" in result.out) is not declared
    assert after == before
