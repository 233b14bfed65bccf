"""The command line as a process: words, streams, signals, start-up."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tempsafe_lint

if TYPE_CHECKING:
    from tests.conftest import Program

DEFECT = "import tempfile\nx = tempfile.mktemp()\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes are those of POSIX")


def test_version_by_every_way(program: Program) -> None:
    expected = f"tempsafe-lint {tempsafe_lint.__version__}\n"
    for way in (program, program.command("tempsafe-lint")):
        for option in ("--version", "-V"):
            assert way(option).out == expected
    assert program("check", "--version").out == expected


def test_help_names_every_option_of_the_readme(program: Program) -> None:
    shown = program("--help")
    assert shown.code == 0
    for option in (
        "--fix",
        "--diff",
        "--unsafe-fixes",
        "--select",
        "--stdin-filename",
        "--output-format",
        "--isolated",
    ):
        assert option in shown.out
    assert program("rule", "--help").code == 0


def test_a_command_is_a_command_only_as_the_first_word(program: Program) -> None:
    for name in ("check", "rule"):
        (program.folder / name).write_text(DEFECT)
    concise = ("--output-format", "concise", "-q")
    assert program("check", "check", *concise).out.startswith("check:2:5: TMP201")
    assert program(*concise, "check", "rule").out.startswith("rule:2:5: TMP201")
    assert program(*concise, "--", "check").out.startswith("check:2:5: TMP201")
    assert program("./rule", *concise).out.startswith("rule:2:5: TMP201")
    assert program("rule", "mktemp").out.startswith("# mktemp (TMP201)")


def test_options_may_stand_between_paths(program: Program) -> None:
    for name in ("a.py", "b.py"):
        (program.folder / name).write_text(DEFECT)
    assert len(program("a.py", "--output-format", "concise", "b.py", "-q").lines) == 2


def test_rule_pages(program: Program) -> None:
    listed = program("rule")
    codes = [line.split()[0] for line in listed.lines]
    assert {"TMP101", "TMP201", "TMP301", "TMP302", "TMP401", "TMP402", "TMP403", "TMP404", "TMP405"} <= set(codes)
    assert codes == sorted(codes)
    by_code, by_name = program("rule", "TMP402"), program("rule", "leaked-dir")
    assert by_code.out == by_name.out
    assert "CWE-459" in by_code.out
    assert "```python" in by_code.out, "a page has examples"
    wrong = program("rule", "leaked-dirs")
    assert (wrong.code, wrong.err) == (2, "error: unknown rule `leaked-dirs`; did you mean `leaked-dir`?\n")


def test_stdin(program: Program) -> None:
    result = program("--output-format", "concise", "-", stdin=DEFECT)
    assert (result.code, result.lines[0].split(" ")[:2]) == (1, ["-:2:5:", "TMP201"])
    named = program("--output-format", "concise", "--stdin-filename", "src/x.py", "-", stdin=DEFECT)
    assert named.lines[0].startswith("src/x.py:2:5: TMP201 ")
    assert program("-", stdin="x = 1\n").out == "All checks passed!\n"


def test_stdin_takes_the_settings_of_its_name(program: Program) -> None:
    text = "[tool.tempsafe-lint]\nper-file-ignores = { 'x.py' = ['TMP2'] }\nextend-exclude = ['gen']\n"
    (program.folder / "pyproject.toml").write_text(text)
    assert program("--stdin-display-name", "x.py", "-", stdin=DEFECT).code == 0
    assert program("--stdin-display-name", "y.py", "-", stdin=DEFECT).code == 1
    assert program("--stdin-filename", "gen/y.py", "--force-exclude", "-", stdin=DEFECT).code == 0
    assert program("--stdin-filename", "gen/y.py", "-", stdin=DEFECT).code == 1


def test_fixing_stdin_puts_only_source_on_stdout(program: Program) -> None:
    data = b"\xef\xbb\xbfimport tempfile\r\nx = tempfile.mktemp()"
    fixed = program.raw("--fix", "-", stdin=data)
    assert fixed.stdout == b"\xef\xbb\xbfimport tempsafe\r\nx = tempsafe.mktemp(delete=False)"
    assert fixed.returncode == 0
    assert fixed.stderr.endswith(b"Found 1 error (1 fixed, 0 remaining).\n"), "what to install stands before it"
    for untouched in (b"x = 1", b"caf\xe9", b"a\0b", b"import tempfile\nx = tempfile.mktemp()\ndef (:\n"):
        result = program.raw("--fix", "-", stdin=untouched)
        assert result.stdout == untouched, "what cannot be read goes through as it is"
        assert (result.returncode == 0) is (untouched == b"x = 1")
        assert result.stderr
    excluded = program.raw("--fix", "--force-exclude", "--stdin-filename", "build/x.py", "-", stdin=data)
    assert excluded.stdout == data


def test_diff_of_stdin(program: Program) -> None:
    result = program("--diff", "--stdin-filename", "src/x.py", "-", stdin=DEFECT)
    assert result.out.startswith("--- a/src/x.py\n+++ b/src/x.py\n")
    assert result.code == 1


@posix
def test_a_closed_pipe_is_quiet(program: Program) -> None:
    far_more_than_a_pipe_holds = "".join(f"def f{number}():\n    return tempfile.mktemp()\n" for number in range(500))
    (program.folder / "a.py").write_text("import tempfile\n" + far_more_than_a_pipe_holds)
    process = subprocess.Popen(
        [*program.prefix, "a.py"],
        cwd=program.folder,
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), errors) == (141, b"")


@posix
@pytest.mark.parametrize("files", [1, 200], ids=["one file", "a pool"])
def test_ctrl_c_is_quiet(program: Program, files: int) -> None:
    """Interrupted in the middle of work that would take far longer than the test."""
    many = "import tempfile\n" + "".join(
        f"def f{number}():\n    d = tempfile.mkdtemp()\n    print(d)\n" for number in range(4000 if files == 1 else 300)
    )
    for number in range(files):
        (program.folder / f"m{number}.py").write_text(many)
    process = subprocess.Popen(
        [*program.prefix, "--jobs", "2", "."],
        cwd=program.folder,
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _await_handler(process.pid)
    time.sleep(1.0)
    assert process.poll() is None, "it must still be at work"
    os.killpg(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors) == (130, b"", b"")


def _await_handler(pid: int) -> None:
    """Until a process handles Ctrl-C itself, as far as the system tells: on a busy machine Python takes a while."""
    status, caught = Path(f"/proc/{pid}/status"), 1 << (signal.SIGINT - 1)
    for _ in range(600):
        lines = status.read_text().splitlines() if status.exists() else [f"SigCgt: {caught:x}"]
        if any(line.startswith("SigCgt:") and int(line.split()[1], 16) & caught for line in lines):
            return
        time.sleep(0.05)


def _imported(program: Program, *arguments: str) -> set[str]:
    timed = program.command(sys.executable, "-X", "importtime", "-m", "tempsafe_lint")(*arguments)
    return {found.group(1) for found in re.finditer(r"\|\s+([\w.]+)\n", timed.err)}


def test_start_up_imports_nothing_heavy(program: Program) -> None:
    heavy = {"libcst", "pathspec", "importlib.metadata", "asyncio", "rich", "pygls", "concurrent.futures", "difflib"}
    (program.folder / "a.py").write_text("x = 1\n")
    assert not heavy & _imported(program, "check", "a.py")
    assert not heavy & _imported(program, "a.py", "a.py", "--fix")
    version = _imported(program, "--version")
    assert "tempsafe_lint" in version
    assert not {"argparse", "tempsafe_lint.engine", "tempsafe_lint.settings", "dataclasses"} & version
    (program.folder / "b.py").write_text(DEFECT)
    assert "libcst" in _imported(program, "b.py"), "the probe would see it"


@posix
def test_output_that_cannot_be_written(program: Program) -> None:
    (program.folder / "a.py").write_text(DEFECT)
    shell = program.command("sh", "-c")
    command = f"{sys.executable} -m tempsafe_lint a.py"
    closed = shell(f"{command} >&-")
    assert (closed.code, closed.err) == (1, "")
    assert shell(f"{command} >&- 2>&-").code == 1
    no_input = shell(f"{sys.executable} -m tempsafe_lint - <&-")
    assert (no_input.code, no_input.out, no_input.err) == (0, "All checks passed!\n", "")
    if os.path.exists("/dev/full"):
        full = shell(f"{command} >/dev/full")
        assert (full.code, full.err) == (2, "error: [Errno 28] No space left on device\n")


@posix
def test_a_working_directory_that_is_gone(program: Program) -> None:
    shell = program.command("sh", "-c")
    result = shell(f"mkdir gone && cd gone && rmdir ../gone && {sys.executable} -m tempsafe_lint .")
    assert result.code == 2
    assert result.err.startswith("error: [Errno 2]")
    assert result.err.count("\n") == 1


def test_a_crash_outside_of_any_file_is_not_taken_for_findings(program: Program) -> None:
    broken = (
        "import sys\nfrom tempsafe_lint.drivers import reading\n"
        "def run(*anything):\n    raise KeyError('lost')\n"
        "reading.run = run\nfrom tempsafe_lint.__main__ import main\nsys.exit(main())\n"
    )
    (program.folder / "a.py").write_text(DEFECT)
    result = program.command(sys.executable, "-c", broken)()
    assert (result.code, result.err) == (2, "error: internal error: KeyError: 'lost' (-v shows where)\n")


def test_a_crash_costs_one_file(program: Program) -> None:
    """One rule that fails on one file: a line for it, the others done, exit code 2, a traceback only with -v."""
    (program.folder / "a.py").write_text(DEFECT)
    (program.folder / "b.py").write_text("import tempfile\ny = tempfile.mktemp()\n")
    broken = (
        "import sys\nfrom tempsafe_lint import engine\nreal = engine.lint\n"
        "def lint(source, settings):\n    if source.filename == 'a.py':\n        raise KeyError('lost')\n"
        "    return real(source, settings)\n"
        "engine.lint = lint\nfrom tempsafe_lint.__main__ import main\nsys.exit(main())\n"
    )
    crashing = program.command(sys.executable, "-c", broken)
    result = crashing("--output-format", "concise", "a.py", "b.py")
    assert result.code == 2
    assert result.lines[0] == "a.py:1:1: TMP999 internal error: KeyError: 'lost'"
    assert result.lines[1].startswith("b.py:2:5: TMP201 ")
    assert "Traceback" not in result.out + result.err
    assert "Traceback" in crashing("-v", "a.py").err
