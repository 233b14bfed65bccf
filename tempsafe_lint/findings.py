"""The values that travel from the engine to every face: plain data, picklable, no syntax in them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from tempsafe_lint.levels import Level as Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tempsafe_lint.edits import Fix
    from tempsafe_lint.source import Region


class Safety(str, Enum):
    """What a fix may change besides the defect.

    SAFE: nothing. UNSAFE: lifetime, name, order or return value for somebody. DISPLAY: a sketch, never applied.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True)
class Related:
    """Another place of the same file that belongs to the story of a finding."""

    region: Region
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect at one place.

    `region` is the range of the call or expression itself, never of a block. `unit` names the function it stands in
    (`Class.method`, `<module>`). `text` is the source of the region: code, unit and text together
    make a fingerprint that survives moved lines. `fix` is None when there is nothing to apply; then `unfixed` says why.
    """

    code: str
    name: str
    message: str
    severity: Level
    confidence: Level
    filename: str
    region: Region
    unit: str = "<module>"
    text: str = ""
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    unfixed: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two findings the same defect although lines have moved."""
        return (self.code, self.unit, self.text)

    @property
    def order(self) -> tuple[str, int, int, str]:
        """Findings are shown by path, row, column and code."""
        return (self.filename, self.region.row, self.region.column, self.code)

    def without_fix(self, reason: str) -> Finding:
        """The same finding whose fix is withheld for a reason."""
        return replace(self, fix=None, unfixed=reason)


@dataclass(frozen=True, slots=True)
class Report:
    """What one run over one file says; `timings` are seconds of processor time per room."""

    filename: str
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    crash: str | None = None


@dataclass(frozen=True, slots=True)
class FixReport:
    """What fixing one file did: the new text (the old one if nothing was applied) and what is left.

    `imported` are the packages that the new text imports at module level and the old one did not.
    """

    before: str
    after: str
    applied: tuple[Finding, ...]
    left: Report
    rounds: int
    imported: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return self.before != self.after
