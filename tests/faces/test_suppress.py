"""Comments that silence, and those that must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tempsafe_lint.findings import Finding, Level
from tempsafe_lint.source import Source, Span
from tempsafe_lint.suppress import split

if TYPE_CHECKING:
    from tests.conftest import Program

SILENT = [
    "# tempsafe: ignore[TMP201]",
    "# tempsafe: ignore[mktemp]",
    "# tempsafe: ignore[TMP2]",
    "# tempsafe: ignore[TMP20, leaked-dir]",
    "# tempsafe: ignore[ TMP402 , TMP201 ] because",
    '# tempsafe: ignore[TMP201] reason="sandboxed"',
    "#tempsafe:ignore[TMP201]",
    "# noqa: E501  # tempsafe: ignore[TMP201]",
    "# type: ignore[x]  # tempsafe: ignore[TMP201]",
    "# noqa",
    "# NOQA",
    "# noqa: TMP201",
    "# noqa:TMP201,E501",
    "# noqa: E501 TMP201",
    "# noqa: E501, TMP2",
    "# noqa: mktemp",  # flake8 reads a word that is no code as a blanket one
    "# noqa : E501",
    "# noqa:",
    "# text # noqa: TMP201 # more",
]

REPORTED = [
    "# tempsafe: ignore",
    "# tempsafe: ignore[]",
    "# tempsafe: ignore[TMP201",
    "# tempsafe: ignore(TMP201)",
    "# tempsafe: ignore[TMP201 mktemp]",
    "# tempsafe: ignore[TMP201, !!]",
    "# tempsafe: ignore[TMP201,]",
    "# tempsafe: ignore[TMP402]",
    "# tempsafe: ignore[TMP]",
    "# tempsafe: ignore[ALL]",
    "# tempsafe: ignore[tmp201]",
    "# TempSafe: ignore[TMP201]",
    "# tempsafe: Ignore[TMP201]",
    "# tempsafe: disable[TMP201]",
    "# tempsafe ignore[TMP201]",
    "# noqa: E501",
    "# noqa: TMP4,E501",
    "#noqa",
    "#  noqa",
    "# no qa",
]


def _finding(text: str, at: int) -> tuple[Source, Finding]:
    source = Source.from_text(text, "a.py")
    region = source.region(Span(at, at + 1))
    return source, Finding("TMP201", "mktemp", "m", Level.HIGH, Level.HIGH, "a.py", region)


@pytest.mark.parametrize("comment", SILENT)
def test_silences(comment: str) -> None:
    _, finding = _finding("x\n", 0)
    assert split([finding], {1: (3, comment)}) == ([], [finding])


@pytest.mark.parametrize("comment", REPORTED)
def test_does_not_silence(comment: str) -> None:
    _, finding = _finding("x\n", 0)
    assert split([finding], {1: (3, comment)}) == ([finding], [])


def test_another_line_does_not_count() -> None:
    _, finding = _finding("x\ny\n", 2)
    assert split([finding], {1: (3, "# tempsafe: ignore[TMP201]")})[0] == [finding]


def test_noqa_can_be_left_to_flake8() -> None:
    _, finding = _finding("x\n", 0)
    assert split([finding], {1: (3, "# noqa")}, noqa=False)[0] == [finding]
    assert split([finding], {1: (3, "# tempsafe: ignore[TMP201]")}, noqa=False)[1] == [finding]


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        ("# tempsafe: ignore[TMP201]\nX\n", True),
        ("    # tempsafe: ignore[TMP201]\n\n    # why\n    X\n", True),
        ("y  # tempsafe: ignore[TMP201]\nX\n", False),
        ("# tempsafe: ignore[TMP201]\ny\nX\n", False),
        ("# noqa: TMP201\nX\n", False),
    ],
)
def test_a_line_of_its_own_counts_for_the_next_line_of_code(text: str, silent: bool) -> None:
    source, finding = _finding(text, text.index("X"))
    comments = {
        row: (source.line_starts[row - 1] + line.index("#"), line[line.index("#") :])
        for row, line in enumerate(text.splitlines(), 1)
        if "#" in line
    }
    assert bool(split([finding], comments, source)[1]) is silent


@pytest.mark.parametrize("comment", ["# tempsafe: ignore[TMP201]", "# noqa: TMP201"])
def test_in_a_run(program: Program, comment: str) -> None:
    (program.folder / "a.py").write_text(f"import tempfile\nx = tempfile.mktemp()  {comment}\n")
    assert program("a.py").code == 0
    for option in ("--ignore-suppressions", "--disable-noqa"):
        assert program(option, "a.py").code == 1


def test_a_word_in_a_string_is_no_comment(program: Program) -> None:
    (program.folder / "a.py").write_text('import tempfile\nx = tempfile.mktemp(), "# tempsafe: ignore[TMP201]"\n')
    assert program("a.py").code == 1


def test_a_silenced_finding_is_not_mended(program: Program) -> None:
    text = "import tempfile\nx = tempfile.mktemp()  # tempsafe: ignore[TMP201]\n"
    (program.folder / "a.py").write_text(text)
    assert program("--fix", "--unsafe-fixes", "a.py").code == 0
    assert (program.folder / "a.py").read_text() == text
