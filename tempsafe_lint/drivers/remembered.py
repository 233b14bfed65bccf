"""A report as JSON text and back, for the cache: a file of the project's folder must never be able to run code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tempsafe_lint.edits import Edit, Fix
from tempsafe_lint.findings import Finding, Related, Report, Safety
from tempsafe_lint.levels import Level
from tempsafe_lint.source import Region, Span

if TYPE_CHECKING:
    from collections.abc import Iterable


def packed(report: Report) -> str:
    """What a report says, apart from the name of its file and its timings."""
    return json.dumps(
        [[_finding(one) for one in report.findings], [_finding(one) for one in report.suppressed], list(report.notes)],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def unpacked(text: str, filename: str) -> Report:
    """The report of a file that is shown as `filename`. Raises ValueError for what `packed` did not write."""
    try:
        findings, suppressed, notes = json.loads(text)
        return Report(
            filename,
            tuple(_of_finding(row, filename) for row in findings),
            tuple(_of_finding(row, filename) for row in suppressed),
            tuple(str(note) for note in notes),
        )
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a report: {error}") from None


def _finding(one: Finding) -> list[Any]:
    return [
        *(one.code, one.name, one.message, one.severity.value, one.confidence.value, _region(one.region)),
        *(one.unit, one.text, [[_region(other.region), other.message] for other in one.related]),
        *(None if one.fix is None else _fix(one.fix), one.unfixed),
    ]


def _of_finding(row: list[Any], filename: str) -> Finding:
    code, name, message, severity, confidence, region, unit, text, related, fix, unfixed = row
    return Finding(
        *(code, name, message, Level(severity), Level(confidence), filename, _of_region(region), unit, text),
        tuple(Related(_of_region(place), told) for place, told in related),
        None if fix is None else _of_fix(fix),
        unfixed,
    )


def _region(region: Region) -> list[int]:
    return [region.start, region.end, region.row, region.column, region.end_row, region.end_column]


def _of_region(row: Iterable[int]) -> Region:
    start, end, first, column, last, end_column = map(int, row)
    return Region(start, end, first, column, last, end_column)


def _fix(fix: Fix) -> list[Any]:
    edits, importing = ([_edit(edit) for edit in some] for some in (fix.edits, fix.importing))
    return [fix.title, fix.safety.value, edits, sorted(fix.imports), fix.group, importing]


def _of_fix(row: list[Any]) -> Fix:
    title, safety, edits, imports, group, importing = row
    return Fix(
        *(title, Safety(safety), tuple(_of_edit(edit) for edit in edits), frozenset(imports), group),
        tuple(_of_edit(edit) for edit in importing),
    )


def _edit(edit: Edit) -> list[Any]:
    return [edit.span.start, edit.span.end, edit.text]


def _of_edit(row: list[Any]) -> Edit:
    start, end, text = row
    return Edit(Span(int(start), int(end)), str(text))
