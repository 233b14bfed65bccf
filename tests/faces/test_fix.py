"""Writing: only what is mended changes, whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tempsafe_lint.drivers import write

if TYPE_CHECKING:
    from tests.conftest import Program

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links are those of POSIX")

ROOT = Path(__file__).resolve().parent.parent.parent

LAYOUTS = {
    "lf": b"import tempfile\nx = tempfile.mktemp()\ny = 1\n",
    "crlf": b"import tempfile\r\nx = tempfile.mktemp()\r\ny = 1\r\n",
    "mixed": b"import tempfile\r\nx = tempfile.mktemp()\ny = 1\r\n",
    "no final newline": b"import tempfile\nx = tempfile.mktemp()",
    "crlf, no final newline": b"import tempfile\r\nx = tempfile.mktemp()",
    "bom": b"\xef\xbb\xbfimport tempfile\nx = tempfile.mktemp()\n",
    "latin-1": b"# -*- coding: latin-1 -*-\n\nimport tempfile\nx = tempfile.mktemp(), '\xe9'\n",
    "cp1252 crlf": b"# coding: cp1252\r\n\r\nimport tempfile\r\nx = tempfile.mktemp()  # \x80\r\n",
    "tabs and odd spaces": b"import tempfile\nif 1:\n\tx = tempfile.mktemp( )\t# \xc2\xa0 \xe2\x80\xa8\x0c\n\ty = 1 \n",
}


def _mended_by_hand(before: bytes) -> bytes:
    """What any right fix must give: callee and import swapped; a name of the module may be used elsewhere."""
    swapped = before.replace(b"import tempfile", b"import tempsafe")
    return swapped.replace(b"tempfile.mktemp(", b"tempsafe.mktemp(delete=False")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_bytes_elsewhere_stay(program: Program, layout: str) -> None:
    path = program.folder / "a.py"
    path.write_bytes(LAYOUTS[layout])
    result = program("--fix", "a.py")
    assert (result.code, result.out) == (0, "Found 1 error (1 fixed, 0 remaining).\n")
    assert path.read_bytes() == _mended_by_hand(LAYOUTS[layout])
    again = program("--fix", "a.py")
    assert (again.code, again.out) == (0, "All checks passed!\n")
    assert path.read_bytes() == _mended_by_hand(LAYOUTS[layout])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_diff_is_a_patch_that_git_takes(program: Program, layout: str) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("needs git")
    folder = program.folder / "sub dir"
    folder.mkdir()
    path = folder / "a b.py"
    path.write_bytes(LAYOUTS[layout])
    patch = program.raw("--diff")
    assert patch.returncode == 1
    assert patch.stderr.decode() == "Would fix 1 error.\n"
    assert path.read_bytes() == LAYOUTS[layout], "nothing is written"
    config = ["-c", "core.autocrlf=false", "-c", "core.safecrlf=false"]
    done = subprocess.run(
        [git, *config, "apply", "--whitespace=nowarn", "-"],
        input=patch.stdout,
        cwd=program.folder,
        capture_output=True,
        env=program.environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert path.read_bytes() == _mended_by_hand(LAYOUTS[layout])
    empty = program.raw("--diff")
    assert (empty.returncode, empty.stdout) == (0, b"")


def test_diff_wins_over_fix(program: Program) -> None:
    (program.folder / "a.py").write_bytes(LAYOUTS["lf"])
    assert program("--fix", "--diff", "a.py").out.startswith("--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n")
    assert (program.folder / "a.py").read_bytes() == LAYOUTS["lf"]


def test_diff_keeps_unreadable_files_off_the_patch(program: Program) -> None:
    (program.folder / "bad.py").write_bytes(b"\0")
    result = program("--diff", "bad.py")
    assert (result.code, result.out) == (1, "")
    assert result.err == "bad.py:1:1: TMP901 contains NUL bytes: not Python source\n"


@posix
@pytest.mark.parametrize("mode", [0o755, 0o640, 0o600, 0o4755])
def test_mode_stays(program: Program, mode: int) -> None:
    path = program.folder / "a.py"
    path.write_bytes(LAYOUTS["lf"])
    path.chmod(mode)
    assert program("--fix", "a.py").code == 0
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_a_link_stays_a_link(program: Program) -> None:
    (program.folder / "real").mkdir()
    real, link = program.folder / "real" / "a.py", program.folder / "link.py"
    real.write_bytes(LAYOUTS["lf"])
    link.symlink_to("real/a.py")
    assert program("--fix", "link.py").code == 0
    assert os.readlink(link) == "real/a.py"
    assert real.read_bytes() == _mended_by_hand(LAYOUTS["lf"])
    assert sorted(os.listdir(real.parent)) == ["a.py"]


@posix
def test_a_read_only_file_is_left(program: Program) -> None:
    path = program.folder / "a.py"
    path.write_bytes(LAYOUTS["lf"])
    path.chmod(0o444)
    result = program("--fix", "--output-format", "concise", "a.py")
    assert result.err == "error: a.py: not fixed: it is read-only\n"
    assert result.code == 2
    assert result.lines[0].startswith("a.py:2:5: TMP201 "), "what is wrong is still reported"
    assert path.read_bytes() == LAYOUTS["lf"]


@posix
def test_no_room_on_the_disk(program: Program) -> None:
    """A limit on the size of files stands for a full disk: the write stops half-way."""
    path = program.folder / "a.py"
    padding = b"# padding\n" * 2000
    path.write_bytes(LAYOUTS["lf"] + padding)
    limited = (
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "sys.dont_write_bytecode = True\nfrom tempsafe_lint.__main__ import main\nsys.exit(main())\n"
    )
    result = program.command(sys.executable, "-c", limited)("--fix", "-q", "--output-format", "concise", "a.py")
    assert result.err == "error: a.py: not fixed: file too large\n"
    assert result.code == 2
    assert path.read_bytes() == LAYOUTS["lf"] + padding
    assert sorted(os.listdir(program.folder)) == ["a.py", "pyproject.toml"], "nothing half-written is left"


@posix
def test_a_read_only_folder(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"before")
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(write.NotWritten, match="permission denied"):
            write.replace(str(path), b"before", b"after")
        assert path.read_bytes() == b"before"
    finally:
        tmp_path.chmod(0o755)


@posix
def test_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"before")
    try:
        os.chown(path, 12345, 54321)
    except PermissionError:
        pytest.skip("only root gives files away")
    write.replace(str(path), b"before", b"after")
    assert (path.stat().st_uid, path.stat().st_gid, path.read_bytes()) == (12345, 54321, b"after")


def test_writing_uses_the_carried_runtime_under_a_private_name(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"before")
    code = (
        "import sys\nfrom tempsafe_lint.drivers import write\n"
        "write.replace(sys.argv[1], b'before', b'after')\n"
        "print('tempsafe' in sys.modules, 'tempsafe_lint._tempsafe' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
    assert path.read_bytes() == b"after"


def test_a_file_that_changed_meanwhile_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"somebody else's")
    with pytest.raises(write.NotWritten, match="changed"):
        write.replace(str(path), b"what was read", b"mended")
    assert path.read_bytes() == b"somebody else's"


def test_unsafe_fixes_are_counted_and_held_back(program: Program) -> None:
    """What the three states of `unsafe-fixes` apply and say; the defect has an unsafe fix or none at all."""
    text = "import tempfile\nx = tempfile.mktemp()\n"
    (program.folder / "a.py").write_text(text)
    hinted = program("a.py").lines[-1]
    assert hinted.startswith("[*] 1 fixable with the `--fix` option")
    (program.folder / "pyproject.toml").write_text("[tool.tempsafe-lint]\nunsafe-fixes = false\n")
    assert program("a.py").lines[-1] == "[*] 1 fixable with the `--fix` option."


def test_what_is_left_after_fixing_is_reported_where_it_stands_now(program: Program) -> None:
    (program.folder / "a.py").write_text(
        "import tempfile\nx = tempfile.mktemp()\n\n\ndef f():\n    with tempfile.TemporaryFile() as f:\n"
        "        pass\n    log()\n    f.read()\n"
    )
    result = program("--fix", "--output-format", "concise", "a.py")
    text = (program.folder / "a.py").read_text().splitlines()
    row = next(number for number, line in enumerate(text, 1) if "f.read()" in line)
    assert result.lines[0].startswith(f"a.py:{row}:5: TMP301 ")
    assert result.lines[1] == "Found 2 errors (1 fixed, 1 remaining)."
    assert result.code == 1
