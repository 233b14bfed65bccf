"""Fixes one by one: each is shown, and a person says whether it is applied.

The keys are those of `git add -p`, but for `e`: a fix that is edited by hand would not be the one that is proved, so
`e` explains the rule instead. Questions go to standard error, so that findings can go to a file.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tempsafe_lint.drivers.work import mark_of
from tempsafe_lint.report import Account, render

if TYPE_CHECKING:
    from tempsafe_lint.drivers.work import Mark, Outcome
    from tempsafe_lint.findings import Finding, Safety
    from tempsafe_lint.report import Look

_KEYS = "y,n,a,d,e,q,?"
_HELP = """\
y - apply this fix
n - do not apply it
a - apply it and all later ones in the file
d - apply neither it nor any later one in the file
e - explain the rule
q - stop asking: apply what was taken so far and nothing else
? - print this
"""


class Questions:
    """Asks about one file after the other, in the order of their findings."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._over = False

    def taken(self, outcome: Outcome, kinds: tuple[Safety, ...]) -> frozenset[Mark]:
        """The findings whose fixes are to be applied, of those that have a fix of one of the kinds."""
        offered = [f for f in outcome.report.findings if f.fix and f.fix.edits and f.fix.safety in kinds]
        taken: set[Mark] = set()
        for number, finding in enumerate(offered):
            if self._over:
                break
            self._show(finding, outcome)
            key = self._answer(finding)
            if key == "y":
                taken.add(mark_of(finding))
            elif key == "a":
                taken.update(map(mark_of, offered[number:]))
                break
            elif key == "d":
                break
            elif key == "q":
                self._over = True
        return frozenset(taken)

    def _show(self, finding: Finding, outcome: Outcome) -> None:
        sys.stderr.write(render("full", Account([finding], lambda _: outcome.source), self._look))

    def _answer(self, finding: Finding) -> str:
        """One of the keys that decide; the end of the input is `q`."""
        while True:
            sys.stderr.write(f"Apply this fix [{_KEYS}]? ")
            sys.stderr.flush()
            try:
                said = input().strip().lower()[:1]
            except EOFError:
                sys.stderr.write("\n")
                return "q"
            if said == "e":
                from tempsafe_lint.drivers.explain import explain

                sys.stderr.write(explain([finding.code]))
            elif said and said in "ynadq":
                return said
            else:
                sys.stderr.write(_HELP)
