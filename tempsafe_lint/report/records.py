"""Findings as JSON objects, with the keys that readers of ruff's output know."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tempsafe_lint.findings import Finding
    from tempsafe_lint.report import SourceOf
    from tempsafe_lint.source import Region, Source


def array(findings: Sequence[Finding], source_of: SourceOf) -> str:
    """One JSON array, also when it is empty."""
    return json.dumps(list(records(findings, source_of)), indent=2) + "\n"


def lines(findings: Sequence[Finding], source_of: SourceOf) -> str:
    """One JSON object per line."""
    return "".join(json.dumps(record) + "\n" for record in records(findings, source_of))


def records(findings: Sequence[Finding], source_of: SourceOf) -> Iterator[dict[str, Any]]:
    """Each finding as plain data."""
    for finding, fingerprint in zip(findings, fingerprints(findings), strict=True):
        yield _record(finding, source_of(finding.filename), fingerprint)


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """A name for each finding that survives moved lines; equal defects of one file are told apart by their order."""
    seen: Counter[tuple[str, ...]] = Counter()
    result = []
    for finding in findings:
        key = (finding.filename.replace("\\", "/"), *finding.key)
        text = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        result.append(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())
    return result


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
        "fix_withheld": finding.unfixed if finding.fix is None else None,
        "related": [
            {"message": other.message, "location": _start(other.region), "end_location": _end(other.region)}
            for other in finding.related
        ],
        "url": None,
        "fingerprint": fingerprint,
    }


def _fix(finding: Finding, source: Source | None) -> dict[str, Any] | None:
    fix = finding.fix
    if fix is None or source is None:
        return None
    edits = []
    for edit in fix.edits:
        region = source.region(edit.span)
        edits.append({"content": edit.text, "location": _start(region), "end_location": _end(region)})
    # Edits are the change itself; modules that the new text needs are named, to be imported once for all fixes.
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
