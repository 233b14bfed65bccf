"""Findings as text of a format. Each format is a module that is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tempsafe_lint.findings import Finding
    from tempsafe_lint.source import Source

    #: Gives the text that a finding's positions are about, or None where it could not be read.
    SourceOf = Callable[[str], Source | None]

#: The formats that people read: only they are followed by a summary.
TEXT_FORMATS = ("full", "concise")


def render(form: str, findings: Sequence[Finding], source_of: SourceOf, *, color: bool = False) -> str:
    """The findings in a format, with the last line end; an empty text if the format has nothing to say."""
    if form == "json":
        from tempsafe_lint.report import records

        return records.array(findings, source_of)
    if form == "json-lines":
        from tempsafe_lint.report import records

        return records.lines(findings, source_of)
    if not findings:
        return ""
    from tempsafe_lint.report import text

    show = text.full if form == "full" else text.concise
    return "".join(show(finding, source_of(finding.filename), color=color) for finding in findings)
