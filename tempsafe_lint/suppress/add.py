"""Writing the comments that silence findings, as edits. Offsets are code points, rows 1-based."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.source import Span
from tempsafe_lint.suppress import noqa
from tempsafe_lint.suppress.cover import joined_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tempsafe_lint.findings import Finding
    from tempsafe_lint.source import Source

#: A list of ours to which nothing is tied that would not hold for a further rule.
_BARE = re.compile(r"#\s*tempsafe:\s*ignore\[[^\]#]*(?P<end>)\](?!\s*(?:reason|until)=)")


def ignores(findings: Iterable[Finding], source: Source, reason: str = "", *, extend: bool = True) -> list[Edit]:
    """Edits that put `# tempsafe: ignore[...]` behind the row of each finding.

    With `extend`, a list that stands there gets longer, unless there is a reason to give.
    """
    tail = f' reason="{_escaped(reason)}"' if reason else ""
    return _behind(findings, source, _BARE if extend and not reason else None, "# tempsafe: ignore[{}]" + tail)


def noqas(findings: Iterable[Finding], source: Source, reason: str = "", *, extend: bool = True) -> list[Edit]:
    """The same with `# noqa: ...`, where a list gets longer in any case: flake8 reads one for each row."""
    tail = f"  # {reason}" if reason else ""
    return _behind(findings, source, noqa.INLINE, "# noqa: {}" + tail)


def _behind(findings: Iterable[Finding], source: Source, known: re.Pattern[str] | None, new: str) -> list[Edit]:
    lay = layout(source.text)
    joined = joined_rows(source, lay)
    codes: dict[range, set[str]] = {}
    for finding in findings:
        row = finding.region.row
        codes.setdefault(joined.get(row, range(row, row + 1)), set()).add(finding.code)
    edits = []
    for rows, found in codes.items():
        listed = ", ".join(sorted(found))
        line = source.line(rows[-1])
        start, end = source.line_starts[rows[-1] - 1], len(line.rstrip())
        comment = next((span for span in lay.comments if start <= span.start <= start + end), None)
        place = known.search(source.text, comment.start, comment.end) if known and comment else None
        if place is not None and (at := _end_of_list(place)) is not None:
            edits.append(Edit(Span(at, at), f", {listed}"))
        else:
            edits.append(Edit(Span(start + end, start + len(line)), "  " + new.format(listed)))
    return edits


def _end_of_list(place: re.Match[str]) -> int | None:
    if "end" in place.re.groupindex:
        return place.start("end")
    return place.start("codes") + len(place["codes"].rstrip(", \t")) if place["codes"] else None


def _escaped(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)
