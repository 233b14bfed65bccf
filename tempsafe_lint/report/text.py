"""The formats for people: one line per finding, or the line with its source, its story and its mend."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tempsafe_lint.edits import apply, in_order
from tempsafe_lint.findings import Level, Safety
from tempsafe_lint.report.style import link, paint, printable, shown_line, wrapped
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.edits import Edit, Fix
    from tempsafe_lint.findings import Finding
    from tempsafe_lint.report import Account, Look
    from tempsafe_lint.source import Source

_MARKS = {Safety.SAFE: "[*] ", Safety.UNSAFE: "[-] ", Safety.DISPLAY: ""}
_COLORS = {Level.HIGH: "bold red", Level.MEDIUM: "bold yellow", Level.LOW: "bold cyan"}

#: Unchanged rows between two changed ones that are still shown; more are left out.
_BETWEEN = 3


def concise(account: Account, look: Look) -> str:
    """`path:row:column: CODE message`, the shape that problem matchers know from flake8."""
    return "".join(
        f"{_place(finding, look)} {_code(finding, look)} {_mark(finding)}{printable(finding.message)}\n"
        for finding in account.findings
    )


def pylint(account: Account, look: Look) -> str:
    """`path:row: [CODE] message`, the shape that problem matchers know from pylint."""
    return "".join(
        f"{printable(finding.filename)}:{finding.region.row}: [{finding.code}] {printable(finding.message)}\n"
        for finding in account.findings
    )


def grouped(account: Account, look: Look) -> str:
    """Findings under the name of their file."""
    lines = []
    for filename, group in groupby(account.findings, key=lambda finding: finding.filename):
        found = list(group)
        places = [f"{finding.region.row}:{finding.region.column}" for finding in found]
        width = max(map(len, places))
        lines.append(paint(printable(filename), "bold", color=look.color) + ":")
        for place, finding in zip(places, found, strict=True):
            said = f"{_mark(finding)}{printable(finding.message)}"
            lines.append(f"  {place:<{width}}  {_code(finding, look)} {said}")
        lines.append("")
    return "".join(f"{line}\n" for line in lines)


def full(account: Account, look: Look) -> str:
    """The line, the source with the range underlined, the related places, and the mend or why there is none."""
    seen: set[str] = set()
    return "".join(_full(finding, account, look, seen) for finding in account.findings)


def _full(finding: Finding, account: Account, look: Look, seen: set[str]) -> str:
    """One finding; its rule's page is a link, or where there are none a line of its own at the rule's first finding."""
    source = account.source_of(finding.filename)
    name = paint(finding.name, "dim", color=look.color)
    page = account.url_of(finding.code) if look.links or finding.code not in seen else None
    seen.add(finding.code)
    url = page if look.links else None
    lines = [
        f"{_place(finding, look)} {_code(finding, look)} {_mark(finding)}{printable(finding.message)}"
        f" ({link(name, url)})"
    ]
    gutter = 1
    if source is not None and source.text:
        from tempsafe_lint.report.frame import frame

        gutter, framed = frame(finding, source, look)
        lines += framed
    lines += _mend(finding, source, " " * gutter, look)
    if page and not look.links:
        lines.append(f"{' ' * gutter} = see: {page}")
    return "\n".join(lines) + "\n\n"


def _place(finding: Finding, look: Look) -> str:
    path = paint(printable(finding.filename), "bold", color=look.color)
    colon = paint(":", "cyan", color=look.color)
    return f"{path}{colon}{finding.region.row}{colon}{finding.region.column}{colon}"


def _code(finding: Finding, look: Look) -> str:
    return paint(finding.code, _COLORS[finding.severity], color=look.color)


def _mark(finding: Finding) -> str:
    return _MARKS[finding.fix.safety] if finding.fix else ""


def _mend(finding: Finding, source: Source | None, margin: str, look: Look) -> list[str]:
    fix = finding.fix
    said = f"{margin} = no fix: {printable(finding.unfixed)}" if finding.unfixed else ""
    why = wrapped(said, f"{margin}   ", look.width)
    if fix is None:
        return why
    lines = wrapped(f"{margin} = {_kind(fix)}: {printable(fix.title)}", f"{margin}   ", look.width)
    if fix.safety is Safety.DISPLAY:
        lines += why
    if source is not None:
        lines += [f"{margin}   {line}" for line in _diff(fix, source, color=look.color)]
    return lines


def _kind(fix: Fix) -> str:
    return {Safety.SAFE: "fix", Safety.UNSAFE: "unsafe fix", Safety.DISPLAY: "suggestion"}[fix.safety]


def _diff(fix: Fix, source: Source, *, color: bool) -> Iterator[str]:
    """What the fix changes, as the changed rows before and after; edits that are far apart each for themselves."""
    from difflib import unified_diff

    groups = _near(in_order(fix.edits), source)
    for edits in (*([new] for new in fix.importing), *groups):
        start = source.line_starts[source.row(edits[0].span.start) - 1]
        last_row = source.row(max(edit.span.end for edit in edits))
        end = source.line_starts[last_row] if last_row < len(source.line_starts) else len(source.text)
        moved = [type(edit)(Span(edit.span.start - start, edit.span.end - start), edit.text) for edit in edits]
        before = source.text[start:end]
        for line in list(unified_diff(_rows(before), _rows(apply(before, moved)), lineterm="", n=0))[2:]:
            if line.startswith("@@") or not line[1:].strip():
                continue
            shade = {"+": "green", "-": "red"}.get(line[0], "dim")
            yield paint(f"{line[0]} {shown_line(line[1:])}", shade, color=color)


def _near(edits: list[Edit], source: Source) -> Iterator[list[Edit]]:
    """The edits, in order, in groups that stand together."""
    group: list[Edit] = []
    for edit in edits:
        if group and source.row(edit.span.start) > source.row(group[-1].span.end) + _BETWEEN:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _rows(text: str) -> list[str]:
    """Lines without their ends; only line ends of the file part them, not every sign that Unicode calls one."""
    return [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")]
