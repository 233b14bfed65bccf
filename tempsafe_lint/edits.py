"""Edits of text and what may be done to a set of them: compose, refuse, apply.

All offsets are code points into the decoded text of one version of a file (see `source`).
"""

from __future__ import annotations

from dataclasses import dataclass

from tempsafe_lint.findings import Safety
from tempsafe_lint.source import Span


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put `text` in place of what stands in `span`; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One mend: all of its edits or none.

    `imports` are modules that the new text needs (`tempsafe`); they are written once for all fixes of a file.
    Fixes of one `group` are never applied in the same round. `safety` says what else may change.
    """

    title: str
    safety: Safety
    edits: tuple[Edit, ...]
    imports: frozenset[str] = frozenset()
    group: str | None = None


class OverlappingEdits(ValueError):
    """Two edits of one fix touch the same text."""


def apply(text: str, edits: list[Edit] | tuple[Edit, ...]) -> str:
    """The text after all edits; raises OverlappingEdits if two of them share text. Insertions keep their order."""
    pieces: list[str] = []
    last = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        if edit.span.start < last:
            raise OverlappingEdits(f"edits overlap at offset {edit.span.start}")
        pieces.append(text[last : edit.span.start])
        pieces.append(edit.text)
        last = edit.span.end
    pieces.append(text[last:])
    return "".join(pieces)


def compose(fixes: list[Fix]) -> tuple[list[Fix], list[Fix]]:
    """Those that can go together in one round, and those that must wait.

    A fix waits as a whole when one of its edits overlaps or touches an edit already taken, or when its group is taken.
    """
    taken: list[Fix] = []
    waiting: list[Fix] = []
    spans: list[Span] = []
    groups: set[str] = set()
    for fix in sorted(fixes, key=lambda f: min((e.span for e in f.edits), default=Span(0, 0))):
        touches = any(e.span.start <= s.end and s.start <= e.span.end for e in fix.edits for s in spans)
        if touches or (fix.group is not None and fix.group in groups):
            waiting.append(fix)
            continue
        taken.append(fix)
        spans.extend(e.span for e in fix.edits)
        if fix.group is not None:
            groups.add(fix.group)
    return taken, waiting
