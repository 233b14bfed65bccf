"""Which files of a run have to be looked into, and who does that: this process, others beside it, or a cluster."""

from __future__ import annotations

import os
from itertools import chain
from typing import TYPE_CHECKING

from tempsafe_lint.drivers.work import Item, Outcome, check
from tempsafe_lint.findings import Report
from tempsafe_lint.prefilter import is_plain
from tempsafe_lint.source import Source, UnreadableSource

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from tempsafe_lint.drivers.cache import Cache, Entry
    from tempsafe_lint.drivers.work import Answer, Task

    #: Does the work of a run; in what order is its own business. The items come as they are found.
    Executor: TypeAlias = Callable[[Iterable[Item]], Iterator[Answer]]

#: Bytes of files to be parsed, from where further processes save more time than they cost. They are started for what
#: is left after the prefilter, never for the size of a project.
POOL_FROM = 400_000

#: Findings that say what happened in a run rather than what stands in a file.
_OF_THIS_RUN = ("TMP901", "TMP999")
#: A comment that ends with a date silences until then: such a file is read anew.
_HANGS_ON_TODAY = b"until="


def run(
    tasks: list[Task], jobs: int | None, cache: Cache | None = None, executor: Executor | None = None
) -> Iterator[Answer]:
    """The outcome of each task with its number, as they come. `jobs` is a number of processes, None for one per
    processor; `executor` takes the place of processes of our own.
    """
    desk = _Desk(tasks, cache)
    yield from desk.known()
    rest = desk.rest()
    for number, outcome in executor(rest) if executor is not None else _here(rest, jobs):
        desk.remember(number, outcome)
        yield number, outcome
        yield from desk.aside()
    yield from desk.aside()
    if cache is not None:
        cache.close()


def in_order(answers: Iterable[Answer], tasks: list[Task]) -> list[Outcome]:
    """The outcomes in the order of their tasks."""
    by_number = dict(answers)
    return [by_number[number] for number in range(len(tasks))]


def _here(items: Iterator[Item], jobs: int | None) -> Iterator[Answer]:
    """On this machine: in further processes as soon as there is enough for them."""
    held: list[Item] = []
    if jobs != 1:
        size = 0
        for item in items:
            held.append(item)
            size += item.size
            if size >= POOL_FROM and len(held) > 1:
                from tempsafe_lint.drivers import pool

                workers = jobs or pool.processors()
                if workers > 1:
                    yield from pool.run(chain(held, items), workers)
                    return
                break
    for item in chain(held, items):
        yield item.number, check(item.task)


def chosen(options: argparse.Namespace, complain: Callable[[str, str], None]) -> Executor | None:
    """Who is to do the work, where the options say so. Raises ConfigError where that one is not there."""
    if options.executor is None:
        return None
    from tempsafe_lint.drivers.cluster import Cluster

    return Cluster(options.executor, complain).run


class _Desk:
    """The tasks of a run: what the cache knows, what holds nothing to parse, and what is left."""

    def __init__(self, tasks: list[Task], cache: Cache | None) -> None:
        self._tasks = tasks
        self._cache = cache
        self._unread: list[tuple[os.stat_result, int, Entry | None]] = []  # with the task's number, the cache's row
        self._aside: list[Answer] = []
        self._rows: dict[int, Entry] = {}

    def known(self) -> Iterator[Answer]:
        """What need not even be opened."""
        for number, task in enumerate(self._tasks):
            try:
                seen = os.stat(task.absolute) if task.problem is None else None
            except OSError:
                seen = None
            if seen is None:
                yield number, check(task)
                continue
            entry = None
            if self._cache is not None and self._cache.has_rows:
                entry = self._cache.meet(task.absolute, task.path, task.settings, seen)
                if self._cache.unread(entry) == "":
                    yield number, Outcome(task, Report(task.shown))
                    continue
            self._unread.append((seen, number, entry))

    def rest(self) -> Iterator[Item]:
        """What has to be looked into, the largest first, so that whoever shares the work ends together."""
        self._unread.sort(key=lambda one: (-one[0].st_size, one[1]))
        for seen, number, entry in self._unread:
            outcome = self._glance(number, seen, entry)
            if outcome is None:
                yield Item(number, self._tasks[number], seen.st_size)
            else:
                self._aside.append((number, outcome))

    def aside(self) -> Iterator[Answer]:
        """What was opened since this was last asked, and is done with that."""
        while self._aside:
            yield self._aside.pop()

    def _glance(self, number: int, seen: os.stat_result, entry: Entry | None) -> Outcome | None:
        """The outcome of a file that need not be parsed."""
        task, cache = self._tasks[number], self._cache
        if cache is not None and entry is None:
            entry = cache.meet(task.absolute, task.path, task.settings, seen)
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
                cache.put(entry, "")  # not marked: to know the bytes again takes as long as to look through them again
            return Outcome(task, Report(task.shown))
        if cache is not None and entry is not None and _HANGS_ON_TODAY not in data:
            cache.mark(entry, data)
            self._rows[number] = entry
        return None

    def remember(self, number: int, outcome: Outcome) -> None:
        """Keep an outcome, unless it is about this run alone or the file has changed meanwhile."""
        entry, task, report = self._rows.pop(number, None), outcome.task, outcome.report
        if self._cache is None or entry is None or task.mend or report.crash is not None:
            return
        if any(finding.code in _OF_THIS_RUN for finding in report.findings):
            return
        try:
            seen = os.stat(task.absolute)
        except OSError:
            return
        if (entry.size, entry.changed) != (seen.st_size, seen.st_mtime_ns):
            return
        from tempsafe_lint.drivers.remembered import packed

        self._cache.put(entry, packed(report) if report.findings or report.suppressed or report.notes else "")


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
