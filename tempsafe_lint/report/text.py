"""The formats for people: one line per finding, or the line with its source, its story and its mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.edits import apply
from tempsafe_lint.findings import Level, Safety
from tempsafe_lint.report.frame import frame
from tempsafe_lint.report.style import paint, printable, shown_line
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from tempsafe_lint.edits import Fix
    from tempsafe_lint.findings import Finding
    from tempsafe_lint.source import Source

_MARKS = {Safety.SAFE: "[*] ", Safety.UNSAFE: "[-] ", Safety.DISPLAY: ""}
_COLORS = {Level.HIGH: "bold red", Level.MEDIUM: "bold yellow", Level.LOW: "bold cyan"}


def concise(finding: Finding, source: Source | None, *, color: bool) -> str:
    """`path:row:column: CODE message`, the shape that problem matchers know from flake8."""
    return (
        f"{_place(finding, color=color)} {_code(finding, color=color)} {_mark(finding)}{printable(finding.message)}\n"
    )


def full(finding: Finding, source: Source | None, *, color: bool) -> str:
    """The line, the source with the range underlined, the related places, and the mend or why there is none."""
    name = paint(f"({finding.name})", "dim", color=color)
    head = _place(finding, color=color)
    lines = [f"{head} {_code(finding, color=color)} {_mark(finding)}{printable(finding.message)} {name}"]
    if source is not None and source.text:
        gutter, framed = frame(finding, source, color=color)
        lines += framed
        lines += _mend(finding, source, " " * gutter, color=color)
    return "\n".join(lines) + "\n\n"


def _place(finding: Finding, *, color: bool) -> str:
    path = paint(printable(finding.filename), "bold", color=color)
    colon = paint(":", "cyan", color=color)
    return f"{path}{colon}{finding.region.row}{colon}{finding.region.column}{colon}"


def _code(finding: Finding, *, color: bool) -> str:
    return paint(finding.code, _COLORS[finding.severity], color=color)


def _mark(finding: Finding) -> str:
    return _MARKS[finding.fix.safety] if finding.fix else ""


def _mend(finding: Finding, source: Source, margin: str, *, color: bool) -> list[str]:
    fix = finding.fix
    if fix is None:
        return [f"{margin} = no fix: {printable(finding.unfixed)}"] if finding.unfixed else []
    lines = [f"{margin} = {_kind(fix)}: {printable(fix.title)}"]
    lines += [f"{margin}   {line}" for line in _diff(fix, source, color=color)]
    return lines


def _kind(fix: Fix) -> str:
    return {Safety.SAFE: "fix", Safety.UNSAFE: "unsafe fix", Safety.DISPLAY: "suggestion"}[fix.safety]


def _diff(fix: Fix, source: Source, *, color: bool) -> list[str]:
    """What the fix changes, as the changed lines before and after."""
    added = [paint(f"+ import {name}", "green", color=color) for name in sorted(fix.imports)]
    if not fix.edits:
        return added
    from difflib import unified_diff

    first = min(edit.span.start for edit in fix.edits)
    start = source.line_starts[source.row(first) - 1]
    last_row = source.row(max(edit.span.end for edit in fix.edits))
    end = source.line_starts[last_row] if last_row < len(source.line_starts) else len(source.text)
    moved = [type(edit)(Span(edit.span.start - start, edit.span.end - start), edit.text) for edit in fix.edits]
    before = source.text[start:end]
    lines = unified_diff(_rows(before), _rows(apply(before, moved)), lineterm="", n=0)
    result = []
    for line in list(lines)[2:]:
        if line.startswith("@@"):
            continue
        shade = {"+": "green", "-": "red"}.get(line[0], "dim")
        result.append(paint(f"{line[0]} {shown_line(line[1:])}", shade, color=color))
    return added + result


def _rows(text: str) -> list[str]:
    """Lines without their ends; only line ends of the file part them, not every sign that Unicode calls one."""
    return [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")]
