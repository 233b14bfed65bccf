"""The format of reviewdog: rows 1-based, columns 1-based in **UTF-8 bytes**, ends not included.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tempsafe_lint.edits import alone, apply
from tempsafe_lint.findings import Level
from tempsafe_lint.source import Span, utf8_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.edits import Fix
    from tempsafe_lint.report import Account, Look
    from tempsafe_lint.source import Region, Source

_SEVERITIES = {Level.HIGH: "ERROR", Level.MEDIUM: "WARNING", Level.LOW: "INFO"}
#: Code points of a replacement.
_LONGEST = 20_000
_TOOL = {"name": "tempsafe-lint"}


def result(account: Account, look: Look) -> str:
    """One object for the whole run."""
    return json.dumps({"source": _TOOL, "diagnostics": list(_diagnostics(account))}, indent=2) + "\n"


def lines(account: Account, look: Look) -> str:
    """One object per finding and line."""
    return "".join(json.dumps({**diagnostic, "source": _TOOL}) + "\n" for diagnostic in _diagnostics(account))


def _diagnostics(account: Account) -> Iterator[dict[str, Any]]:
    for finding in account.findings:
        source = account.source_of(finding.filename)
        path = account.path_of(finding.filename)
        url = account.url_of(finding.code)
        diagnostic: dict[str, Any] = {
            "message": finding.message,
            "location": {"path": path, "range": _range(finding.region, source)},
            "severity": _SEVERITIES[finding.severity],
            "code": {"value": finding.code, **({"url": url} if url else {})},
        }
        if finding.related:
            diagnostic["related_locations"] = [
                {"message": other.message, "location": {"path": path, "range": _range(other.region, source)}}
                for other in finding.related
            ]
        if finding.fix is not None and finding.fix.edits and source is not None:
            suggestion = _suggestion(finding.fix, source)
            if suggestion is not None:
                diagnostic["suggestions"] = [suggestion]
        yield diagnostic


def _suggestion(fix: Fix, source: Source) -> dict[str, Any] | None:
    """All edits as one replacement: each entry of `suggestions` is taken for a mend of its own, and a part is none.

    None where the edits are too far apart, as an import is from a use in a long file: a copy of what lies between for
    each finding is nothing that anybody could review.
    """
    edits = alone(fix)
    start, end = edits[0].span.start, max(edit.span.end for edit in edits)
    if end - start > _LONGEST:
        return None
    moved = [type(edit)(Span(edit.span.start - start, edit.span.end - start), edit.text) for edit in edits]
    text = apply(source.text[start:end], moved)
    return {"range": _range(source.region(Span(start, end)), source), "text": text}


def _range(region: Region, source: Source | None) -> dict[str, Any]:
    return {
        "start": {"line": region.row, "column": _column(source, region.row, region.column)},
        "end": {"line": region.end_row, "column": _column(source, region.end_row, region.end_column)},
    }


def _column(source: Source | None, row: int, column: int) -> int:
    if source is None or row > len(source.line_starts):
        return column
    return utf8_column(source.line(row), column)
