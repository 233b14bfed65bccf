"""One file after the other, here or in a pool: bytes in, an outcome out. Nothing is written here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from tempsafe_lint import engine
from tempsafe_lint.findings import Finding, Level, Report, Safety
from tempsafe_lint.paths import per_file_ignores, reason
from tempsafe_lint.prefilter import is_plain, passes_text
from tempsafe_lint.records import dataclass, replace
from tempsafe_lint.source import Region, Source, UnreadableSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.drivers.cache import Cache, Entry
    from tempsafe_lint.drivers.scope import Scope
    from tempsafe_lint.settings import Settings

#: A pool costs more than it saves below this many files that hold something to check.
POOL_FROM = 64

#: The package that fixes may import.
RUNTIME = "tempsafe"

#: Code, start and end of a finding (code points into the file as it was read).
Mark: TypeAlias = "tuple[str, int, int]"

#: Findings that say what happened in a run rather than what stands in a file.
_OF_THIS_RUN = ("TMP901", "TMP999")
#: A comment that ends with a date silences until then: such a file is read anew.
_HANGS_ON_TODAY = b"until="

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
    try:
        if not task.mend or not passes_text(source.text, task.settings.needles):
            report = engine.lint(source, task.settings)
            seen = bool(report.findings)
            return Outcome(task, _whole(task, report), source if seen else None, before=data if seen else b"")
        return _mend(task, source, data)
    except Exception as error:  # a defect of ours in one file must not cost the others
        return crashed(task, error)


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


def run(tasks: list[Task], jobs: int | None, cache: Cache | None = None) -> Iterator[Outcome]:
    """The outcomes in the order of the tasks. What is parsed at all goes to a pool, if it is much."""
    met: list[Outcome | Entry | None] = [_glance(task, cache) for task in tasks]
    rest = [task for task, one in zip(tasks, met, strict=True) if not isinstance(one, Outcome)]
    if len(rest) >= POOL_FROM and jobs != 1:
        from tempsafe_lint.drivers import pool

        done = pool.run(rest, jobs)
    else:
        done = map(check, rest)
    for task, one in zip(tasks, met, strict=True):
        if isinstance(one, Outcome):
            yield one
            continue
        outcome = next(done)
        if cache is not None and one is not None:
            _remember(task, one, outcome, cache)
        yield outcome
    if cache is not None:
        cache.close()


def _glance(task: Task, cache: Cache | None) -> Outcome | Entry | None:
    """The outcome of a file that need not be parsed; otherwise its entry in the cache, if it has one."""
    if task.problem is not None:
        return None
    entry = None if cache is None else cache.meet(task.absolute, task.path, task.settings)
    if cache is not None and entry is not None and cache.unread(entry) == "":
        return Outcome(task, Report(task.shown))
    try:
        with open(task.absolute, "rb") as file:
            data = file.read()
    except OSError:
        return None
    known = None if cache is None or entry is None else cache.read(entry, data)
    if known is not None:
        outcome = _recalled(task, known, data)
        if outcome is not None:
            return outcome
    if is_plain(data, task.settings.needles):
        if cache is not None and entry is not None:
            cache.put(entry, "")
        return Outcome(task, Report(task.shown))
    return None if _HANGS_ON_TODAY in data else entry


def _recalled(task: Task, known: str, data: bytes) -> Outcome | None:
    """The outcome that a report of the cache stands for; None where there is something to mend."""
    if not known:
        return Outcome(task, Report(task.shown))
    if task.mend:
        return None
    from tempsafe_lint.drivers.remembered import unpacked

    try:
        report = unpacked(known, task.shown)
        source = Source.from_bytes(data, task.shown, path=task.path)
    except (ValueError, UnreadableSource):
        return None
    return Outcome(task, report, source if report.findings else None, before=data)


def _remember(task: Task, entry: Entry, outcome: Outcome, cache: Cache) -> None:
    """Keep an outcome, unless it is about this run alone or the file has changed meanwhile."""
    report = outcome.report
    if task.mend or report.crash is not None or any(f.code in _OF_THIS_RUN for f in report.findings):
        return
    again = cache.meet(task.absolute, task.path, task.settings)
    if again is None or (again.size, again.changed) != (entry.size, entry.changed):
        return
    from tempsafe_lint.drivers.remembered import packed

    cache.put(entry, packed(report) if report.findings or report.suppressed or report.notes else "")
