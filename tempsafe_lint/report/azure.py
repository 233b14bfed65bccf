"""Commands that Azure Pipelines turns into issues of a build. Rows and columns are 1-based.

https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.findings import Level

if TYPE_CHECKING:
    from tempsafe_lint.report import Account, Look

_ESCAPES = {"%": "%AZP25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_ESCAPES, ";": "%3B", "]": "%5D"}


def commands(account: Account, look: Look) -> str:
    """One command per finding."""
    lines = []
    for finding in account.findings:
        properties = {
            "type": "error" if finding.severity is Level.HIGH else "warning",
            "sourcepath": account.path_of(finding.filename),
            "linenumber": finding.region.row,
            "columnnumber": finding.region.column,
            "code": finding.code,
        }
        said = "".join(f"{name}={_escaped(str(value), _IN_PROPERTIES)};" for name, value in properties.items())
        lines.append(f"##vso[task.logissue {said}]{_escaped(finding.message, _ESCAPES)}\n")
    return "".join(lines)


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)
