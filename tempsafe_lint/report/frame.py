"""The source around a finding: line numbers, the range underlined, related places named under theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.report.style import paint, printable, shown_line, width, wrapped

if TYPE_CHECKING:
    from tempsafe_lint.findings import Finding
    from tempsafe_lint.report import Look
    from tempsafe_lint.source import Region, Source

#: A longer line is shown only around what is underlined.
_WIDEST = 160
#: The least that is shown of one, however narrow the screen is.
_NARROWEST = 20

Mark = tuple["Region", "str | None"]


def frame(finding: Finding, source: Source, look: Look) -> tuple[int, list[str]]:
    """The width of the line numbers, and the lines of the frame."""
    last = len(source.line_starts)
    marks: dict[int, list[Mark]] = {}
    for region, label in ((finding.region, None), *((other.region, other.message) for other in finding.related)):
        if 1 <= region.row <= last:
            marks.setdefault(region.row, []).append((region, label))
    around = {row for row in (finding.region.row - 1, finding.region.row + 1) if 1 <= row <= last}
    rows = sorted({*marks, *(row for row in around if source.line(row).strip())})
    gutter = len(str(rows[-1])) if rows else 1
    bar = paint("|", "blue", color=look.color)
    lines = [f"{' ' * gutter} {bar}"]
    previous = None
    for row in rows:
        if previous is not None and row > previous + 1:
            lines.append(paint("." * max(3, gutter), "dim", color=look.color))
        lines += _row(row, source.line(row), marks.get(row, []), gutter, bar, look)
        previous = row
    lines.append(f"{' ' * gutter} {bar}")
    return gutter, lines


def _row(row: int, text: str, marks: list[Mark], gutter: int, bar: str, look: Look) -> list[str]:
    room = _WIDEST if look.width is None else max(_NARROWEST, min(_WIDEST, look.width - gutter - 3))
    begin, stop, before, after = _clip(text, marks, room)
    number = paint(f"{row:>{gutter}}", "blue", color=look.color)
    lines = [f"{number} {bar} {before}{shown_line(text[begin:stop])}{after}".rstrip()]
    margin = f"{' ' * gutter} {bar} "
    for region, label in sorted(marks, key=lambda mark: (mark[1] is not None, mark[0])):
        first = max(region.column - 1, begin)
        end = min(region.end_column - 1 if region.end_row == region.row else len(text), stop)
        indent = len(before) + width(text[begin:first])
        size = max(1, width(text[first:end]))
        if label is None:
            lines.append(f"{margin}{' ' * indent}{paint('^' * size, 'bold red', color=look.color)}")
        else:
            said = _labelled(indent, size, printable(label), room if look.width is not None else None)
            lines += [f"{margin}{paint(line, 'cyan', color=look.color)}" for line in said]
    return lines


def _labelled(indent: int, size: int, label: str, room: int | None) -> list[str]:
    """The underline with its label behind it, or below it where the line has no room for it."""
    line = f"{' ' * indent}{'-' * size} {label}"
    if room is None or len(line) <= room:
        return [line]
    below = min(indent, max(0, room // 2))
    return [f"{' ' * indent}{'-' * size}", *wrapped(" " * below + label, " " * below, room)]


def _clip(text: str, marks: list[Mark], room: int) -> tuple[int, int, str, str]:
    """The part of a line that fits into `room` columns with the signs for what is left out: start, end, both signs."""
    if width(text) <= room:
        return 0, len(text), "", ""
    first = min((region.column for region, _ in marks), default=1) - 1
    begin = max(0, first - room // 4) if first > room // 2 else 0
    before = "... " if begin else ""
    stop, taken = begin, len(before) + len(" ...")
    while stop < len(text) and taken + width(text[stop]) <= room:
        taken += width(text[stop])
        stop += 1
    return begin, stop, before, " ..." if stop < len(text) else ""
