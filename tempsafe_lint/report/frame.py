"""The source around a finding: line numbers, the range underlined, related places named under theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.report.style import paint, printable, shown_line, width

if TYPE_CHECKING:
    from tempsafe_lint.findings import Finding
    from tempsafe_lint.source import Region, Source

#: A longer line is shown only around what is underlined.
_WIDEST = 160


def frame(finding: Finding, source: Source, *, color: bool) -> tuple[int, list[str]]:
    """The width of the line numbers, and the lines of the frame."""
    last = len(source.line_starts)
    marks: dict[int, list[tuple[Region, str | None]]] = {}
    for region, label in ((finding.region, None), *((other.region, other.message) for other in finding.related)):
        if 1 <= region.row <= last:
            marks.setdefault(region.row, []).append((region, label))
    around = {row for row in (finding.region.row - 1, finding.region.row + 1) if 1 <= row <= last}
    rows = sorted({*marks, *(row for row in around if source.line(row).strip())})
    gutter = len(str(rows[-1])) if rows else 1
    bar = paint("|", "blue", color=color)
    lines = [f"{' ' * gutter} {bar}"]
    previous = None
    for row in rows:
        if previous is not None and row > previous + 1:
            lines.append(paint("." * max(3, gutter), "dim", color=color))
        lines += _row(row, source.line(row), marks.get(row, []), gutter, bar, color=color)
        previous = row
    lines.append(f"{' ' * gutter} {bar}")
    return gutter, lines


def _row(
    row: int, text: str, marks: list[tuple[Region, str | None]], gutter: int, bar: str, *, color: bool
) -> list[str]:
    begin = _clip(text, marks)
    visible = text[begin : begin + _WIDEST]
    number = paint(f"{row:>{gutter}}", "blue", color=color)
    before, after = "... " if begin else "", " ..." if begin + _WIDEST < len(text) else ""
    lines = [f"{number} {bar} {before}{shown_line(visible)}{after}".rstrip()]
    for region, label in sorted(marks, key=lambda mark: (mark[1] is not None, mark[0])):
        first = region.column - 1
        stop = min(region.end_column - 1 if region.end_row == region.row else len(text), begin + _WIDEST)
        indent = " " * (len(before) + width(text[begin:first]))
        sign = ("^" if label is None else "-") * max(1, width(text[first:stop]))
        said = paint(sign if label is None else f"{sign} {printable(label)}", _shade(label), color=color)
        lines.append(f"{' ' * gutter} {bar} {indent}{said}")
    return lines


def _shade(label: str | None) -> str:
    return "bold red" if label is None else "cyan"


def _clip(text: str, marks: list[tuple[Region, str | None]]) -> int:
    """Where the visible part of a long line begins."""
    if len(text) <= _WIDEST or not marks:
        return 0
    first = min(region.column for region, _ in marks) - 1
    return max(0, first - 40)
