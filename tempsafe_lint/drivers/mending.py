"""One run that mends: which fixes, in what order things are written, and what is undone when it does not end well."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tempsafe_lint.configuration import ConfigError
from tempsafe_lint.drivers import reading, work
from tempsafe_lint.drivers.dependency import top_of
from tempsafe_lint.drivers.disk import Disk
from tempsafe_lint.drivers.transaction import Policy, Settled, Settling, commit
from tempsafe_lint.paths import reason, shown
from tempsafe_lint.records import replace

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from types import FrameType

    from tempsafe_lint.drivers.journal import Journal
    from tempsafe_lint.drivers.work import Answer, Outcome, Task
    from tempsafe_lint.settings import Configuration

    Complain = Callable[[str, str], None]


class Mending:
    """The fixes of one run, from the tasks to the disk."""

    def __init__(self, options: argparse.Namespace, general: Configuration, complain: Complain) -> None:
        self._options = options
        self._complain = complain
        self._root = top_of(general.root)
        self.writes = not options.diff
        self.failed = False
        self.settled = Settled([])
        self._command: str | None = None
        if options.verify is not None:
            self._command = options.verify or general.verify
            if not self._command:
                raise ConfigError("command line: `--verify` needs a command, here or in the setting `verify`")
        if options.interactive and not sys.stdin.isatty():
            raise ConfigError("command line: `--interactive` needs a terminal to ask on")

    def policy(self, *, named: bool = True) -> Policy:
        """How dependencies are to be treated."""
        return Policy(self._options.add_dependency, bool(os.environ.get("PRE_COMMIT")), named)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other runs out while files are read and written, and first undoes what a killed one has left."""
        if not self.writes:
            yield
            return
        from tempsafe_lint.drivers import journal, lock

        try:
            with lock.alone(self._root):
                if os.path.isdir(os.path.join(self._root, journal.FOLDER)):
                    for line in journal.recover(self._root):
                        self._complain("note", line)
                yield
        except lock.Busy as error:
            raise ConfigError(str(error)) from None

    def run(self, tasks: list[Task], shown: Callable[[Iterator[Answer], int], Iterator[Answer]]) -> list[Outcome]:
        """Mend the files of the tasks; what came of each. `shown` lets people see how far the reading is."""
        asking = self._options.interactive
        first = [replace(task, mend=()) for task in tasks] if asking else tasks
        executor = reading.chosen(self._options, self._complain)
        answers = reading.run(first, self._options.jobs, executor=executor)
        outcomes = reading.in_order(shown(answers, len(tasks)), tasks)
        if asking:
            outcomes = self._asked(tasks, outcomes)
        settling = Settling(self.policy())
        if not self.writes:
            self.settled = settling.settle(outcomes)
        else:
            self._write(outcomes, settling)
        if self.writes:
            self._say_notes()
        else:
            self._say_withheld()
        return self.settled.outcomes

    def one(self, outcome: Outcome) -> Outcome:
        """The same for a text from standard input, whose project is left alone."""
        self.settled = Settling(self.policy(named=False)).settle([outcome])
        self._say_notes()
        return self.settled.outcomes[0]

    def _say_notes(self) -> None:
        for line in () if self._options.quiet or self._options.silent else self.settled.notes:
            self._complain("note", line)

    def _say_withheld(self) -> None:
        """A patch has no room for reasons; elsewhere they stand with the findings."""
        for outcome in () if self._options.quiet or self._options.silent else self.settled.outcomes:
            if outcome.task.withheld is not None:
                self._complain("note", f"{outcome.task.shown}: not fixed with the runtime: {outcome.task.withheld}")

    def _asked(self, tasks: list[Task], looked: list[Outcome]) -> list[Outcome]:
        from tempsafe_lint.drivers.interactive import Questions
        from tempsafe_lint.drivers.screen import look

        questions = Questions(look(sys.stderr, self._options.color))
        outcomes = []
        for task, outcome in zip(tasks, looked, strict=True):
            taken = questions.taken(outcome, task.mend)
            outcomes.append(work.again(outcome, mend=task.mend, only=taken) if taken else outcome)
        return outcomes

    def _write(self, outcomes: list[Outcome], settling: Settling) -> None:
        if not any(outcome.after is not None for outcome in outcomes):
            self.settled = Settled(outcomes)
            return
        journal = self._journal() if self._command else None
        disk = Disk(journal)
        problems: list[str] = []
        try:
            with _signals_stop():
                if self._command:
                    self._verified(outcomes, settling, disk)
                else:
                    self.settled = settling.settle(outcomes)
                    self.failed = not commit(self.settled, disk, self._complain)
        except BaseException:
            problems = disk.restore()
            for line in problems:
                self._complain("error", line)
            raise
        finally:
            if journal is not None:
                journal.close(keep=bool(problems))

    def _journal(self) -> Journal:
        from tempsafe_lint.drivers.journal import FOLDER, Journal

        try:
            return Journal(self._root)
        except OSError as error:
            folder = shown(os.path.join(self._root, FOLDER))
            raise ConfigError(f"`--verify` keeps the old texts in {folder}: {reason(error)}") from None

    def _verified(self, outcomes: list[Outcome], settling: Settling, disk: Disk) -> None:
        from tempsafe_lint.drivers.verify import CannotVerify, Command, Verification

        assert self._command is not None
        try:
            proof = Verification(Command(self._command), settling, disk, self._complain)
            self.settled, written = proof.prove(outcomes)
        except CannotVerify as error:
            raise ConfigError(str(error)) from None
        self.failed = not written


@contextlib.contextmanager
def _signals_stop() -> Iterator[None]:
    """Inside the block, a polite request to end is an exception, so that what was begun can be undone."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    try:
        before = {name: signal.signal(getattr(signal, name), stop) for name in names}
    except ValueError:  # not the main thread: somebody else's program
        yield
        return
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
