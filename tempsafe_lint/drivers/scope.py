"""What of a file a run is about: all of it, what is not in the baseline, or what stands on changed rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tempsafe_lint.baseline import mark_of

if TYPE_CHECKING:
    from tempsafe_lint.findings import Finding

#: About the file as a whole, wherever they stand.
_WHOLE = ("TMP900", "TMP901", "TMP999")


@dataclass(frozen=True, slots=True)
class Scope:
    """`path` is the file's own below the top of its repository, `accepted` are fingerprints of the baseline, `rows`
    (1-based) those that were changed, None where all count."""

    path: str
    accepted: frozenset[str] = frozenset()
    rows: tuple[range, ...] | None = None

    def why_not(self, finding: Finding) -> str | None:
        """Why a finding is not to be fixed in this run, or None."""
        if not touches(finding, self.rows):
            return "it is not on a line that was changed"
        if self.accepted and mark_of(finding, self.path) in self.accepted:
            return "one like it is in the baseline"
        return None


def touches(finding: Finding, rows: tuple[range, ...] | None) -> bool:
    """Whether a finding has to do with the rows: it, or a place that belongs to its story, stands on one."""
    if rows is None:
        return True
    if finding.code in _WHOLE:
        return bool(rows)
    regions = (finding.region, *(other.region for other in finding.related))
    return any(region.row < part.stop and part.start <= region.end_row for region in regions for part in rows)


def moved(rows: tuple[range, ...], before: str, after: str) -> tuple[range, ...]:
    """Changed rows of `before` in the text `after`, with those that differ between the two."""
    from difflib import SequenceMatcher

    result = []
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for kind, start, stop, new_start, new_stop in matcher.get_opcodes():
        if kind != "equal":
            result.append(range(new_start + 1, new_stop + 1))
            continue
        for part in rows:
            first, last = max(part.start, start + 1), min(part.stop, stop + 1)
            if first < last:
                result.append(range(first - start + new_start, last - start + new_start))
    return tuple(result)
