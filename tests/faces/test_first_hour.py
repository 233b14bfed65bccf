"""What a newcomer tries in the first hour, with the installed program. One test for each thing tried."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import tempsafe_lint

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

DEFECT = "import tempfile\nx = tempfile.mktemp()\n"
CONCISE = ("--output-format", "concise", "-q")
posix = pytest.mark.skipif(sys.platform == "win32", reason="times, modes and signals are those of POSIX")


def test_the_version_at_once(program: Program) -> None:
    """Nothing is imported for it beyond what Python itself starts with; the time of it is in `benchmarks/corpus.py`."""
    script = shutil.which("tempsafe-lint", path=program.environment["PATH"])
    assert script is not None
    ways = (program.command(script), program)
    assert {way("--version").out for way in ways} == {f"tempsafe-lint {tempsafe_lint.__version__}\n"}
    said = program.command(sys.executable, "-X", "importtime", "-m", "tempsafe_lint")("--version").err
    assert "tempsafe_lint" in said
    assert not re.search(r"\b(argparse|tempsafe_lint\.drivers|libcst|dataclasses|json|pathlib)\b", said)


def test_no_arguments_in_a_fresh_repository(program: Program) -> None:
    (program.folder / "pyproject.toml").unlink()
    if shutil.which("git"):
        subprocess.run(["git", "init", "--quiet", str(program.folder)], check=True)
    else:
        (program.folder / ".git").mkdir()
    assert program().err == "warning: no Python files found under the given paths\n"
    for name in (".venv/lib/a.py", "node_modules/b.py", "ignored/c.py", "build/d.py"):
        path = program.folder / name
        path.parent.mkdir(parents=True)
        path.write_text(DEFECT)
    (program.folder / ".gitignore").write_text("ignored/\n")
    (program.folder / "app.py").write_text("x = 1\n")
    assert program().out == "All checks passed!\n"
    (program.folder / "app.py").write_text(DEFECT)
    found = program()
    assert found.code == 1
    assert "app.py:2:5: TMP201" in found.out
    assert "Found 1 error.\n" in found.out


def test_a_rule_by_code_by_name_and_by_mistake(program: Program) -> None:
    assert program("rule", "TMP201").out == program("rule", "mktemp").out
    wrong = program("rule", "TMP2O1")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith("error: unknown rule `TMP2O1`; did you mean `TMP")


def test_standard_input_takes_the_settings_of_its_name(program: Program) -> None:
    (program.folder / "pyproject.toml").write_text(
        "[tool.tempsafe-lint]\nper-file-ignores = { 'x.py' = ['TMP201'], 'sub/**' = ['mktemp'] }\n"
    )
    for name, code in (("x.py", 0), ("y.py", 1), ("sub/y.py", 0)):
        assert program("--stdin-filename", name, "-", stdin=DEFECT).code == code
    # The same names in flake8 are tried in test_flake8.py; here, its own setting.
    flake8 = program.command("flake8", "--select", "TMP", "--per-file-ignores", "y.py:TMP2", "-")
    assert flake8("--stdin-display-name", "y.py", stdin=DEFECT).out == ""


def test_all_sorts_of_files_at_once(program: Program) -> None:
    """One clear line each, the others all the same, and the right exit code."""
    data = {
        "binary.py": b"\x7fELF\x00" + DEFECT.encode(),
        "empty.py": b"",
        "good.py": DEFECT.encode(),
        "large.py": b"#" * 9_000_000 + b"\n",
        "python2.py": DEFECT.encode() + b"print 'hello'\n",
        "syntax.py": DEFECT.encode() + b"def f(:\n",
    }
    for name, content in data.items():
        (program.folder / name).write_bytes(content)
    (program.folder / "folder.py").mkdir()
    if sys.platform != "win32":
        (program.folder / "link.py").symlink_to("nowhere")
    result = program(*CONCISE)
    said = {line.split(":")[0]: line.split(" ")[1] for line in result.lines}
    expected = {
        "binary.py": "TMP901",
        "folder.py": "TMP901",
        "good.py": "TMP201",
        "python2.py": "TMP900",
        "syntax.py": "TMP900",
        **({"link.py": "TMP901"} if sys.platform != "win32" else {}),
    }
    assert said == expected
    assert (len(result.lines), result.code, result.err) == (len(expected), 1, "")


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "said"),
    [
        (("clean.py",), "", 0, ""),
        (("bad.py",), "", 1, ""),
        (("bad.py", "--exit-zero"), "", 0, ""),
        (("gone.py",), "", 1, ""),
        (("--no-such-option",), "", 2, "error: unknown option `--no-such-option`"),
        (("clean.py",), "select = [\n", 2, "error: pyproject.toml:3: not valid TOML: "),
        (("clean.py",), "selct = []\n", 2, "error: pyproject.toml:2: unknown setting `selct`; did you mean `select`?"),
    ],
)
def test_exit_codes(program: Program, arguments: tuple[str, ...], settings: str, code: int, said: str) -> None:
    (program.folder / "pyproject.toml").write_text("[tool.tempsafe-lint]\n" + settings)
    (program.folder / "clean.py").write_text("x = 1\n")
    (program.folder / "bad.py").write_text(DEFECT)
    result = program(*arguments)
    assert result.code == code
    assert result.err.startswith(said)
    assert result.err.count("\n") == (1 if said else 0)


@posix
def test_ctrl_c_and_head(program: Program) -> None:
    (program.folder / "a.py").write_text("import tempfile\n" + "x = tempfile.mktemp()\n" * 300)
    shell = program.command("sh", "-c")
    headed = shell(f"{sys.executable} -m tempsafe_lint --output-format concise a.py | head -1")
    assert (len(headed.lines), headed.err) == (1, "")
    process = subprocess.Popen(
        [*program.prefix, "-"],
        cwd=program.folder,
        env=program.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(b"import tempfile\n")
    process.stdin.flush()
    _until_it_reads(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


def _until_it_reads(process: subprocess.Popen[bytes]) -> None:
    """Wait until the process is past its start, where Python itself would answer Ctrl-C with a traceback."""
    import time

    for _ in range(200):
        time.sleep(0.05)
        try:
            with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            time.sleep(1.5)
            return
        if fields[0] == "S" and int(fields[11]) + int(fields[12]) >= 3:
            return


def test_settings_of_a_monorepo(program: Program) -> None:
    """The nearest file, from wherever the program is called; `--show` says which, `--isolated` reads none."""
    (program.folder / ".git").mkdir()
    (program.folder / "pyproject.toml").write_text("[tool.tempsafe-lint]\nignore = ['TMP2']\n")
    one, two = program.folder / "packages" / "one", program.folder / "packages" / "two"
    for folder in (one, two):
        folder.mkdir(parents=True)
        (folder / "a.py").write_text(DEFECT)
    (one / "pyproject.toml").write_text("[project]\nname = 'one'\n")
    (two / "pyproject.toml").write_text("[tool.tempsafe-lint]\n")
    expected = ["packages/two/a.py"]
    assert [line.split(":")[0] for line in program(*CONCISE).lines] == expected
    assert program.within(one)(*CONCISE).lines == []
    assert [line.split(":")[0] for line in program.within(two)(*CONCISE).lines] == ["a.py"]
    assert '# pyproject.toml:2\nignore = ["TMP2"]' in program("config", "--show", "packages/one/a.py").out
    assert "# configured by: packages/two/pyproject.toml" in program("config", "--show", "packages/two/a.py").lines
    assert len(program("--isolated", *CONCISE).lines) == 2


REOPENED = """\
import subprocess
import tempfile


def f():
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x")
        file.flush()
        subprocess.run(["cat", file.name], check=True)
"""


@pytest.mark.parametrize(("requires", "new"), [(">=3.12", True), (">=3.9", False), ("<4,>=3.13", True)])
def test_the_lowest_python_is_the_projects(program: Program, requires: str, new: bool) -> None:
    (program.folder / "pyproject.toml").write_text(f"[project]\nrequires-python = '{requires}'\n")
    (program.folder / "a.py").write_text(REOPENED)
    said = program("--select", "TMP502", "--config", "runtime = 'stdlib'", "a.py").out
    assert "TMP502" in said
    assert ("delete_on_close" in said) is new


SILENT = '''\
"""Writes to /tmp/report.txt unless told otherwise."""

import argparse
import atexit
import contextlib
import re
import shutil
import tempfile
import unittest

import pytest

DOCKERFILE = "RUN mkdir /tmp/build && cp x /tmp/build/x"
parser = argparse.ArgumentParser(epilog="looks into /tmp")
parser.add_argument("--out", help="for instance /tmp/out.json")


@pytest.fixture
def folder():
    path = tempfile.mkdtemp()
    yield path
    shutil.rmtree(path)


class Case(unittest.TestCase):
    def setUp(self):
        self.path = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.path)


def stacked():
    with contextlib.ExitStack() as stack:
        path = stack.enter_context(tempfile.TemporaryDirectory())
        return len(path)


def handed_over():
    """The caller removes it."""
    return tempfile.NamedTemporaryFile(delete=False)


def at_exit():
    path = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, path)
    return None
'''


def test_what_is_right_is_not_reported(program: Program) -> None:
    (program.folder / "app.py").write_text(SILENT)
    assert program("app.py").out == "All checks passed!\n"


def test_help_fits_a_small_terminal(program: Program) -> None:
    for arguments in ((), ("rule",), ("config",), ("init",), ("completions",)):
        shown = program(*arguments, "--help", COLUMNS="80")
        assert shown.code == 0
        assert max(map(len, shown.lines)) <= 80, [line for line in shown.lines if len(line) > 80]


def test_what_git_ignores_is_what_git_says(program: Program, tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    names = ["a.py", "b/c.py", "b/keep.py", "d/e/f.py", "d/e/g.py", "h/i.py", "j k/l.py", "m/n/o.py", "p.py", "q/r.py"]
    for name in names:
        path = program.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    ignores = {
        ".gitignore": "b/*\n!b/keep.py\n/d/**/g.py\nh/\n!h/i.py\nj\\ k/\n\\#x\n",
        "m/.gitignore": "/n/*\n!/n/o.py\n",
        "q/.gitignore": "*\n",
        ".git/info/exclude": "p.py\n",
    }
    subprocess.run(["git", "init", "--quiet", str(program.folder)], check=True)
    for name, text in ignores.items():
        path = program.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "*.py"],
        cwd=program.folder,
        env={**program.environment, "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=True,
    )
    assert program("--show-files").lines == sorted(listed.stdout.splitlines())
