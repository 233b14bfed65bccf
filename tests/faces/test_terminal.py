"""What stands on a screen: colours, links, width, progress. Real terminals are pseudo-terminals of this machine."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tempsafe_lint.drivers import progress, screen
from tempsafe_lint.engine import lint
from tempsafe_lint.report import Account, Look, render
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Program

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are those of POSIX")

TEXT = """\
import tempfile


def work(run, source):
    folder = tempfile.mkdtemp(prefix="a rather long prefix that no narrow screen can hold")
    run(source, folder)
    import shutil; shutil.rmtree(folder)
"""


def on_terminal(program: Program, *arguments: str, prefix: tuple[str, ...] | None = None, **environment: str) -> str:
    """Everything that the program writes to a terminal of 80 columns."""
    import pty

    ours, theirs = pty.openpty()
    plain = {name: value for name, value in program.environment.items() if name not in ("CI", "PRE_COMMIT", "TERM")}
    process = subprocess.Popen(
        [*(prefix or program.prefix), *arguments],
        cwd=program.folder,
        env={**plain, "TERM": "xterm-256color", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    pieces = []
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(ours)
    assert process.wait(60) in (0, 1)
    return b"".join(pieces).decode().replace("\r\n", "\n")


class Screen(io.StringIO):
    """A terminal, as far as Python can tell."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (
        "NO_COLOR",
        "FORCE_COLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
        "TERM_PROGRAM",
        "VTE_VERSION",
        "CI",
        "PRE_COMMIT",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in screen._VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return monkeypatch


def full(text: str, look: Look) -> list[str]:
    source = Source.from_text(text, "a.py")
    findings = lint(source, Settings()).findings
    assert findings
    account = Account(findings, lambda _: source, url_of=lambda code: f"https://example.org/{code}")
    return render("full", account, look).splitlines()


def test_the_story_of_a_finding() -> None:
    """Code, name, the call underlined, the places that belong to it, the change, where to read more."""
    lines = full("import tempfile\n\n\ndef f():\n    return tempfile.mktemp()\n", Look())
    assert re.fullmatch(r"a\.py:5:12: TMP201 \[\*\] .* \(mktemp\)", lines[0])
    assert "5 |     return tempfile.mktemp()" in lines
    assert "  |            ^^^^^^^^^^^^^^^^^" in lines
    assert "    + import tempsafe" in lines
    assert "    -     return tempfile.mktemp()" in lines
    assert "    +     return tempsafe.mktemp(delete=False)" in lines
    assert "  = see: https://example.org/TMP201" in lines
    lines = full(TEXT, Look())
    at = lines.index("  |              ^" + "^" * 77)
    assert re.fullmatch(r"  \|     -{19} \S.*", next(line for line in lines[at + 1 :] if "---" in line))
    assert any(line.startswith(("  = fix: ", "  = unsafe fix: ", "  = no fix: ", "  = suggestion: ")) for line in lines)


def test_a_page_is_named_once_for_a_rule() -> None:
    lines = full("import tempfile\nx = tempfile.mktemp(), tempfile.mktemp()\n", Look())
    assert sum("= see:" in line for line in lines) == 1
    linked = full("import tempfile\nx = tempfile.mktemp(), tempfile.mktemp()\n", Look(links=True))
    assert sum("\x1b]8;;https://example.org/TMP201\x1b\\mktemp\x1b]8;;\x1b\\" in line for line in linked) == 2
    assert not any("= see:" in line for line in linked)


@pytest.mark.parametrize("columns", [40, 20, 60])
def test_a_narrow_screen(columns: int) -> None:
    """All but the first line, which other programs read, and words that cannot be parted, keep within the width."""
    lines = full(TEXT, Look(width=columns))
    framed = [line for line in lines[1:] if "|" in line[:4]]
    assert framed
    assert max(map(len, framed)) <= max(columns, 25)
    assert any("..." in line for line in framed), "a longer line is cut where it can be seen"
    assert any("^^^" in line for line in framed)
    notes = [line for line in lines[1:] if line.startswith("  = ") and "see:" not in line]
    assert all(len(line) <= max(columns, 25) for line in notes)


def test_a_wide_character_takes_two_columns() -> None:
    lines = full('import tempfile\ni = "\u4e2d\u6587", tempfile.mktemp()\n', Look(width=80))
    assert '2 | i = "\u4e2d\u6587", tempfile.mktemp()' in lines
    assert "  |            " + " " + "^" * 17 in lines


@pytest.mark.parametrize(
    ("environment", "colored"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_on_a_terminal(bare: pytest.MonkeyPatch, environment: dict[str, str], colored: bool) -> None:
    for name, value in environment.items():
        bare.setenv(name, value)
    assert screen.look(Screen()).color is colored
    assert screen.look(Screen(), "never").color is False
    assert screen.look(io.StringIO(), "always").color is True
    assert screen.look(io.StringIO()).color is (colored and "FORCE_COLOR" in environment)


@pytest.mark.parametrize(
    ("environment", "links"),
    [
        ({}, False),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"VTE_VERSION": "7200"}, True),
        ({"VTE_VERSION": "4205"}, False),
        ({"WT_SESSION": "1"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "dumb", "WT_SESSION": "1"}, False),
        ({"NO_COLOR": "1", "WT_SESSION": "1"}, False),
    ],
)
def test_links_only_where_they_are_known(bare: pytest.MonkeyPatch, environment: dict[str, str], links: bool) -> None:
    for name, value in environment.items():
        bare.setenv(name, value)
    assert screen.look(Screen()).links is links
    bare.setenv("FORCE_COLOR", "1")
    assert screen.look(io.StringIO()).links is False, "no terminal, no link"


def test_width(bare: pytest.MonkeyPatch) -> None:
    assert screen.columns(io.StringIO()) is None
    for said, columns in (("40", 40), ("0", None), ("wide", None), ("", None)):
        bare.setenv("COLUMNS", said)
        assert screen.columns(io.StringIO()) == columns


def test_an_old_console_of_windows_gets_no_escapes(bare: pytest.MonkeyPatch) -> None:
    """With stand-ins for the two modules of Windows: this machine has none of them."""

    class Kernel:
        answers: tuple[int, int]

        def GetConsoleMode(self, handle: int, mode: Any) -> int:
            return self.answers[0]

        def SetConsoleMode(self, handle: int, mode: int) -> int:
            assert mode & 4
            return self.answers[1]

    class Console(Screen):
        def fileno(self) -> int:
            return 1

    import ctypes
    import types

    kernel = Kernel()
    bare.setattr(ctypes, "windll", types.SimpleNamespace(kernel32=kernel), raising=False)
    bare.setitem(sys.modules, "msvcrt", types.SimpleNamespace(get_osfhandle=lambda number: number))
    bare.setattr(sys, "platform", "win32")
    bare.delenv("TERM")
    for answers, colored in (((1, 1), True), ((1, 0), False), ((0, 0), True)):
        kernel.answers = answers
        assert screen.look(Console()).color is colored


@posix
def test_on_a_real_terminal(program: Program) -> None:
    (program.folder / "a.py").write_text("import tempfile\nx = tempfile.mktemp()\n")
    shown = on_terminal(program, "a.py", TERM_PROGRAM="vscode")
    assert "\x1b[1;31mTMP201\x1b[0m" in shown
    assert "\x1b]8;;https://cwe.mitre.org/data/definitions/377.html\x1b\\" in shown
    assert not re.search(r"\x1b(?!\[[\d;]*m|\]8;;|\\)", shown), "colours and links, nothing that moves the cursor"
    plain = on_terminal(program, "a.py", NO_COLOR="1", COLUMNS="40")
    assert "\x1b" not in plain
    assert "2 | x = tempfile.mktemp()" in plain


def _counted(count: int) -> Iterator[int]:
    yield from range(count)


def _clock(step: float) -> Any:
    times = iter(step * number for number in range(100))
    return lambda: next(times)


def test_progress_comes_late_and_goes_away() -> None:
    stream = Screen()
    assert list(progress.shown(_counted(9), 9, stream, _clock(0.3))) == list(range(9))
    written = stream.getvalue()
    assert written.endswith("\r\x1b[K")
    assert re.findall(r"(\d) of 9 files", written) == list("456789"), "not before a second has gone by"
    assert "\x1b[?25l" not in written, "the cursor is never hidden"
    short = Screen()
    assert list(progress.shown(_counted(9), 9, short, _clock(0.01))) == list(range(9))
    assert short.getvalue() == ""


def test_progress_goes_away_when_the_run_is_broken_off() -> None:
    stream = Screen()
    running = progress.shown(_counted(9), 9, stream, _clock(2))
    next(running)
    running.close()  # type: ignore[attr-defined]
    assert stream.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, True),
        ({"PRE_COMMIT": "1"}, False),
        ({"CI": "true"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_who_is_told_of_progress(bare: pytest.MonkeyPatch, environment: dict[str, str], wanted: bool) -> None:
    for name, value in environment.items():
        bare.setenv(name, value)
    assert progress.is_wanted(Screen()) is wanted
    bare.setenv("FORCE_COLOR", "1")
    assert not progress.is_wanted(io.StringIO()), "nobody is told who does not look on"


@posix
def test_progress_on_a_real_terminal(program: Program) -> None:
    for number in range(6):
        (program.folder / f"m{number}.py").write_text("x = '/tmp/x'\n")
    at_once = (
        "import sys\nfrom tempsafe_lint.drivers import progress\nprogress.DELAY = progress.STEP = 0\n"
        "from tempsafe_lint.__main__ import main\nsys.exit(main())\n"
    )
    prefix = (sys.executable, "-c", at_once)
    assert "6 of 6 files" in on_terminal(program, "-v", prefix=prefix)
    assert " files\x1b[K" not in on_terminal(program, "-v", "--no-progress", prefix=prefix)
    assert " files\x1b[K" not in on_terminal(program, "-v", prefix=prefix, PRE_COMMIT="1")


def test_counting_and_silence(program: Program) -> None:
    (program.folder / "a.py").write_text("import tempfile\nx = tempfile.mktemp(), tempfile.mktemp()\n")
    counted = program("--count", "-q", "--output-format", "concise", "a.py")
    assert (counted.code, len(counted.lines), counted.lines[-1]) == (1, 3, "2")
    silent = program("-s", "a.py")
    assert (silent.code, silent.out, silent.err) == (1, "", "")
    said = program("-v", "--output-format", "json", "--statistics", "a.py")
    assert '"count": 2' in said.out
    assert re.search(r"debug: processor time of 1 parsed files: front \d+\.\d\d s, flow .*, suppress \d", said.err)
