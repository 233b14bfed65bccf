"""Findings as JSON objects, with the keys that readers of ruff's output know.

Rows and columns are 1-based, columns count code points, ends are not included.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tempsafe_lint.edits import alone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.findings import Finding
    from tempsafe_lint.report import Account, Look
    from tempsafe_lint.source import Region, Source


def array(account: Account, look: Look) -> str:
    """One JSON array, also when it is empty."""
    return json.dumps(list(records(account)), indent=2) + "\n"


def lines(account: Account, look: Look) -> str:
    """One JSON object per line."""
    return "".join(json.dumps(record) + "\n" for record in records(account))


def records(account: Account) -> Iterator[dict[str, Any]]:
    """Each finding as plain data."""
    for finding, fingerprint in zip(account.findings, account.fingerprints(), strict=True):
        record = _record(finding, account.source_of(finding.filename), fingerprint)
        record["url"] = account.url_of(finding.code)
        yield record


def _record(finding: Finding, source: Source | None, fingerprint: str) -> dict[str, Any]:
    region = finding.region
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "filename": finding.filename,
        "cell": None,
        "location": _start(region),
        "end_location": _end(region),
        "noqa_row": region.row,
        "fix": _fix(finding, source),
        "fix_withheld": None if finding.fix is not None and finding.fix.edits else finding.unfixed,
        "related": [
            {"message": other.message, "location": _start(other.region), "end_location": _end(other.region)}
            for other in finding.related
        ],
        "url": None,
        "fingerprint": fingerprint,
    }


def _fix(finding: Finding, source: Source | None) -> dict[str, Any] | None:
    """The fix with all that it takes when it is the only one: an import that it needs is one of the edits."""
    fix = finding.fix
    if fix is None or source is None:
        return None
    edits = []
    for edit in alone(fix):
        region = source.region(edit.span)
        edits.append({"content": edit.text, "location": _start(region), "end_location": _end(region)})
    return {
        "applicability": fix.safety.value,
        "message": fix.title,
        "edits": edits,
        "imports": sorted(fix.imports),
    }


def _start(region: Region) -> dict[str, int]:
    return {"row": region.row, "column": region.column}


def _end(region: Region) -> dict[str, int]:
    return {"row": region.end_row, "column": region.end_column}
