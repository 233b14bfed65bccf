"""Proof, after a round, that the text changed as it should and nothing else moved.

Everything is compared between two versions of one file; findings are followed through the round's own edits, so that
one whose text changed only by them is the same finding still.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tempsafe_lint.fixing.imports import missing
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.fixing.unused import unused_names
from tempsafe_lint.records import dataclass
from tempsafe_lint.source import Source, Span, UnreadableSource

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tempsafe_lint.edits import Moves
    from tempsafe_lint.findings import Finding, Report
    from tempsafe_lint.plans import ImportTable

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a file with what the other rooms say of it."""

    source: Source
    report: Report
    imports: ImportTable
    #: What more rules say than those that are on; None if all are.
    wider: Report | None = None


def moved_key(finding: Finding, after: Source, moves: Moves) -> Key:
    """The key that `finding` has in the new text if nothing but edits happened to it."""
    place = moves.span(Span(finding.region.start, finding.region.end))
    return (finding.code, finding.unit, after.text[place.start : place.end])


def why_not(
    before: Version, after: Version, moves: Moves, applied: Sequence[Finding], needs: Collection[str]
) -> str | None:
    """One line that says what is wrong with `after`, or None. `applied` are the findings whose fixes were applied."""
    if after.report.crash is not None:
        return "the result cannot be checked"
    lost = comments_lost(before.source.text, after.source.text)
    if lost is not None:
        return lost
    gone = missing(needs, after.imports)
    if gone:
        return f"the result does not import `{gone[0]}`"
    unknown = undefined(before, after)
    if unknown is not None:
        return f"the name `{unknown}` would not be defined"
    unused = unused_names(after.source, before.imports, after.imports)
    if unused:
        return f"the import of `{unused[0].name}` would become unused"
    wrong = findings_wrong(before.report, after, after.report, moves, applied)
    if wrong is None and before.wider is not None and after.wider is not None:
        wrong = findings_wrong(before.wider, after, after.wider, moves, ())
    return wrong or cannot_store(before.source, after.source)


def undefined(before: Version, after: Version) -> str | None:
    """A name whose import is gone although the text still uses it, or one that is new and that nothing binds there.

    Attributes and keywords of calls are no names. Whether a name has its value by then is not looked at.
    """
    new = after.imports.loose - before.imports.loose
    if new and not after.imports.stars:
        return min(name for _, name in new)
    known = {name.name for name in after.imports.imports} | after.imports.bound
    lay = layout(after.source.text)
    imports = [name.statement for name in after.imports.imports]
    for word in sorted({name.name for name in before.imports.imports} - known):
        for found in re.finditer(rf"(?<![\w.]){word}\b(?!\s*=(?!=)|['\"])", after.source.text):
            at = found.start()
            if not lay.is_prose(at) and not any(span.start <= at < span.end for span in imports):
                return word
    return None


def comments_lost(before: str, after: str) -> str | None:
    """Says which comment is not in the new text as often as in the old."""
    counts = [Counter(lay.text[c.start : c.end].rstrip() for c in lay.comments) for lay in map(layout, (before, after))]
    for comment in (counts[0] - counts[1]) + (counts[1] - counts[0]):
        return f"the comment `{comment}` would be lost or changed"
    return None


def findings_wrong(before: Report, after: Version, now: Report, moves: Moves, applied: Sequence[Finding]) -> str | None:
    """Says which finding of `now` is still there although its fix was applied, or is new since `before`."""
    done = {id(finding) for finding in applied}
    stay = Counter(moved_key(f, after.source, moves) for f in before.findings if id(f) not in done)
    new = Counter(finding.key for finding in now.findings) - stay
    places = [(one.code, moves.span(Span(one.region.start, one.region.end))) for one in applied]
    for finding in now.findings:
        if finding.key not in new:
            continue
        region = finding.region
        if any(finding.code == code and s.start <= region.end and region.start <= s.end for code, s in places):
            return f"{finding.code} would still be reported afterwards"
        return f"line {region.row} of the result would be reported: {finding.code} ({finding.message})"
    return None


def cannot_store(before: Source, after: Source) -> str | None:
    """Says that the new text does not survive being stored in the file's encoding."""
    try:
        if _read_back(before, before.encode()) != before.text:
            return None  # decoded by somebody else; how it is stored is theirs
    except UnicodeEncodeError:
        return None
    try:
        data = after.encode()
    except UnicodeEncodeError:
        return f"the new text cannot be written as {after.encoding}"
    return None if _read_back(after, data) == after.text else "the new text would not be read back as it was written"


def _read_back(source: Source, data: bytes) -> str | None:
    try:
        return Source.from_bytes(data, source.filename).text
    except UnreadableSource:
        return None
