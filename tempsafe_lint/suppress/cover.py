"""Which findings the comments of a file silence, and which of the comments are to be reported themselves.

A finding belongs to the row where it begins. Rows that a string or a backslash joins are one, as in flake8, since no
comment can stand at the end of the first. Rows are 1-based, offsets code points.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING

from tempsafe_lint.findings import Finding, Level
from tempsafe_lint.fixing.layout import Layout, layout
from tempsafe_lint.source import Span
from tempsafe_lint.suppress import noqa, pragmas
from tempsafe_lint.suppress.pragmas import DISABLE, ENABLE, FILE, IGNORE, Pragma, Slip, covers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tempsafe_lint.source import Source

#: The codes of what is wrong with a comment itself: name and severity.
PROBLEMS = {
    "TMP902": ("unused-suppression", Level.LOW),
    "TMP903": ("malformed-suppression", Level.MEDIUM),
    "TMP904": ("expired-suppression", Level.MEDIUM),
}

_PRAGMA = re.compile(r"#\s*(?:tempsafe|ruff:)", re.IGNORECASE)
_OURS = re.compile(r"#\s*tempsafe\s*:|#\s*noqa.*TMP", re.IGNORECASE)
#: With every row in it, however long the file is.
_EVERYWHERE = range(1, 1 << 60)
#: A suppression of no more rows is looked up by row.
_FEW = 100

_first = attrgetter("first")
_place = attrgetter("at.start")


@dataclass(frozen=True, slots=True)
class Terms:
    """How comments count in a file. `rules` are all codes with their names, `enabled` the codes that are on there.

    `noqa` false leaves `# noqa` to somebody else; `honored` are the other tools whose comments count; `today` ends
    what has an `until=`.
    """

    rules: Mapping[str, str]
    enabled: frozenset[str]
    noqa: bool = True
    honored: tuple[str, ...] = ()
    require_reason: bool = False
    today: date = field(default_factory=date.today)


@dataclass(slots=True)
class Verdict:
    """Findings that stay, findings that are silenced, and findings about the comments."""

    kept: list[Finding]
    silenced: list[Finding]
    problems: list[Finding]


def is_mentioned(text: str) -> bool:
    """Whether any comment may silence something: without one, nothing need be looked at."""
    lowered = text.lower()
    return "noqa" in lowered or "nosec" in lowered or _PRAGMA.search(text) is not None


def is_ours(text: str) -> bool:
    """Whether a comment may want reporting, even in a file without findings."""
    return _OURS.search(text) is not None


def judge(findings: Sequence[Finding], source: Source, terms: Terms) -> Verdict:
    """Hold all findings of a file, also those that will not be shown, against its comments."""
    if not findings and _PRAGMA.search(source.text) is None and not noqa.names_ours(source.text, terms.rules):
        return Verdict([], [], [])
    file = _File(source, terms)
    silenced: list[Finding] = []
    kept: list[Finding] = []
    for finding in findings:
        (silenced if file.silences(finding) else kept).append(finding)
    problems = sorted(file.problems(), key=lambda finding: finding.order)
    if terms.noqa:
        problems = [one for one in problems if one.code == "TMP903" or not file.has_noqa_for(one)]
    return Verdict(kept, silenced, problems)


@dataclass(slots=True)
class _Range:
    """The rows that one selector of a pragma silences, and whether it had anything to do."""

    pragma: Pragma
    selector: str
    rows: range
    used: bool = False


def _by_row(ranges: Sequence[_Range]) -> tuple[list[_Range], dict[int, list[_Range]]]:
    """Those of many rows, and by row those of few: a file may have a comment on every row."""
    wide: list[_Range] = []
    by_row: dict[int, list[_Range]] = {}
    for one in ranges:
        if len(one.rows) > _FEW:
            wide.append(one)
            continue
        for row in one.rows:
            by_row.setdefault(row, []).append(one)
    return wide, by_row


class _File:
    def __init__(self, source: Source, terms: Terms) -> None:
        self.source = source
        self.terms = terms
        self.layout = layout(source.text)
        self.joined = joined_rows(source, self.layout)
        self.slips: list[Slip] = []
        self.pragmas = list(self._read())
        self.enables = [pragma for pragma in self.pragmas if pragma.verb == ENABLE]
        self.ranges = list(self._ranges())
        self.wide, self.by_row = _by_row(self.ranges)
        self.off = noqa.of_file(source.text)
        self.foreign = noqa.foreign_in_file(source.text, terms.honored)
        self.noqa_used: set[tuple[Span, str]] = set()

    def _read(self) -> Iterator[Pragma]:
        text, terms = self.source.text, self.terms
        for span in self.layout.comments:
            comment = text[span.start : span.end]
            row = self.source.row(span.start)
            first = self.rows_with(row).start  # behind a backslash a comment may seem to stand alone
            own = first == row and not text[self.source.line_starts[row - 1] : span.start].strip()
            for found in pragmas.read(comment, span.start, own, terms.rules):
                if isinstance(found, Slip):
                    self.slips.append(found)
                else:
                    yield found
            self.slips += [Slip(at, message) for at, message in noqa.slips(comment, span.start, terms.rules)]
            if "ruff" in terms.honored:
                yield from pragmas.of_ruff(comment, span.start, own, noqa.MEANINGS)

    def _ranges(self) -> Iterator[_Range]:
        for number, pragma in enumerate(self.pragmas):
            if pragma.until is not None and pragma.until < self.terms.today:
                continue
            for selector in pragma.selectors:
                if pragma.verb == FILE:
                    yield _Range(pragma, selector, _EVERYWHERE)
                elif pragma.verb == IGNORE:
                    yield _Range(pragma, selector, self._rows_of(pragma))
                elif pragma.verb == DISABLE:
                    yield _Range(pragma, selector, self._block(pragma, selector))
                elif not self._is_open(pragma, selector, self.pragmas[:number]):
                    said = f"no `disable[{selector}]` with the same indentation stands before this in its block"
                    self.slips.append(Slip(pragma.at, said))

    def _rows_of(self, pragma: Pragma) -> range:
        """The row of a pragma behind code; else the next statement, or within one, the next row of code."""
        row = self.source.row(pragma.at.start)
        if not pragma.own:
            return self.rows_with(row)
        lines = self.layout.lines
        number = bisect_right(lines, pragma.at.start, key=lambda line: line.first) - 1
        if number >= 0 and lines[number].end > pragma.at.start:
            rows = range(row + 1, self.source.row(lines[number].end - 1) + 1)
            return self.rows_with(next((at for at in rows if self._is_code(at)), row))
        if number + 1 >= len(lines):
            return range(row, row)
        line = lines[number + 1]
        return range(self.source.row(line.first), self.source.row(line.end - 1) + 1)

    def _is_code(self, row: int) -> bool:
        text = self.source.line(row).strip()
        return bool(text) and not text.startswith("#")

    def rows_with(self, row: int) -> range:
        """All rows that are one with a row."""
        return self.joined.get(row, range(row, row + 1))

    def _width(self, pragma: Pragma) -> int:
        start = self.source.line_starts[self.source.row(pragma.at.start) - 1]
        return len(self.source.text[start : pragma.at.start].expandtabs(8))

    def _block(self, pragma: Pragma, selector: str) -> range:
        """From a `disable` to its `enable`, or to the end of the block that it stands in."""
        row, width = self.source.row(pragma.at.start), self._width(pragma)
        stop = len(self.source.line_starts) + 1
        lines = self.layout.lines if width else ()
        for number in range(bisect_right(lines, pragma.at.start, key=_first), len(lines)):
            if self.layout.width(lines[number]) < width:
                stop = self.source.row(lines[number].first)
                break
        for number in range(bisect_right(self.enables, pragma.at.start, key=_place), len(self.enables)):
            other = self.enables[number]
            if self._ends(other, pragma, selector):
                stop = min(stop, self.source.row(other.at.start))
                break
        return range(row, stop)

    def _ends(self, other: Pragma, pragma: Pragma, selector: str) -> bool:
        return (
            other.verb == ENABLE
            and other.foreign == pragma.foreign
            and selector in other.selectors
            and self._width(other) == self._width(pragma)
        )

    def _is_open(self, enable: Pragma, selector: str, earlier: Sequence[Pragma]) -> bool:
        if enable.foreign:
            return True
        row = self.source.row(enable.at.start)
        for other in reversed(earlier):
            if other.verb == DISABLE and self._ends(enable, other, selector):
                return self._block(other, selector).stop == row
        return False

    def silences(self, finding: Finding) -> bool:
        """Whether any comment silences the finding; each that does counts as used."""
        silent = False
        row = finding.region.row
        for one in (*self.wide, *self.by_row.get(row, ())):
            if row in one.rows and covers(one.selector, finding.code, finding.name):
                one.used = silent = True
        rows = self.rows_with(row)
        text, start = self._text(rows)
        found = noqa.in_row(text, start)
        if found is not None and found.silences(finding):
            self.noqa_used.update((found.at, code) for code in found.codes or () if finding.code.startswith(code))
            silent = silent or self.terms.noqa
        others = noqa.foreign(text, self.terms.honored)
        return silent or finding.code in (*self.foreign, *others) or (self.off and self.terms.noqa)

    def has_noqa_for(self, finding: Finding) -> bool:
        """Whether flake8 would not show it."""
        text, start = self._text(self.rows_with(finding.region.row))
        found = noqa.in_row(text, start)
        return self.off or (found is not None and found.silences(finding))

    def _text(self, rows: range) -> tuple[str, int]:
        starts = self.source.line_starts
        start = starts[rows.start - 1]
        return self.source.text[start : starts[rows.stop - 1] if rows.stop <= len(starts) else None], start

    def problems(self) -> Iterator[Finding]:
        """What is to be said about the comments."""
        for slip in self.slips:
            yield self._problem("TMP903", slip.at, slip.message)
        unused: dict[Span, list[str]] = {}
        for one in self.ranges:
            if not one.used and not one.pragma.foreign and self._is_on(one.selector):
                unused.setdefault(one.pragma.at, []).append(one.selector)
        for at, code in self._unused_noqa():
            unused.setdefault(at, []).append(code)
        for at, selectors in unused.items():
            said = ", ".join(f"`{selector}`" for selector in dict.fromkeys(selectors))
            yield self._problem("TMP902", at, f"nothing is silenced by this suppression of {said}")
        for pragma in self.pragmas:
            if pragma.foreign or pragma.verb == ENABLE:
                continue
            if pragma.until is not None and pragma.until < self.terms.today:
                yield self._problem("TMP904", pragma.at, f"this suppression ended on {pragma.until.isoformat()}")
            if self.terms.require_reason and not pragma.reason:
                yield self._problem("TMP903", pragma.at, 'a reason is required: add `reason="..."`')

    def _is_on(self, selector: str) -> bool:
        """Whether all rules that a selector means were asked: of others it cannot be said that they found nothing."""
        meant = {code for code, name in self.terms.rules.items() if covers(selector, code, name)}
        return meant <= self.terms.enabled

    def _unused_noqa(self) -> Iterator[tuple[Span, str]]:
        for span in self.layout.comments:
            found = noqa.in_row(self.source.text[span.start : span.end], span.start)
            if found is None:
                continue
            for code in found.codes or ():
                if re.fullmatch(r"TMP[1-8]\d*", code) and (found.at, code) not in self.noqa_used and self._is_on(code):
                    yield found.at, code

    def _problem(self, code: str, at: Span, message: str) -> Finding:
        name, severity = PROBLEMS[code]
        source = self.source
        text = source.text[at.start : at.end]
        return Finding(code, name, message, severity, Level.HIGH, source.filename, source.region(at), text=text)


def joined_rows(source: Source, lay: Layout) -> dict[int, range]:
    """Rows that a string or a backslash makes one, each with all that it is one with."""
    links: set[int] = set()  # rows that go on in the next one
    for span in lay.strings:
        links.update(range(source.row(span.start), source.row(span.end - 1)))
    text = source.text
    for found in re.finditer(r"\\(?=\r\n|\r|\n)", text):
        row = source.row(found.start())
        if row not in links and not lay.comments_in(Span(source.line_starts[row - 1], found.start())):
            links.add(row)
    result: dict[int, range] = {}
    for row in sorted(links):
        first = result[row].start if row in result else row
        for other in range(first, row + 2):
            result[other] = range(first, row + 2)
    return result
