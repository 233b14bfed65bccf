"""Comments that silence, those that must not, and what is said about comments that are wrong."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tempsafe_lint.edits import Edit, apply
from tempsafe_lint.engine import fix, lint
from tempsafe_lint.findings import Level
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source
from tempsafe_lint.suppress.add import ignores, noqas

if TYPE_CHECKING:
    from collections.abc import Callable

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


CALL = "x = tempfile.mktemp()"


def codes(text: str, **settings: Any) -> list[tuple[str, int]]:
    """Code and row of everything that is reported for a text (`import tempfile` is row 1, the text begins in row 2)."""
    source = Source.from_text("import tempfile\n" + text, "a.py")
    return [(f.code, f.region.row) for f in lint(source, Settings(**settings)).findings]


def rows(text: str, **settings: Any) -> list[int]:
    """Rows where the defect itself is reported."""
    return [row for code, row in codes(text, **settings) if code == "TMP201"]


@pytest.mark.parametrize("comment", SILENT)
def test_silences(comment: str) -> None:
    assert rows(f"{CALL}  {comment}\n") == []


@pytest.mark.parametrize("comment", REPORTED)
def test_does_not_silence(comment: str) -> None:
    assert rows(f"{CALL}  {comment}\n") == [2]


def test_another_line_does_not_count() -> None:
    assert rows(f"y = 1  # tempsafe: ignore[TMP201]\n{CALL}\n") == [3]


def test_noqa_can_be_left_to_flake8() -> None:
    assert rows(f"{CALL}  # noqa\n", noqa=False) == [2]
    assert rows(f"{CALL}  # tempsafe: ignore[TMP201]\n", noqa=False) == []
    assert codes(f"{CALL}  # noqa: TMP201\n", noqa=False) == [("TMP201", 2)], "used, though somebody else applies it"


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("# tempsafe: ignore[TMP201]\nX\n", []),
        ("# tempsafe: ignore[TMP201]\n\n# why\nX\n", []),
        ("if 1:\n    # tempsafe: ignore[TMP201]\n    X\n    X\n", [5]),
        ("y = 1  # tempsafe: ignore[TMP201]\nX\n", [3]),
        ("# tempsafe: ignore[TMP201]\ny = 1\nX\n", [4]),
        ("# noqa: TMP201\nX\n", [3]),
        ("# tempsafe: ignore[TMP201]\ny = (\n    tempfile.mktemp(),\n    tempfile.mktemp(),\n)\nX\n", [7]),
        ("y = (\n    # tempsafe: ignore[TMP201]\n\n    tempfile.mktemp(),\n    tempfile.mktemp(),\n)\n", [6]),
        ("# tempsafe: ignore[TMP201]\nwith open(tempfile.mktemp()) as f:\n    X\n", [4]),
        ("# tempsafe: ignore[TMP201]", []),
        ("y = tempfile.mktemp() \\\n# tempsafe: ignore[TMP201]\nX\n", [4]),  # the comment is of the first statement
    ],
)
def test_a_line_of_its_own_counts_for_the_next_statement(text: str, reported: list[int]) -> None:
    assert rows(text.replace("X", CALL)) == reported


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("# tempsafe: disable[TMP201]\nX\nX\n# tempsafe: enable[TMP201]\nX\n", [6]),
        ("# tempsafe: disable[TMP2, TMP402]\nX\n# tempsafe: enable[TMP2]\nX\n", [5]),
        ("# tempsafe: disable[TMP2]\nX\n# tempsafe: enable[TMP201]\nX\n", []),  # another selector
        ("X\nif 1:\n    # tempsafe: disable[TMP201]\n    X\n    if 2:\n        X\nX\n", [2, 8]),
        ("if 1:\n    # tempsafe: disable[mktemp]\n    X\n# tempsafe: enable[mktemp]\nX\n", [6]),
        ("# tempsafe: disable[TMP201]\nif 1:\n    # tempsafe: enable[TMP201]\n    X\nX\n", []),
        ("X\n# tempsafe: file-ignore[TMP201]\nX\n", []),
        ("X\n# tempsafe: file-ignore[TMP402]\n", [2]),
    ],
)
def test_blocks_and_files(text: str, reported: list[int]) -> None:
    assert rows(text.replace("X", CALL)) == reported


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ('y = tempfile.mktemp("""\n""")  # noqa: TMP201\n', []),
        ("y = tempfile.mktemp() + \\\n    str(1)  # noqa\n", []),
        ('y = tempfile.mktemp("""\n""")  # tempsafe: ignore[TMP201]\n', []),
        ("y = tempfile.mktemp(\n)  # noqa: TMP201\n", [2]),
        ('y = tempfile.mktemp(), "# noqa"\n', []),
        ("# flake8: noqa\nX\n", []),
        ("X  # flake8: noqa\n", [2]),
    ],
)
def test_noqa_is_read_to_flake8s_letter(program: Program, text: str, reported: list[int]) -> None:
    text = text.replace("X", CALL)
    assert rows(text) == reported


def test_flake8_reads_noqa_so(program: Program) -> None:
    """The cases above in the real flake8, one file each."""
    marks = getattr(test_noqa_is_read_to_flake8s_letter, "pytestmark")[0].args[1]  # noqa: B009
    for number, (text, _) in enumerate(marks):
        text = "import tempfile\n" + text.replace("X", CALL).replace("tempsafe: ignore[TMP201]", "noqa: TMP201")
        (program.folder / f"m{number}.py").write_text(text)
    lines = program.command(sys.executable, "-m", "flake8", "--select", "TMP201", "-j1")().lines
    found = {(line.split(":")[0], int(line.split(":")[1])) for line in lines}
    assert found == {(f"./m{number}.py", row) for number, (_, reported) in enumerate(marks) for row in reported}


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("# noqa: S306", "noqa"),
        ("# noqa: E501,S306", "noqa"),
        ("# noqa: S108", None),
        ("# nosec", "nosec"),
        ("# nosec B306", "nosec"),
        ("#nosec: B101, B306", "nosec"),
        ("# nosec B108", None),
        ("# nosec mktemp_q", "nosec"),
        ("# ruff: ignore[S306]", "ruff"),
        ("# ruff: ignore[suspicious-mktemp-usage, E501]", "ruff"),
        ("# ruff: ignore[E501]", None),
        ("# ruff: noqa", None),
    ],
)
def test_comments_of_other_tools(comment: str, silent: str | None) -> None:
    text = f"{CALL}  {comment}\n"
    assert codes(text) == ([] if silent else [("TMP201", 2)])
    for tool in ("noqa", "nosec", "ruff"):
        expected = [] if tool == silent else [("TMP201", 2)]
        assert codes(text, honor_foreign_suppressions=(tool,)) == expected
    assert codes(text, honor_foreign_suppressions=()) == [("TMP201", 2)]


def test_comments_of_ruff_for_more_than_a_line() -> None:
    for head in ("# ruff: disable[S306]", "# ruff: file-ignore[S306]", "# ruff: noqa: S306", "# ruff: noqa"):
        assert codes(f"{head}\n{CALL}\n") == []
        assert rows(f"{head}\n{CALL}\n", honor_foreign_suppressions=()) == [3]
    assert codes(f"# ruff: disable[S306]\n{CALL}\n# ruff: enable[S306]\n{CALL}\n") == [("TMP201", 5)]
    assert codes("open('/tmp/x', 'w').close()  # noqa: S108\n") == []
    assert [code for code, _ in codes("open('/tmp/x', 'w').close()  # noqa: S306\n")] == ["TMP101"]


def test_expired_and_not_yet() -> None:
    assert codes(f"{CALL}  # tempsafe: ignore[TMP201] until=2020-01-31\n") == [("TMP201", 2), ("TMP904", 2)]
    assert codes(f'{CALL}  # tempsafe: ignore[TMP201] reason="x" until=9999-12-31 more\n') == []
    assert codes(f"# tempsafe: file-ignore[TMP201] until=2020-01-31\n{CALL}\n") == [("TMP904", 2), ("TMP201", 3)]


def test_a_suppression_lasts_through_its_day() -> None:
    from tempsafe_lint.suppress.cover import Terms, judge

    source = Source.from_text("# tempsafe: ignore[TMP201] until=2030-06-30\n", "a.py")
    for day, expired in ((date(2030, 6, 30), False), (date(2030, 7, 1), True)):
        verdict = judge([], source, Terms({"TMP201": "mktemp"}, frozenset(), today=day))
        assert [one.code for one in verdict.problems] == ["TMP904"] * expired


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# tempsafe: ignore", "this silences nothing: write `# tempsafe: ignore[CODE]` with the rules in brackets"),
        ("# tempsafe: ignore[]", "this silences nothing: no rule is named"),
        ("# tempsafe: ignore[TMP201 mktemp]", "`TMP201 mktemp` is no rule: codes and names are parted by commas"),
        ("# tempsafe: ignore[TMP999]", "`TMP999` is no rule"),
        ("# tempsafe: ignore[leaked-dirs]", "`leaked-dirs` is no rule; did you mean `leaked-dir`?"),
        ("# tempsafe: silence[TMP201]", "`silence` is none of `ignore`, `disable`, `enable`, `file-ignore`"),
        ("# tempsafe ignore[TMP201]", "this silences nothing: write `# tempsafe: ignore[CODE]`"),
        ("# TempSafe: Ignore[TMP201]", "this silences nothing: write `# tempsafe: ignore[CODE]`"),
        ("# tempsafe: disable[TMP201]", "`disable` has to stand on a line of its own"),
        ("# tempsafe: ignore[TMP201] until=soon", "`until=soon` is no date: write `until=YYYY-MM-DD`"),
        ("# tempsafe: ignore[TMP201] until=2030-02-30", "`until=2030-02-30` is no date"),
        ("# tempsafe: ignore[TMP201] reason=x", "a reason stands in quotes"),
        ("#noqa: TMP201", "flake8 does not see this: write `# noqa: TMP201`"),
        ("# noqa : TMP201", "flake8 takes this for all codes there are: write `# noqa: TMP201`"),
        ("# noqa: mktemp", "flake8 takes this for all codes there are: write `# noqa: TMP201`"),
        ("# noqa: TMP", "flake8 takes this for all codes there are: write `# noqa: TMP201`"),
    ],
)
def test_malformed(comment: str, said: str) -> None:
    source = Source.from_text(f"import tempfile\n{CALL}  {comment}\n", "a.py")
    problems = [f for f in lint(source, Settings()).findings if f.code != "TMP201"]
    assert [(f.code, f.region.row, f.region.column) for f in problems] == [("TMP903", 2, len(CALL) + 3)]
    assert problems[0].message.startswith(said)


@pytest.mark.parametrize(
    "comment",
    ["# noqa: mktemp", "#noqa: TMP201", "# noqa: TMP201", "# noqa: TMP2010", "# noqa: E501", "# TempSafe: ignore"],
)
def test_what_is_said_of_a_comment_does_not_hang_on_findings(comment: str) -> None:
    """A file without findings is looked through only where a comment may be one of ours."""
    said = [
        [f.message for f in lint(Source.from_text(text, "a.py"), Settings()).findings if f.code.startswith("TMP9")]
        for text in (f"x = 'mkdtemp'  {comment}\n", f"import tempfile\n{CALL}\nx = 1  {comment}\n")
    ]
    assert said[0] == said[1]
    assert bool(said[0]) == (comment != "# noqa: E501")


def test_enable_without_disable() -> None:
    assert codes("# tempsafe: enable[TMP201]\n") == [("TMP903", 2)]
    assert codes(f"if 1:\n    # tempsafe: disable[TMP201]\n    {CALL}\n# tempsafe: enable[TMP201]\n") == [("TMP903", 5)]


@pytest.mark.parametrize(
    "comment",
    [
        "# tempsafe: the library beside this one",
        "# see tempsafe (ignore the rest)",
        "# noqa - mktemp is fine here",
        "# use tempsafe: it is small",
        "# tempsafe",
    ],
)
def test_prose_is_no_pragma(comment: str) -> None:
    assert codes(f"y = 1  {comment}\n") == []


def test_unused() -> None:
    assert codes("y = 1  # tempsafe: ignore[TMP201]\n") == [("TMP902", 2)]
    assert codes(f"{CALL}  # tempsafe: ignore[TMP201, TMP402]\n") == [("TMP902", 2)]
    assert codes("y = 1  # noqa: E501, TMP201\n") == [("TMP902", 2)]
    assert codes("y = 1  # noqa: E501\n") == []
    assert codes("# tempsafe: disable[TMP4]\n", extend_select=("ALL",)) == [("TMP902", 2)]
    assert codes("# tempsafe: disable[TMP4]\n", ignore=("TMP404",)) == [], "TMP404 was not asked"
    assert codes("y = 1  # tempsafe: ignore[TMP201]\n", ignore=("TMP201",)) == []
    source = Source.from_text("import os\ny = 1  # tempsafe: ignore[TMP201]\n", "a.py")
    assert [f.code for f in lint(source, Settings()).findings] == ["TMP902"], "also where nothing has to be parsed"


def test_a_finding_that_is_not_shown_uses_its_comment() -> None:
    assert (
        codes(f"{CALL}  # tempsafe: ignore[TMP201]\n", min_severity=Level.HIGH, severity=(("TMP201", Level.LOW),)) == []
    )


def test_problems_are_chosen_like_rules() -> None:
    text = "y = 1  # tempsafe: ignore[TMP201]\n"
    assert codes(text, select=("TMP201",)) == []
    assert codes(text, select=("TMP201", "TMP902")) == [("TMP902", 2)]
    assert codes(text, ignore=("unused-suppression",)) == []
    assert codes(text, min_severity=Level.MEDIUM) == []
    assert codes(text, ignore_suppressions=True) == []


def test_a_reason_can_be_required() -> None:
    text = f"{CALL}  # tempsafe: ignore[TMP201]%s\n"
    assert codes(text % "", require_suppression_reason=True) == [("TMP903", 2)]
    assert codes(text % ' reason=" "', require_suppression_reason=True) == [("TMP903", 2)]
    assert codes(text % ' reason="a # \\" b"', require_suppression_reason=True) == []
    assert codes(f"{CALL}  # noqa: TMP201\n", require_suppression_reason=True) == []


def test_what_is_wrong_with_comments_keeps_nothing_from_being_mended() -> None:
    text = f"import tempfile\ny = 1  # tempsafe: ignore[TMP201]\n{CALL}\nz = 2  # tempsafe: ignore[\n"
    source = Source.from_text(text, "a.py")
    done = fix(source, Settings(), lambda _: True)
    assert [f.code for f in done.applied] == ["TMP201"]
    assert [(f.code, f.region.row) for f in done.left.findings] == [("TMP902", 2), ("TMP903", 4)]
    assert done.left.findings == lint(source.with_text(done.after), Settings()).findings


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


def test_pragmas_survive_ruff(program: Program) -> None:
    """Ruff takes codes that it does not know out of `# noqa`, and leaves our own pragmas alone."""
    text = (
        '"""A module."""\n\nimport tempfile\n\n# tempsafe: file-ignore[TMP402] reason="x"\n'
        '# tempsafe: disable[TMP4]\nA = tempfile.mktemp()  # tempsafe: ignore[TMP201] reason="y" until=2999-01-01\n'
        "# tempsafe: enable[TMP4]\n# tempsafe: ignore[mktemp]\nB = tempfile.mktemp()\n"
        "C = tempfile.mktemp()  # noqa: TMP201\n"
    )
    path = program.folder / "a.py"
    path.write_text(text)
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--fix", "--unsafe-fixes", "--no-cache"]
    subprocess.run([*ruff, "--select", "ALL", str(path)], capture_output=True, check=False)
    left = path.read_text()
    for line in (line for line in text.splitlines() if "tempsafe:" in line):
        assert line in left.splitlines()
    assert "TMP201" not in left.splitlines()[-1], "the reason why there is a pragma; if ruff has learnt better, say so"
    path.write_text(text)
    subprocess.run(
        [*ruff, "--select", "ALL", "--config", "lint.external = ['TMP']", str(path)], check=False, capture_output=True
    )
    assert path.read_text().splitlines()[-1].endswith("# noqa: TMP201")


MESSY = """\
import tempfile
a = tempfile.mktemp(), tempfile.mkstemp()[1]
b = tempfile.mktemp()  # why
c = tempfile.mktemp()  # tempsafe: ignore[TMP402]
d = tempfile.mktemp()  # noqa: E501
e = tempfile.mktemp() + \\
    "x"
f = tempfile.mktemp(\"\"\"
\"\"\")
g = tempfile.mktemp()  # tempsafe: ignore[no-rule]
"""


@pytest.mark.parametrize("reason", ["", 'a "b" \\c'])
@pytest.mark.parametrize("write", [ignores, noqas])
def test_adding(write: Callable[..., list[Edit]], reason: str) -> None:
    """Only comments, each behind its row; then nothing is reported but comments that were wrong before."""
    source = Source.from_text(MESSY.replace("\n", "\r\n"), "a.py")
    found = [f for f in lint(source, Settings()).findings if f.code < "TMP9"]
    assert len(found) == 9
    after = apply(source.text, write(found, source, reason, extend=False))
    assert [line.split("  #")[0] for line in after.split("\r\n")] == [
        line.split("  #")[0] for line in MESSY.split("\n")
    ]
    assert [f.code for f in lint(source.with_text(after), Settings()).findings if f.code < "TMP9"] == []
    if reason and write is ignores:
        assert after.count('reason="a \\"b\\" \\\\c"') == 7


def test_adding_by_the_command(program: Program) -> None:
    """Lists that can be read get longer, others are left for a second comment; flake8 sees the same of `noqa`."""
    path = program.folder / "a.py"
    path.write_text(MESSY)
    result = program("--add-ignore", "a.py")
    assert (result.code, result.out, result.err) == (0, "Silenced 9 findings.\n", "")
    path.write_text(MESSY.replace("no-rule", "leaked-dir"))
    program("--add-ignore", "a.py")
    assert "c = tempfile.mktemp()  # tempsafe: ignore[TMP402, TMP201]\n" in path.read_text()
    path.write_text(MESSY)
    assert program("--add-noqa=just so", "a.py").out == "Silenced 9 findings.\n"
    assert "d = tempfile.mktemp()  # noqa: E501, TMP201\n" in path.read_text()
    assert "b = tempfile.mktemp()  # why  # noqa: TMP201  # just so\n" in path.read_text()
    flake8 = program.command(sys.executable, "-m", "flake8", "--select", "TMP2,TMP4", "a.py")
    assert flake8().out == ""


def test_adding_asks_for_files_and_a_reason_on_one_line(program: Program) -> None:
    (program.folder / "a.py").write_text("import tempfile\nx = tempfile.mktemp()\n")
    for wrong in (("--add-ignore", "--fix", "a.py"), ("--add-noqa", "-"), ("--add-ignore=a\nb", "a.py")):
        result = program(*wrong)
        assert (result.code, result.err.count("\n")) == (2, 1)
    (program.folder / "l.py").write_bytes(b"# coding: latin-1\nimport tempfile\nx = tempfile.mktemp()\n")
    result = program("--add-ignore=\u20ac", "l.py")
    assert (result.code, result.err) == (2, "error: l.py: not silenced: the reason cannot be written as latin-1\n")
