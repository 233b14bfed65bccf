"""GitLab's Code Quality report: one JSON array. Rows and columns are 1-based and count code points.

https://docs.gitlab.com/ci/testing/code_quality/
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tempsafe_lint.findings import Level

if TYPE_CHECKING:
    from tempsafe_lint.report import Account, Look
    from tempsafe_lint.source import Region

_SEVERITIES = {Level.HIGH: "major", Level.MEDIUM: "minor", Level.LOW: "info"}


def report(account: Account, look: Look) -> str:
    """The array. The code stands in the description because GitLab does not show the name of the check."""
    found = [
        {
            "type": "issue",
            "description": f"{finding.code}: {finding.message}",
            "check_name": finding.name,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {"path": account.path_of(finding.filename), **_places(finding.region)},
        }
        for finding, fingerprint in zip(account.findings, account.fingerprints(), strict=True)
    ]
    return json.dumps(found, indent=2) + "\n"


def _places(region: Region) -> dict[str, Any]:
    return {
        "lines": {"begin": region.row, "end": region.end_row},
        "positions": {
            "begin": {"line": region.row, "column": region.column},
            "end": {"line": region.end_row, "column": region.end_column},
        },
    }
