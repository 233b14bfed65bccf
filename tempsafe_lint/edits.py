"""Edits of text and what may be done to a set of them: compose, refuse, apply, and follow places through them.

All offsets are code points into the decoded text of one version of a file (see `source`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from tempsafe_lint.findings import Safety
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put `text` in place of what stands in `span`; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One mend: all of its edits or none.

    `imports` are modules that the new text needs, as they are written after the word `import` (`tempsafe`,
    `tempsafe as _tempsafe`); they are written once for all fixes of a file. `importing` are the edits that bring
    them where this fix is the only one.
    Fixes of one `group` are never applied in the same round. `safety` says what else may change.
    """

    title: str
    safety: Safety
    edits: tuple[Edit, ...]
    imports: frozenset[str] = frozenset()
    group: str | None = None
    importing: tuple[Edit, ...] = ()


class OverlappingEdits(ValueError):
    """Two edits of one fix touch the same text, or one stands outside it."""


def in_order(edits: Iterable[Edit]) -> list[Edit]:
    """Edits by place. Insertions at one place keep the order they came in, before a replacement that starts there."""
    return sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))


def alone(fix: Fix) -> list[Edit]:
    """By place, everything that carries out one fix without any other."""
    return in_order((*fix.importing, *fix.edits))


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text after all edits; raises OverlappingEdits if two of them share text. Insertions keep their order."""
    pieces: list[str] = []
    last = 0
    for edit in in_order(edits):
        if not last <= edit.span.start <= edit.span.end <= len(text):
            raise OverlappingEdits(f"edits overlap or leave the text at offset {edit.span.start}")
        pieces.append(text[last : edit.span.start])
        pieces.append(edit.text)
        last = edit.span.end
    pieces.append(text[last:])
    return "".join(pieces)


def compose(fixes: Sequence[Fix]) -> tuple[list[Fix], list[Fix]]:
    """Those that can go together in one round, and those that must wait.

    A fix waits as a whole when one of its edits overlaps or touches an edit already taken, or when its group is taken.
    The first in the text is taken first; of two that start at one place, the one that was given first.
    """
    taken: list[Fix] = []
    waiting: list[Fix] = []
    spans: list[Span] = []  # sorted and apart, so that only two neighbours can touch a new one
    groups: set[str] = set()
    for fix in sorted(fixes, key=lambda f: min((e.span for e in f.edits), default=Span(0, 0))):
        if (fix.group is not None and fix.group in groups) or any(_touches(spans, e.span) for e in fix.edits):
            waiting.append(fix)
            continue
        taken.append(fix)
        for span in _hulls(fix.edits):
            insort(spans, span)
        if fix.group is not None:
            groups.add(fix.group)
    return taken, waiting


def _hulls(edits: Sequence[Edit]) -> list[Span]:
    """The places of one fix, with those that touch one another joined."""
    joined: list[Span] = []
    for edit in in_order(edits):
        if joined and edit.span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, edit.span.end))
        else:
            joined.append(edit.span)
    return joined


def _touches(spans: list[Span], span: Span) -> bool:
    """Whether `span` shares text or an edge with one of `spans` (sorted, none touching another)."""
    after = bisect_left(spans, span)
    return (after > 0 and spans[after - 1].end >= span.start) or (after < len(spans) and spans[after].start <= span.end)


class Moves:
    """Where places of a text went when edits were applied to it. Follows any number of rounds (`then`)."""

    def __init__(self, edits: Iterable[Edit] = ()) -> None:
        self._rounds = [_Round(edits)]

    def then(self, edits: Iterable[Edit]) -> Moves:
        """These moves, and after them those of `edits`, whose offsets are those of the text in between."""
        moves = Moves()
        moves._rounds = [*self._rounds, _Round(edits)]
        return moves

    def span(self, span: Span) -> Span:
        """The place that stands for `span` now.

        Text inserted just before or just after it is not part of it. An end inside a replaced text moves outwards, to
        the edge of what replaced it, so that a call keeps its place when its callee is replaced.
        """
        for one in self._rounds:
            start, end = one.start(span.start), one.end(span.end)
            span = Span(start, max(start, end))
        return span


class _Round:
    """Edits that were applied together, none of which shares text with another."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        ordered = in_order(edits)
        self._spans = [edit.span for edit in ordered]
        #: By how much the text behind so many edits has moved.
        self._shifts = [0, *accumulate(len(edit.text) - (edit.span.end - edit.span.start) for edit in ordered)]

    def start(self, offset: int) -> int:
        before = bisect_right(self._spans, Span(offset, offset))
        if before and self._spans[before - 1].end > offset:
            return self._spans[before - 1].start + self._shifts[before - 1]
        return offset + self._shifts[before]

    def end(self, offset: int) -> int:
        before = bisect_left(self._spans, Span(offset, offset))
        if before and self._spans[before - 1].end > offset:
            return self._spans[before - 1].end + self._shifts[before]
        return offset + self._shifts[before]
