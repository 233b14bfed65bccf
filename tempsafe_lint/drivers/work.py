"""One file: bytes in, an outcome out. Nothing is written here, and it does not matter in which process it is done."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from tempsafe_lint import engine
from tempsafe_lint.findings import Finding, Level, Report, Safety
from tempsafe_lint.paths import per_file_ignores, reason
from tempsafe_lint.prefilter import passes_text
from tempsafe_lint.records import dataclass, replace
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Region, Source, UnreadableSource

if TYPE_CHECKING:
    from tempsafe_lint.drivers.scope import Scope

#: Bytes of source that are read before Python is asked to look for what they left behind.
MOST_HELD = 1_000_000

#: The package that fixes may import.
RUNTIME = "tempsafe"

#: Code, start and end of a finding (code points into the file as it was read).
Mark: TypeAlias = "tuple[str, int, int]"

_NAMES = {"TMP901": "unreadable", "TMP999": "internal"}


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done with one file.

    `mend` are the kinds of fix to apply; `problem` says why the file is not even opened. `only` are the findings that
    may be fixed (None: all), `refused` those that may not, each with the reason; `withheld` is why no fix is applied
    that needs the runtime.
    """

    shown: str
    absolute: str
    path: str
    settings: Settings
    mend: tuple[Safety, ...] = ()
    problem: str | None = None
    only: frozenset[Mark] | None = None
    refused: tuple[tuple[Mark, str], ...] = ()
    withheld: str | None = None
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file.

    `source` is the text that the report is about; `after` is set where the file is to change from `before`.
    `imported` are the packages that it imports then and did not before.
    """

    task: Task
    report: Report
    source: Source | None = None
    applied: tuple[Finding, ...] = ()
    before: bytes = b""
    after: bytes | None = None
    imported: tuple[str, ...] = ()


class Item(NamedTuple):
    """One of the files of a run that have to be looked into: the number of its task, and how many bytes it has."""

    number: int
    task: Task
    size: int


#: The number of a task, and what came of it.
Answer: TypeAlias = "tuple[int, Outcome]"


def problem(code: str, shown: str, message: str) -> Finding:
    """A finding about the file as a whole."""
    start = Region(0, 0, 1, 1, 1, 1)
    return Finding(code, _NAMES[code], message, Level.HIGH, Level.HIGH, shown, start)


def check(task: Task) -> Outcome:
    """Read one file and do the task."""
    if task.problem is not None:
        return _unread(task, task.problem)
    try:
        with open(task.absolute, "rb") as file:
            data = file.read()
    except OSError as error:
        return _unread(task, reason(error))
    return check_bytes(task, data)


def check_bytes(task: Task, data: bytes) -> Outcome:
    """Do the task with bytes that somebody else read."""
    try:
        source = Source.from_bytes(data, task.shown, path=task.path)
    except UnreadableSource as error:
        return _unread(task, str(error))
    _make_room(len(data))
    try:
        if not task.mend or not passes_text(source.text, task.settings.needles):
            report = engine.lint(source, task.settings)
            seen = bool(report.findings)
            return Outcome(task, _whole(task, report), source if seen else None, before=data if seen else b"")
        return _mend(task, source, data)
    except Exception as error:  # a defect of ours in one file must not cost the others
        return crashed(task, error)


_held = 0


def _make_room(size: int) -> None:
    """Before another file is read: trees and graphs go when nobody has them any more, and Python need not look for
    them; this is for the little that holds itself.
    """
    global _held
    if _held + size > MOST_HELD:
        gc.collect(0)
        _held = 0
    _held += size


def _mend(task: Task, source: Source, data: bytes) -> Outcome:
    refused = dict(task.refused)
    runtime = task.settings.runtime_import if task.settings.runtime == "vendored" else RUNTIME

    def choose(finding: Finding) -> bool | str:
        if finding.fix is None or finding.fix.safety not in task.mend:
            return False
        outside = task.scope.why_not(finding) if task.scope is not None else None
        if outside is not None:
            return outside
        if task.withheld is not None and any(need.partition(" as ")[0] == runtime for need in finding.fix.imports):
            return task.withheld
        mark = mark_of(finding)
        return refused.get(mark, task.only is None or mark in task.only)

    done = engine.fix(source, task.settings, choose)
    left = _whole(task, done.left)
    if not done.changed:
        return Outcome(task, left, source, before=data)
    try:
        after = source.encode(done.after)
    except UnicodeEncodeError:
        report = engine.lint(source, task.settings)
        why = f"the mended text cannot be written as {source.encoding}"
        findings = tuple(finding.without_fix(why) for finding in report.findings)
        return Outcome(task, replace(report, findings=findings), source, before=data)
    return Outcome(task, left, source.with_text(done.after), done.applied, data, after, done.imported)


def mark_of(finding: Finding) -> Mark:
    """What tells a finding from all others of one version of a file."""
    return (finding.code, finding.region.start, finding.region.end)


def again(outcome: Outcome, **changes: Any) -> Outcome:
    """The same file, from the bytes that were read, with a task that is changed so."""
    return check_bytes(replace(outcome.task, **changes), outcome.before)


def _whole(task: Task, report: Report) -> Report:
    """A report whose crash, if there was one, is also a finding."""
    if any(finding.code == "TMP900" for finding in report.findings) and _ignored("TMP900", task):
        report = replace(report, findings=tuple(f for f in report.findings if f.code != "TMP900"))
    if report.crash is None or any(finding.code == "TMP999" for finding in report.findings):
        return report
    last = report.crash.strip().splitlines()[-1]
    return replace(report, findings=(*report.findings, problem("TMP999", task.shown, f"internal error: {last}")))


def crashed(task: Task, error: BaseException, message: str = "") -> Outcome:
    """The outcome where the linter itself failed on a file."""
    import traceback

    text = "".join(traceback.format_exception(error))
    said = message or f"internal error: {type(error).__name__}: {error}".splitlines()[0]
    return Outcome(task, Report(task.shown, (problem("TMP999", task.shown, said),), crash=text))


def _unread(task: Task, why: str) -> Outcome:
    if _ignored("TMP901", task):
        return Outcome(task, Report(task.shown))
    return Outcome(task, Report(task.shown, (problem("TMP901", task.shown, why),)))


def _ignored(code: str, task: Task) -> bool:
    selectors = (*task.settings.ignore, *per_file_ignores(task.path, task.settings))
    if not selectors:
        return False
    from tempsafe_lint import registry

    return code in registry.resolve(selectors)


def warm() -> None:
    """Load all that reading a file may need."""
    engine.lint(Source.from_text("import tempfile\n\ntempfile.mktemp()\n", "warm.py"), Settings())
