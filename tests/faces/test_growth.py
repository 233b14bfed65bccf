"""What is said about a file with very much to say about: the work grows with the file and not with its square."""

from __future__ import annotations

import json
import re
from datetime import date
from random import Random

import pytest

from tempsafe_lint.edits import Edit, Moves
from tempsafe_lint.engine import lint
from tempsafe_lint.findings import Finding, Level
from tempsafe_lint.fixing.layout import Layout, Line
from tempsafe_lint.report import Account, render
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source, Span
from tempsafe_lint.suppress import cover

RULES = {"TMP201": "mktemp", "TMP402": "leaked-dir"}


def asked(monkeypatch: pytest.MonkeyPatch, text: str) -> int:
    """How often a comment is held against a finding, or the indentation of a line is looked at."""
    count = 0
    real, width = cover.covers, Layout.width

    def covers(*arguments: str) -> bool:
        nonlocal count
        count += 1
        return real(*arguments)

    def measured(self: Layout, line: Line) -> int:
        nonlocal count
        count += 1
        return width(self, line)

    monkeypatch.setattr(cover, "covers", covers)
    monkeypatch.setattr(Layout, "width", measured)
    source = Source.from_text(text, "a.py")
    found = [
        Finding("TMP201", "mktemp", "", Level.HIGH, Level.HIGH, "a.py", source.region(Span(at.start(), at.end())))
        for at in re.finditer("mktemp", text)
    ]
    verdict = cover.judge(found, source, cover.Terms(RULES, frozenset(RULES), today=date(2026, 1, 1)))
    assert (len(verdict.silenced), verdict.kept, verdict.problems) == (len(found), [], [])
    monkeypatch.undo()
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "x = mktemp()  # tempsafe: ignore[TMP201]\n",
        "# tempsafe: disable[TMP201]\nx = mktemp()\n# tempsafe: enable[TMP201]\n",
        "def f():\n    # tempsafe: disable[TMP201]\n    x = mktemp()\n",
    ],
    ids=["behind", "between", "in a block"],
)
def test_comments_are_looked_up_by_their_rows(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = asked(monkeypatch, piece * 100), asked(monkeypatch, piece * 400)
    assert small > 0
    assert large <= 4 * small + 10


def test_a_replacement_that_nobody_could_review_is_left_out() -> None:
    """It would hold a copy of everything between the import and the use, for each finding anew."""
    near = (
        "import os\n\n\ndef f():\n    import tempfile\n    name = tempfile.mktemp()\n    print(os.path.exists(name))\n"
    )
    far = near.replace("\n\n\n", "\n" + "# filled up\n" * 3000)
    for text, wanted in ((near, True), (far, False)):
        source = Source.from_text(text, "a.py")
        report = lint(source, Settings())
        assert [finding.fix is not None for finding in report.findings] == [True]
        account = Account(report.findings, source_of={"a.py": source}.get)
        (said,) = json.loads(render("rdjson", account))["diagnostics"]
        assert ("suggestions" in said) is wanted


def test_places_are_followed_as_if_each_edit_were_looked_at() -> None:
    """Against the plain way: edit after edit, from the last one, which moves nothing before it."""
    random = Random(3)
    for _ in range(300):
        cuts = sorted(random.sample(range(41), 8))
        edits = [
            Edit(Span(start, start if random.random() < 0.3 else end), random.choice(["", "a", "long text"]))
            for start, end in zip(cuts[::2], cuts[1::2], strict=True)
        ]
        moves = Moves(random.sample(edits, len(edits)))
        start = random.randrange(40)
        span = Span(start, random.randrange(start, 41))
        assert moves.span(span) == plainly(edits, span), (edits, span)


def plainly(edits: list[Edit], span: Span) -> Span:
    start, end = span.start, span.end
    for edit in edits:
        at, grown = edit.span, len(edit.text) - (edit.span.end - edit.span.start)
        if at.end <= span.start:
            start += grown
        elif at.start < span.start:
            start -= span.start - at.start
        if at.start < span.end:
            end += grown + max(0, at.end - span.end)
    return Span(start, max(start, end))
