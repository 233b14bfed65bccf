"""The closing lines of a run, for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tempsafe_lint.findings import Safety

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tempsafe_lint.findings import Finding


def closing(left: Sequence[Finding], fixed: int, *, unsafe_allowed: bool, hint: bool, unread: int) -> list[str]:
    """How many findings are left and how many of them a further option would mend."""
    lines = []
    if fixed:
        lines.append(f"Found {_count(len(left) + fixed, 'error')} ({fixed} fixed, {len(left)} remaining).")
    elif left:
        lines.append(f"Found {_count(len(left), 'error')}.")
    elif unread:
        lines.append(f"No errors found, but {_count(unread, 'notebook')} {'was' if unread == 1 else 'were'} not read.")
    else:
        lines.append("All checks passed!")
    lines += _mendable(left, unsafe_allowed=unsafe_allowed, hint=hint)
    return lines


def _mendable(left: Sequence[Finding], *, unsafe_allowed: bool, hint: bool) -> list[str]:
    kinds = Counter(finding.fix.safety for finding in left if finding.fix)
    ready = kinds[Safety.SAFE] + (kinds[Safety.UNSAFE] if unsafe_allowed else 0)
    more = kinds[Safety.UNSAFE] if hint and not unsafe_allowed else 0
    if ready:
        tail = f" ({more} more with `--unsafe-fixes`)" if more else ""
        return [f"[*] {ready} fixable with the `--fix` option{tail}."]
    return [f"No safe fixes ({more} more with `--unsafe-fixes`)."] if more else []


def fixes(applied: Sequence[Finding]) -> list[str]:
    """What was fixed, by file."""
    if not applied:
        return []
    lines = [f"Fixed {_count(len(applied), 'error')}:"]
    for filename in dict.fromkeys(finding.filename for finding in applied):
        lines.append(f"- {filename}:")
        counts = Counter((finding.code, finding.name) for finding in applied if finding.filename == filename)
        width = len(str(max(counts.values())))
        lines += [f"    {count:>{width}} x {code} ({name})" for (code, name), count in sorted(counts.items())]
    return lines


def statistics(findings: Sequence[Finding], *, as_json: bool = False) -> str:
    """How often each rule was met, the most frequent first."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    mendable = {finding.code for finding in findings if finding.fix and finding.fix.safety is not Safety.DISPLAY}
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if as_json:
        import json

        rows = [
            {"code": code, "name": name, "count": count, "fixable": code in mendable} for (code, name), count in ranked
        ]
        return json.dumps(rows, indent=2) + "\n"
    width = max((len(str(count)) for count in counts.values()), default=0)
    return "".join(
        f"{count:>{width}}  {code}  {'[*]' if code in mendable else '[ ]'} {name}\n" for (code, name), count in ranked
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
