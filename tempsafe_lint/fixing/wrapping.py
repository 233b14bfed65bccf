"""Rows that a mend made too long for their file are broken at a bracket, as formatters do it.

Only white space inside brackets changes, and a comma at the end of a list that gets a row for each item. A row with a
comment, or with a string that holds a line end, stays as it is. Offsets are code points.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing.blocks import indent_unit
from tempsafe_lint.fixing.layout import Layout, Line, layout
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.source import Source

#: Row lengths that formatters are told to keep to; the first is what they do untold.
_LIMITS = (88, 100, 120)
_OPEN, _CLOSE = "([{", ")]}"
_ROW_END = re.compile("\r\n|\r|\n")


def wrap_long(before: Source, after: Source) -> list[Edit]:
    """Edits to `after` that break its new rows where they are longer than those of `before` may be."""
    known, lay = set(before.text.splitlines()), layout(after.text)
    new = [line for line in lay.lines if line.stop - line.start > _LIMITS[0] and _is_bare(lay, line)]
    new = [line for line in new if not known.issuperset(lay.text[line.start : line.end].splitlines())]
    limit = _limit(layout(before.text)) if new else None
    return [edit for line in new for edit in (_wrapped(after, lay, line, limit, known) if limit else ())]


def _is_bare(lay: Layout, line: Line) -> bool:
    """Whether a line has no comment and no string with a line end in it: then white space means nothing in it."""
    strings = (s for s in lay.strings if line.start <= s.start < line.end)
    return not lay.comments_in(Span(line.start, line.stop)) and not any(
        "\n" in lay.text[s.start : s.end] or "\r" in lay.text[s.start : s.end] for s in strings
    )


def _limit(lay: Layout) -> int | None:
    """How long the rows of a file may be: none that could be broken is longer."""
    longest = _LIMITS[0]
    for line in lay.lines:
        size = line.end - line.start
        if size > longest and _ROW_END.search(lay.text, line.start, line.end) is None and _is_bare(lay, line):
            longest = size if _last_pair(lay, Span(line.first, line.end)) is not None else longest
    return next((limit for limit in _LIMITS if longest <= limit), None)


def _wrapped(source: Source, lay: Layout, line: Line, limit: int, known: set[str]) -> Iterator[Edit]:
    text, unit = lay.text, indent_unit(lay, line)
    rows = text[line.start : line.end].splitlines()
    if len(rows) == 1:
        pair = _last_pair(lay, Span(line.first, line.end))
        if len(rows[0]) > limit and rows[0] not in known and pair is not None:
            yield from _broken(source, lay, pair, (lay.indent(line), unit, limit))
        return
    at = line.start
    for number, row in enumerate(rows):
        begins = at
        end = _ROW_END.search(text, at, line.end)
        at = end.end() if end else line.end
        alone = 0 < number < len(rows) - 1 and rows[number - 1].rstrip().endswith(("(", "["))
        if alone and len(row) > limit and row not in known and rows[number + 1].lstrip().startswith((")", "]")):
            indent = row[: len(row) - len(row.lstrip())]
            body = Span(begins + len(indent), begins + len(row))
            yield from _one_each(source, lay, body, indent)


def _last_pair(lay: Layout, place: Span) -> Span | None:
    """What stands between the last round brackets of a row that stand in no others."""
    depth, start = 0, 0
    found: Span | None = None
    for at, char in _code(lay, place):
        if char in _OPEN:
            start = at + 1 if depth == 0 else start
            depth += 1
        elif char in _CLOSE:
            depth -= 1
            found = Span(start, at) if char == ")" and depth == 0 and at > start else found
    return found


def _code(lay: Layout, place: Span) -> Iterator[tuple[int, str]]:
    """The characters of a place that stand in no string."""
    at = place.start
    while at < place.end:
        inside = lay.string_at(at)
        if inside is not None:
            at = inside.end
            continue
        yield at, lay.text[at]
        at += 1


def _broken(source: Source, lay: Layout, body: Span, how: tuple[str, str, int]) -> Iterator[Edit]:
    """The body of brackets on a row of its own, or each item on one."""
    indent, unit, limit = how
    text = lay.text[body.start : body.end]
    if len(indent) + len(unit) + len(text) <= limit and not text.rstrip().endswith(","):
        yield Edit(Span(body.start, body.start), f"{source.newline}{indent}{unit}")
    else:
        edits = list(_one_each(source, lay, body, indent + unit))
        if not edits:
            return
        yield Edit(Span(body.start, body.start), f"{source.newline}{indent}{unit}")
        yield from edits
    yield Edit(Span(body.end, body.end), f"{source.newline}{indent}")


def _one_each(source: Source, lay: Layout, body: Span, indent: str) -> Iterator[Edit]:
    """Each item of a list on a row of its own, with a comma behind the last one; none where there are no items."""
    depth, commas = 0, []
    for at, char in _code(lay, body):
        depth += (char in _OPEN) - (char in _CLOSE)
        if char == "," and depth == 0:
            commas.append(at)
    text = lay.text
    if not commas or re.search(r"\bfor\b|\blambda\b", text[body.start : body.end]):
        return
    for at in commas:
        stop = at + 1 + len(text[at + 1 : body.end]) - len(text[at + 1 : body.end].lstrip(" \t"))
        if stop < body.end:
            yield Edit(Span(at + 1, stop), f"{source.newline}{indent}")
    if not text[commas[-1] + 1 : body.end].strip():
        return
    yield Edit(Span(body.end, body.end), ",")
