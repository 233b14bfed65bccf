"""What a test run did, test by test, and what differs between two runs."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

BROKEN = ("failed", "error")


@dataclass(frozen=True)
class Outcomes:
    """Verdicts by test: `passed`, `skipped`, `failed` or `error`; `left` counts what the run left in its temp dir."""

    verdicts: dict[str, str] = field(default_factory=dict)
    left: int = 0
    ended: str = ""

    def count(self, *verdicts: str) -> int:
        return sum(verdict in verdicts for verdict in self.verdicts.values())


def read(report: Path, left: int, ended: str) -> Outcomes:
    """The verdicts of a JUnit file as pytest writes it; a missing file (the run died) has none."""
    if not report.exists():
        return Outcomes({}, left, ended)
    verdicts: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        children = {child.tag for child in case}
        verdict = next((tag for tag in ("error", "failure", "skipped") if tag in children), "passed")
        verdicts[name] = "failed" if verdict == "failure" else verdict
    return Outcomes(verdicts, left, ended)


def newly_broken(before: tuple[Outcomes, ...], after: Outcomes) -> list[str]:
    """Tests that every run before passed or skipped and the one after did not, the vanished ones among them."""
    steady = {
        name for name in before[0].verdicts if all(run.verdicts.get(name, "error") not in BROKEN for run in before)
    }
    return sorted(name for name in steady if after.verdicts.get(name, "error") in BROKEN)


def unsteady(before: tuple[Outcomes, ...]) -> list[str]:
    """Tests that came out differently in two runs of the same code."""
    names = {name for run in before for name in run.verdicts}
    return sorted(name for name in names if len({run.verdicts.get(name) for run in before}) > 1)
