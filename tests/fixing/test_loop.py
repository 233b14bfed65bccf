"""Rounds of fixes are transactions: what does not hold is withdrawn alone, with the reason, and the rest is applied."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempsafe_lint import engine
from tempsafe_lint.edits import Edit, Fix
from tempsafe_lint.findings import Finding, FixReport, Report, Safety
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.fixing.loop import Rooms, mend
from tempsafe_lint.records import replace
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source, Span
from tests.fixing.by_hand import Linter, finding, imports_of, source_of

ALL = lambda _: True  # noqa: E731


def fixed(text: str | Source, linter: Linter | None = None, **options: object) -> FixReport:
    source = source_of(text) if isinstance(text, str) else text
    return mend(source, Rooms(linter or Linter(), imports_of), ALL, **options)  # type: ignore[arg-type]


def reasons(report: FixReport) -> list[tuple[str, str | None]]:
    return [(one.code, one.unfixed) for one in report.left.findings]


def edit_of(
    text: str, old: str, new: str, *, imports: frozenset[str] = frozenset(), safety: Safety = Safety.SAFE
) -> Fix:
    at = text.index(old)
    return Fix(f"{old} to {new}", safety, (Edit(Span(at, at + len(old)), new),), imports)


def word_rule(code: str, word: str, new: str, **options: object) -> object:
    """A rule that reports each `word` of a text, with the fix to write `new`."""

    def rule(source: Source) -> list[Finding]:
        found, at = [], source.text.find(word)
        while at >= 0:
            place = Span(at, at + len(word))
            fix = Fix(f"write {new}", Safety.SAFE, (Edit(place, new),), **options)  # type: ignore[arg-type]
            found.append(finding(source, code, place, word, fix=fix))
            at = source.text.find(word, at + 1)
        return found

    return rule


def test_nothing_to_fix_changes_nothing() -> None:
    linter = Linter()
    report = fixed("x = 1\n", linter)
    assert (report.changed, report.applied, report.rounds, linter.runs) == (False, (), 0, 1)


def test_all_fixes_of_a_file_share_one_import() -> None:
    report = fixed("import tempfile\n\na = tempfile.mktemp()\nb = tempfile.mkdtemp()\nc = tempfile.mktemp\n")
    assert report.after == "import tempsafe\n\na = tempsafe.mktemp()\nb = tempsafe.mkdtemp()\nc = tempsafe.mktemp\n"
    assert [one.code for one in report.applied] == ["TMP201", "TMP402", "TMP201"]
    assert (report.rounds, report.left.findings) == (1, ())


def test_applied_findings_are_told_as_they_stood_in_the_first_text() -> None:
    text = "import tempfile\n\nx = f(tempfile.mktemp(tempfile.mkdtemp()))\nos = tempfile\nf()\nf()\n"
    report = fixed(text)
    assert [(one.code, one.region.row, one.region.column) for one in report.applied] == [
        ("TMP201", 3, 7),
        ("TMP402", 3, 23),
        ("TMP405", 6, 1),
    ]


def test_another_duty_of_the_same_call_stays_reported() -> None:
    report = fixed("import tempfile\n\np = tempfile.mkstemp()[1]\n")
    assert report.after == "import tempsafe\n\np = tempsafe.mkstemp()[1]\n"
    assert [one.code for one in report.applied] == ["TMP401"]
    assert [(one.code, one.text) for one in report.left.findings] == [("TMP403", "tempsafe.mkstemp()")]


def test_only_chosen_fixes_are_applied_and_each_is_asked_for_once() -> None:
    asked: list[str] = []

    def choose(one: Finding) -> bool:
        asked.append(one.code)
        return one.code != "TMP402"

    text = "import tempfile\n\na = tempfile.mktemp()\nb = tempfile.mkdtemp()\nf()\nf()\nf()\n"
    report = mend(source_of(text), Rooms(Linter(), imports_of), choose)
    assert report.after == (
        "import tempfile\n\nimport tempsafe\n\na = tempsafe.mktemp()\nb = tempfile.mkdtemp()\nf()\n"
    )
    assert asked == ["TMP201", "TMP402", "TMP405", "TMP405"]
    (left,) = report.left.findings
    assert left.fix is not None and left.unfixed is None


def test_a_fix_that_turns_unsafe_on_the_way_is_another_question() -> None:
    """What was chosen as a safe fix is not applied when the text after a round makes it an unsafe one."""

    def rule(source: Source) -> list[Finding]:
        found: list[Finding] = word_rule("TMP101", "bad", "ok", group="f")(source)  # type: ignore[operator]
        safety = Safety.UNSAFE if "ok" in source.text else Safety.SAFE
        return [replace(one, fix=replace(one.fix, safety=safety)) for one in found if one.fix]

    rooms = Rooms(Linter(rule), imports_of)
    report = mend(
        source_of("x = bad\ny = bad\n"), rooms, lambda one: one.fix is not None and one.fix.safety is Safety.SAFE
    )
    assert report.after == "x = ok\ny = bad\n"


def test_a_sketch_is_never_applied() -> None:
    def rule(source: Source) -> list[Finding]:
        return [finding(source, "TMP101", Span(0, 1), "x", fix=edit_of(source.text, "x", "y", safety=Safety.DISPLAY))]

    report = fixed("x = 1\n", Linter(rule))
    assert not report.changed and report.left.findings[0].fix is not None


def test_a_fix_that_breaks_the_text_is_withdrawn_alone() -> None:
    report = fixed(
        "import tempfile\n\na = tempfile.mktemp()\nbad = 1\nb = tempfile.mktemp()\n",
        Linter(word_rule("TMP101", "bad", "(")),
    )  # type: ignore[arg-type]
    assert report.after == "import tempsafe\n\na = tempsafe.mktemp()\nbad = 1\nb = tempsafe.mktemp()\n"
    assert reasons(report) == [("TMP101", "the result does not parse")]


def test_a_fix_that_leaves_its_finding_is_withdrawn() -> None:
    report = fixed("x = bad\n", Linter(word_rule("TMP101", "bad", "not_bad")))  # type: ignore[arg-type]
    assert not report.changed
    assert reasons(report) == [("TMP101", "TMP101 would still be reported afterwards")]


def test_a_fix_that_mints_another_finding_is_withdrawn() -> None:
    def rule(source: Source) -> list[Finding]:
        return [*word_rule("TMP101", "bad", "worse")(source), *word_rule("TMP102", "worse", "bad")(source)]  # type: ignore[operator]

    report = fixed("import tempfile\n\nx = bad, tempfile.mktemp()\n", Linter(rule))
    assert report.after == "import tempsafe\n\nx = bad, tempsafe.mktemp()\n"
    assert reasons(report) == [("TMP101", "line 3 of the result would be reported: TMP102 (worse)")]


def test_a_fix_that_loses_a_comment_is_withdrawn() -> None:
    report = fixed("x = bad  # why\n", Linter(word_rule("TMP101", "bad  # why", "good")))  # type: ignore[arg-type]
    assert reasons(report) == [("TMP101", "the comment `# why` would be lost or changed")]


def test_a_fix_that_the_encoding_cannot_hold_is_withdrawn() -> None:
    source = Source("# coding: latin-1\nx = bad\n", "sample.py", encoding="latin-1")
    report = fixed(source, Linter(word_rule("TMP101", "bad", "'\u20ac'")))  # type: ignore[arg-type]
    assert reasons(report) == [("TMP101", "the new text cannot be written as latin-1")]


def test_a_fix_that_pushes_the_cookie_away_is_withdrawn() -> None:
    def rule(source: Source) -> list[Finding]:
        if "\n\n# coding" in source.text:
            return []
        fix = Fix("push", Safety.SAFE, (Edit(Span(0, 0), "\n\n"),))
        return [finding(source, "TMP101", Span(18, 19), "x", fix=fix)]

    report = fixed(Source("# coding: latin-1\nx = 'é'\n", "sample.py", encoding="latin-1"), Linter(rule))
    assert reasons(report) == [("TMP101", "the new text would not be read back as it was written")]


def test_edits_that_overlap_within_a_fix_are_withdrawn() -> None:
    def rule(source: Source) -> list[Finding]:
        fix = Fix("both", Safety.SAFE, (Edit(Span(0, 2), ""), Edit(Span(1, 3), "")))
        return [finding(source, "TMP101", Span(0, 3), "x", fix=fix)]

    ((code, reason),) = reasons(fixed("xyz = 1\n", Linter(rule)))
    assert code == "TMP101" and reason is not None and "overlap" in reason


def test_guilty_fixes_are_found_among_many() -> None:
    """Halving tries each half once: far fewer runs than one for each fix."""
    rows = [f"v{number} = {'bad' if number in (7, 21) else 'word'}" for number in range(32)]

    def rule(source: Source) -> list[Finding]:
        return [*word_rule("TMP101", "word", "ok")(source), *word_rule("TMP102", "bad", ")")(source)]  # type: ignore[operator]

    linter = Linter(rule)
    report = fixed("\n".join([*rows, ""]), linter)
    assert report.after == "\n".join([*(row.replace("word", "ok") for row in rows), ""])
    assert reasons(report) == [("TMP102", "the result does not parse")] * 2
    assert len(report.applied) == 30
    assert linter.runs < 20


def test_fixes_that_are_good_apart_only_are_applied_as_far_as_they_go() -> None:
    """Two fixes whose results cannot stand together: the first in the text is applied."""

    def rule(source: Source) -> list[Finding]:
        both = [finding(source, "TMP103", Span(0, 1), "both")] if source.text.count("ok") == 2 else []
        return [*word_rule("TMP101", "bad", "ok")(source), *both]  # type: ignore[operator]

    report = fixed("x = bad\ny = bad\n", Linter(rule))
    assert report.after == "x = ok\ny = bad\n"
    assert reasons(report) == [("TMP101", "line 1 of the result would be reported: TMP103 (both)")]


def test_fixes_of_one_group_take_turns() -> None:
    report = fixed("x = bad\ny = bad\nz = bad\n", Linter(word_rule("TMP101", "bad", "ok", group="f")))  # type: ignore[arg-type]
    assert (report.after, report.rounds) == ("x = ok\ny = ok\nz = ok\n", 3)
    assert [one.region.row for one in report.applied] == [1, 2, 3]


def test_rounds_are_limited_and_the_rest_says_so() -> None:
    linter = Linter(word_rule("TMP101", "bad", "ok", group="f"))  # type: ignore[arg-type]
    report = fixed("x = bad\ny = bad\n", linter, rounds=1)
    assert (report.after, reasons(report)) == ("x = ok\ny = bad\n", [("TMP101", "not reached in 1 rounds")])


def test_two_findings_with_one_mend_are_both_applied() -> None:
    def rule(source: Source) -> list[Finding]:
        return [*word_rule("TMP101", "bad", "ok")(source), *word_rule("TMP102", "bad", "ok")(source)]  # type: ignore[operator]

    report = fixed("x = bad\n", Linter(rule))
    assert [one.code for one in report.applied] == ["TMP101", "TMP102"]


def test_a_crash_of_the_judges_withdraws_the_fix() -> None:
    class Crashing(Linter):
        def __call__(self, source: Source) -> Report:
            report = super().__call__(source)
            return replace(report, crash="boom") if "tempsafe" in source.text else report

    report = fixed("import tempfile\nx = tempfile.mktemp()\n", Crashing())
    assert not report.changed and reasons(report) == [("TMP201", "the result cannot be checked")]


def test_nothing_new_may_appear_for_rules_that_are_off() -> None:
    wider = Linter(word_rule("TMP403", "ok", "fine"))  # type: ignore[arg-type]
    rooms = Rooms(Linter(word_rule("TMP101", "bad", "ok")), imports_of, wider)  # type: ignore[arg-type]
    report = mend(source_of("x = bad\n"), rooms, ALL)
    assert (report.changed, reasons(report)) == (
        False,
        [("TMP101", "line 1 of the result would be reported: TMP403 (ok)")],
    )


def test_a_crash_over_the_result_withdraws_the_fix() -> None:
    class Crashing(Linter):
        def __call__(self, source: Source) -> Report:
            if "tempsafe" in source.text:
                raise RecursionError
            return super().__call__(source)

    report = fixed("import tempfile\nx = tempfile.mktemp()\n", Crashing())
    assert not report.changed and reasons(report) == [("TMP201", "the result cannot be checked")]


def test_fixing_twice_changes_nothing_more() -> None:
    text = "import tempfile as t\nf()\nf()\nx = t.mkstemp()[1], t.mktemp(\n    dir=x,  # d\n)\n"
    once = fixed(text)
    again = fixed(once.after)
    assert once.changed and not again.changed


@pytest.mark.parametrize(
    "text",
    [
        "import tempfile\r\n\r\nx = tempfile.mktemp()\r\n",
        "import tempfile\r\rx = tempfile.mktemp()\r",
        "import tempfile\n\nx = tempfile.mktemp()",
        "import tempfile\n\nif x:\n\tx = tempfile.mktemp()\n",
        "import tempfile\n\nx = tempfile.mktemp()\n\x0c\ny = 'é😀'\n",
    ],
)
@pytest.mark.parametrize("encoding", [("utf-8", True), ("utf-8", False)])
def test_everything_else_of_the_file_stays(text: str, encoding: tuple[str, bool]) -> None:
    source = source_of(text, encoding=encoding[0], bom=encoding[1])
    report = fixed(source)
    expected = text.replace("tempfile", "tempsafe")
    assert report.after == expected
    assert source.with_text(report.after).encode().endswith(expected.encode(encoding[0])[-10:])


def test_the_engine_lints_and_fixes_with_its_own_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """`fix` asks the linting of its own module and the real front for names."""
    linter = Linter()
    monkeypatch.setattr(engine, "_lint", lambda source, settings, audit: linter(source))
    report = engine.fix(source_of("import tempfile\n\nx = tempfile.mktemp()\n"), Settings(), ALL)
    assert report.after == "import tempsafe\n\nx = tempsafe.mktemp()\n"


MAKERS = st.sampled_from(
    [
        "tempfile.mktemp()",
        "t.mkdtemp(dir=d)",
        "m('s')",
        "tempfile.NamedTemporaryFile(delete=False)",
        "tempfile.mkstemp()[1]",
    ]
)
ROWS = st.sampled_from(
    [
        "x = {0}",
        "a = b = g({0}, 1)  # two",
        "with g(\n{1}{0},  # in\n{1}) as x: y()",
        "if (p := {0}):\n{1}    g(p)\n{1}    g(p)  # again",
        "z = f'{{{0}}}'",
        "g(); g()",
        "g({0}, [{0}, {0}])",
        "def k(p={0}):\n{1}    import tempfile\n{1}    return tempfile.mktemp(),",
    ]
)
HEADS = ["import tempfile", "import tempfile as t", "from tempfile import mktemp as m", "import tempfile, os  # two"]


@st.composite
def programs(draw: st.DrawFn) -> str:
    rows = ["#!/usr/bin/python", *draw(st.lists(st.sampled_from(HEADS), unique=True)), "", "# start"]
    for _ in range(draw(st.integers(1, 5))):
        indent = ""
        if draw(st.booleans()):
            rows.append("while q:")
            indent = draw(st.sampled_from(["  ", "\t"]))
        rows.append(indent + draw(ROWS).format(draw(MAKERS), indent))
    if draw(st.booleans()):
        rows.append(draw(st.sampled_from(["tempsafe = 1", "def f(tempsafe): pass", "import tempsafe"])))
    end = draw(st.sampled_from(["", "\n"]))
    return ("\n".join(rows) + end).replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@settings(deadline=None)
@given(programs())
def test_fixing_any_program_keeps_its_promises(text: str) -> None:
    """Parses, same comments, nothing new, no finding that could have gone and stays without a reason, idempotent."""
    try:
        ast.parse(text)
    except SyntaxError:
        return
    before = Linter()(source_of(text))
    report = fixed(text)
    ast.parse(report.after)

    def comments(of: str) -> list[str]:
        return sorted(layout(of).comments_in(Span(0, len(of))))

    assert comments(report.after) == comments(text)
    assert len(report.left.findings) <= len(before.findings) - len(report.applied)
    for one in report.left.findings:
        assert one.fix is None or one.unfixed is not None, (text, report.after)
    assert not fixed(report.after).changed
    table = imports_of(source_of(report.after))
    mentioned = {node.id for node in ast.walk(ast.parse(report.after)) if isinstance(node, ast.Name)}
    for name in ("tempsafe", "_tempsafe"):
        known = name in table.bound or any(one.name == name for one in table.imports)
        assert name not in mentioned or known
