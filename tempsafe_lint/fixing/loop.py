"""Fixing as transactions: rounds of fixes that are proved together, or undone and tried apart.

A round applies all fixes that can go together, settles imports, has the result judged again and verified. If that
fails, halves are tried until the guilty fixes are found; those alone are withdrawn, with the reason. Every round that
applies something lowers the number of findings (nothing new may appear), so the loop ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tempsafe_lint.edits import Fix, Moves, OverlappingEdits, apply, compose
from tempsafe_lint.findings import Finding, FixReport, Report, Safety
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.imports import add_imports
from tempsafe_lint.fixing.unused import remove_unused
from tempsafe_lint.fixing.verify import Version, why_not
from tempsafe_lint.fixing.wrapping import wrap_long
from tempsafe_lint.plans import ImportTable
from tempsafe_lint.records import dataclass, replace
from tempsafe_lint.source import Source, Span

#: Asked of a finding as it was first found, with the fix as it is now. A text is the reason why the fix is withheld.
Choose: TypeAlias = Callable[[Finding], "bool | str"]
#: Code and place of a finding: what tells it from all others of one version of the text.
_Mark: TypeAlias = "tuple[str, Span]"

#: Rounds after which the rest is left alone. Each fix of an isolation group needs one of its own.
MAX_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class _Step:
    """What a set of fixes leads to."""

    version: Version
    moves: Moves


@dataclass(slots=True)
class _Memory:
    """What is remembered of a finding while its text moves: how it first was, what was chosen, why it is withdrawn.

    `offered` is what was chosen or not (safety and title): another fix for the same finding is another question.
    """

    origin: Finding
    offered: tuple[Safety, str] | None = None
    chosen: bool = False
    reason: str | None = None


class _Refused(Exception):
    """A set of fixes whose result is not good; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """What fixing asks of the other rooms: the findings of a text, its names, and (`wider`) the findings of rules that
    are off, in which nothing new may appear either."""

    lint: Callable[[Source], Report]
    imports: Callable[[Source], ImportTable]
    wider: Callable[[Source], Report] | None = None

    def version(self, source: Source, report: Report | None = None) -> Version:
        """Everything about one text."""
        report = self.lint(source) if report is None else report
        return Version(source, report, self.imports(source), self.wider(source) if self.wider else None)


def mend(source: Source, rooms: Rooms, choose: Choose, rounds: int = MAX_ROUNDS) -> FixReport:
    """Apply the fixes that `choose` takes (asked once for each that is offered, never for those of class DISPLAY),
    until none is left or none can be applied."""
    report = rooms.lint(source)
    memory = {_mark(finding): _Memory(finding) for finding in report.findings}
    applied: list[Finding] = []
    done = 0
    ready = _ready(report, choose, memory)
    if not ready:
        return FixReport(source.text, source.text, (), _with_reasons(report, memory, None), 0)
    first = version = rooms.version(source, report)
    while ready and done < rounds:
        done += 1
        step, good, bad = _best(version, ready, rooms)
        for finding, reason in bad:
            memory[_mark(finding)].reason = reason
        if step is not None:
            applied += [
                memory[_mark(finding)].origin for finding in [*good, *_settled_too(version, step, good, memory)]
            ]
            memory = _follow(version, step, memory)
            version = step.version
        ready = _ready(version.report, choose, memory)
    left = _with_reasons(version.report, memory, f"not reached in {rounds} rounds" if ready else None)
    new = _roots(version.imports) - _roots(first.imports)
    order = sorted(applied, key=lambda f: f.order)
    return FixReport(source.text, version.source.text, tuple(order), left, done, tuple(sorted(new)))


def _roots(table: ImportTable) -> set[str]:
    """The packages that a file imports at module level, whatever happens."""
    return {name.dotted.partition(".")[0] for name in table.imports if name.top}


def _mark(finding: Finding) -> _Mark:
    return (finding.code, Span(finding.region.start, finding.region.end))


def _ready(report: Report, choose: Choose, memory: dict[_Mark, _Memory]) -> list[tuple[Finding, Fix]]:
    """Findings whose fixes go together in this round, first in the text first."""
    wanted: dict[int, Finding] = {}
    fixes: list[Fix] = []
    for finding in report.findings:
        fix, known = finding.fix, memory[_mark(finding)]
        if fix is None or fix.safety is Safety.DISPLAY or not fix.edits or known.reason is not None:
            continue
        if known.offered != (fix.safety, fix.title):
            known.offered = (fix.safety, fix.title)
            answer = choose(replace(known.origin, fix=fix))
            known.chosen = answer is True
            known.reason = answer if isinstance(answer, str) else None
        if known.chosen:
            fix = replace(fix)  # an object of its own: two findings may share one
            wanted[id(fix)] = finding
            fixes.append(fix)
    taken, _ = compose(fixes)
    return [(wanted[id(fix)], fix) for fix in taken]


def _best(
    version: Version, ready: list[tuple[Finding, Fix]], rooms: Rooms
) -> tuple[_Step | None, list[Finding], list[tuple[Finding, str]]]:
    """The largest good set that halving finds: where it leads, its findings, and the guilty ones with reasons."""
    best: _Step | None = None
    good: list[tuple[Finding, Fix]] = []
    bad: list[tuple[Finding, str]] = []
    parts = [ready]
    while parts:
        part = parts.pop()
        try:
            best = _attempt(version, [*good, *part], rooms)
            good += part
        except _Refused as refusal:
            if len(part) == 1:
                bad.append((part[0][0], str(refusal)))
            else:
                parts += [part[len(part) // 2 :], part[: len(part) // 2]]
    return best, [finding for finding, _ in good], bad


def _attempt(version: Version, part: list[tuple[Finding, Fix]], rooms: Rooms) -> _Step:
    """The step that these fixes make; raises _Refused if the result is not good."""
    edits = [edit for _, fix in part for edit in fix.edits]
    needs = frozenset(need for _, fix in part for need in fix.imports)
    asking = [edit for _, fix in part if fix.imports for edit in fix.edits]
    try:
        edits = [*add_imports(needs, version.source, version.imports, asking), *edits]
        source = version.source.with_text(apply(version.source.text, edits))
    except (OverlappingEdits, Withheld) as error:
        raise _Refused(str(error)) from None
    moves = Moves(edits)
    table = _table(rooms, source)
    while gone := remove_unused(source, version.imports, table, needs):
        source, moves = source.with_text(apply(source.text, gone)), moves.then(gone)
        table = _table(rooms, source)
    if wraps := wrap_long(version.source, source):
        source, moves = source.with_text(apply(source.text, wraps)), moves.then(wraps)
    try:
        after = rooms.version(source)
    except Exception as error:  # a crash over the result is the result's fault; over the file itself it is not caught
        raise _Refused("the result cannot be checked") from error
    reason = why_not(version, after, moves, [finding for finding, _ in part], needs)
    if reason is not None:
        raise _Refused(reason)
    return _Step(after, moves)


def _table(rooms: Rooms, source: Source) -> ImportTable:
    try:
        return rooms.imports(source)
    except Exception as error:  # whatever the front says of text that it cannot read
        raise _Refused("the result does not parse") from error


def _follow(before: Version, step: _Step, memory: dict[_Mark, _Memory]) -> dict[_Mark, _Memory]:
    """What is remembered of each finding of the new text; one that was not there before is its own origin."""
    following = {_mark(finding): _Memory(finding) for finding in step.version.report.findings}
    for finding in before.report.findings:
        mark = (finding.code, step.moves.span(_mark(finding)[1]))
        if mark in following:
            following[mark] = memory[_mark(finding)]
    return following


def _settled_too(before: Version, step: _Step, good: list[Finding], memory: dict[_Mark, _Memory]) -> list[Finding]:
    """Findings that were waiting with the very edits that were applied, and are gone with them."""
    edits = {finding.fix.edits for finding in good if finding.fix is not None}
    taken = {_mark(finding) for finding in good}
    left = {_mark(finding) for finding in step.version.report.findings}
    return [
        finding
        for finding in before.report.findings
        if finding.fix is not None
        and finding.fix.edits in edits
        and memory[_mark(finding)].chosen
        and _mark(finding) not in taken
        and (finding.code, step.moves.span(_mark(finding)[1])) not in left
    ]


def _with_reasons(report: Report, memory: dict[_Mark, _Memory], otherwise: str | None) -> Report:
    """The report with the reasons of withdrawn fixes; `otherwise` is that of fixes that were chosen and not tried."""
    findings = []
    for finding in report.findings:
        known = memory[_mark(finding)]
        reason = known.reason or (otherwise if known.chosen else None)
        findings.append(finding if reason is None else finding.without_fix(reason))
    return replace(report, findings=tuple(findings))
