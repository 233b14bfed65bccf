"""Commands that GitHub's runner turns into annotations of a change.

Of one step it shows ten errors, ten warnings and ten notices and drops the rest silently, so the worst come first and a
notice tells of the rest. Rows and columns are 1-based.
https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tempsafe_lint.findings import Level

if TYPE_CHECKING:
    from tempsafe_lint.findings import Finding
    from tempsafe_lint.report import Account, Look

#: How many of one kind GitHub shows of one step.
SHOWN = 10

_KINDS = {Level.HIGH: "error", Level.MEDIUM: "warning", Level.LOW: "notice"}


def commands(account: Account, look: Look) -> str:
    """One command per finding. What tells of the rest stands before the notices: they could push it out."""
    worst = sorted(account.findings, key=lambda finding: -finding.severity.rank)
    lines = [_command(finding, account) for finding in worst]
    if len(worst) > SHOWN:
        kinds = Counter(_KINDS[finding.severity] for finding in worst)
        lines.insert(len(worst) - kinds["notice"], _notice(len(worst), kinds))
    return "".join(f"{line}\n" for line in lines)


def _notice(count: int, kinds: Counter[str]) -> str:
    dropped = sum(max(0, kinds[kind] - SHOWN) for kind in ("error", "warning"))
    dropped += max(0, kinds["notice"] - SHOWN + 1)
    said = f"GitHub shows {SHOWN} of a kind and leaves out {dropped}" if dropped else "all are shown"
    return f"::notice title=tempsafe-lint::{_text(f'{count} findings; {said}. The job summary lists them.')}"


def _command(finding: Finding, account: Account) -> str:
    region = finding.region
    where = {"file": account.path_of(finding.filename), "line": region.row, "endLine": region.end_row}
    if region.row == region.end_row:  # columns of two rows cannot be shown
        where |= {"col": region.column, "endColumn": region.end_column}
    properties = {"title": f"{finding.code} {finding.name}", **where}
    said = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_KINDS[finding.severity]} {said}::{_text(f'{finding.code} {finding.message}')}"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
