"""The command `check`: what is read, what is done with it, what is said about it, and the exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tempsafe_lint.configuration import ConfigError
from tempsafe_lint.drivers import reading, work
from tempsafe_lint.drivers.entry import CLEAN, FAILED, FINDINGS, complain, configurations
from tempsafe_lint.drivers.output import Output
from tempsafe_lint.drivers.sieve import Sieve
from tempsafe_lint.findings import Safety
from tempsafe_lint.paths import IPYNB, below, discover, is_left_out, language
from tempsafe_lint.records import replace
from tempsafe_lint.report import Account, render

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import TextIO

    from tempsafe_lint.drivers.cache import Cache
    from tempsafe_lint.drivers.entry import Walked
    from tempsafe_lint.drivers.mending import Mending
    from tempsafe_lint.drivers.work import Answer, Outcome, Task
    from tempsafe_lint.paths import Found
    from tempsafe_lint.settings import Configuration

#: What keeps a file from being mended at all.
_UNREAD = ("TMP900", "TMP901", "TMP999")
#: So few files never take long enough to say how far it is.
_LONG = 5


class Check:
    """One run of `check`, over all that the options name or over those of `only`, absolute paths.

    `walked` are the configurations and the files that were found with them, if somebody has looked already.
    """

    def __init__(
        self,
        options: argparse.Namespace,
        only: frozenset[str] | None = None,
        *,
        with_baseline: bool = True,
        walked: Walked | None = None,
    ) -> None:
        self.options = options
        self.only = only
        self.outcomes: list[Outcome] = []
        self.configurations = walked[0] if walked is not None else configurations(options)
        self._found = None if walked is None else walked[1]
        #: The one of the working directory: it says how the run as a whole is shown.
        self.general = self.configurations.at(os.getcwd())
        self.output = Output(options, self.configurations, self.general)
        self.sieve = Sieve(options, self.general, self.output.places, with_baseline=with_baseline)
        self.failed = False
        self.mending = self._mending()
        self.silences = options.add_ignore is not None or options.add_noqa is not None
        if self.silences and (self.mending or options.diff or "-" in options.paths):
            raise ConfigError("command line: `--add-ignore` and `--add-noqa` go without `--fix`, `--diff` and `-`")

    def _mending(self) -> Mending | None:
        """What mends files; None where nothing is to be mended."""
        options = self.options
        options.fix = options.fix or options.fix_only or options.interactive
        if options.verify is not None and (options.diff or not options.fix or "-" in options.paths):
            raise ConfigError("command line: `--verify` is about fixes that are written to files: it needs `--fix`")
        if options.interactive and (options.diff or "-" in options.paths):
            raise ConfigError("command line: `--interactive` asks about fixes that are written to files")
        if not options.fix and not options.diff:
            return None
        from tempsafe_lint.drivers.mending import Mending

        return Mending(options, self.general, complain)

    def run(self) -> int:
        paths = self.options.paths or ["."]
        if "-" in paths:
            if len(paths) > 1:
                raise ConfigError("command line: `-` stands alone, without other paths")
            return self._run_stdin()
        if self.mending is None:
            return self._run(paths)
        with self.mending.alone():
            return self._run(paths)

    def _run(self, paths: list[str]) -> int:
        found = discover(paths, self.configurations.at) if self._found is None else self._found
        if self.only is not None:
            found = [item for item in found if item.absolute in self.only]
            if not found:
                return CLEAN
        unread = [item for item in found if item.note]
        found = [item for item in found if not item.note]
        if self.options.show_files:
            sys.stdout.write("".join(f"{item.shown}\n" for item in found if not item.problem))
            return CLEAN
        for item in unread if not self.options.silent else ():
            complain("note", f"{item.shown}: {item.note}")
        if not found and not unread and not self._named(paths) and not self.options.silent:
            complain("warning", "no Python files found under the given paths")
        if self.silences:
            return self._silence(self._outcomes(found))
        return self._finish(self._outcomes(found), sys.stdout, unread=len(unread))

    def read(self) -> list[Outcome]:
        """What comes of the files that the options name, before anything is said about it."""
        found = discover(self.options.paths or ["."], self.configurations.at)
        return self._outcomes([item for item in found if not item.note])

    def _silence(self, outcomes: list[Outcome]) -> int:
        """Write the comments that silence what was found."""
        from tempsafe_lint.drivers.silence import silence

        options = self.options
        noqa = options.add_noqa is not None
        shown = self.sieve.sift(outcomes)
        count, problems = silence(outcomes, shown, options.add_noqa if noqa else options.add_ignore, noqa=noqa)
        for problem in problems:
            complain("error", problem)
        if not options.quiet and not options.silent:
            sys.stdout.write(f"Silenced {count} finding{'' if count == 1 else 's'}.\n")
        return FAILED if problems else CLEAN

    @staticmethod
    def _named(paths: list[str]) -> bool:
        """Whether the paths are files: naming none that is not excluded is no reason to warn (pre-commit does it)."""
        return all(not os.path.isdir(path) for path in paths)

    def _task(
        self, shown: str, absolute: str, path: str, configuration: Configuration, problem: str | None = None
    ) -> Task:
        mend: tuple[Safety, ...] = ()
        if self.mending is not None:
            mend = (Safety.SAFE, Safety.UNSAFE) if configuration.unsafe_fixes else (Safety.SAFE,)
        scope = self.sieve.scope(shown, absolute, configuration)
        return work.Task(shown, absolute, path, configuration.settings, mend, problem, scope=scope)

    def _outcomes(self, found: list[Found]) -> list[Outcome]:
        tasks = [self._task(item.shown, item.absolute, item.path, item.configuration, item.problem) for item in found]
        if self.mending is None:
            executor = reading.chosen(self.options, complain)
            answers = reading.run(tasks, self.options.jobs, self._cache(tasks), executor)
            return reading.in_order(self._shown(answers, len(tasks)), tasks)
        outcomes = self.mending.run(tasks, self._shown)
        self.failed = self.mending.failed
        return outcomes

    def _cache(self, tasks: list[Task]) -> Cache | None:
        """What earlier runs found, where that is wanted. A single file is read sooner than the cache."""
        if self.options.no_cache or len(tasks) < _LONG:
            return None
        from tempsafe_lint.drivers.cache import Cache, folder_of

        return Cache(folder_of(self.general))

    def _shown(self, answers: Iterator[Answer], total: int) -> Iterator[Answer]:
        if self.options.no_progress or self.options.quiet or self.options.silent or total < _LONG:
            return answers
        from tempsafe_lint.drivers import progress

        return progress.shown(answers, total) if progress.is_wanted(sys.stderr) else answers

    def _run_stdin(self) -> int:
        name = self.options.stdin_filename
        shown = name or "-"
        absolute = os.path.abspath(name or "stdin.py")
        configuration = self.configurations.at(os.path.dirname(absolute)) if name else self.general
        data = sys.stdin.buffer.read() if sys.stdin else b""
        task = self._task(shown, absolute, below(absolute, configuration.root), configuration)
        if name and is_left_out(absolute, configuration):
            outcome = work.check_bytes(task, b"")
        elif name and language(name, configuration) == IPYNB:
            outcome = work.check(replace(task, problem="notebooks are not read yet"))
        else:
            outcome = work.check_bytes(task, data)
        if self.mending is not None:
            outcome = self.mending.one(outcome)
        if not self.options.fix or self.options.diff:
            return self._finish([outcome], sys.stdout)
        sys.stdout.buffer.write(data if outcome.after is None else outcome.after)
        sys.stdout.flush()
        return self._finish([outcome], sys.stderr)

    def _finish(self, outcomes: list[Outcome], stream: TextIO, *, unread: int = 0) -> int:
        """Print what was found; the exit code."""
        self.outcomes = outcomes
        if any(outcome.report.crash is not None for outcome in outcomes):
            self.failed = True
        if self.options.diff:
            self._say_more(outcomes)
            return self._show_patches(outcomes)
        findings = [] if self.options.fix_only else self.sieve.sift(outcomes)
        applied = [finding for outcome in outcomes for finding in outcome.applied]
        account = self.output.account(findings, outcomes, failed=self.failed)
        self.output.write(account, stream)
        self._say_more(outcomes)
        self.output.close(account, stream, fixed=applied, unread=unread)
        return self._code(bool(findings or (applied and self.options.exit_non_zero_on_fix)))

    def _code(self, found: bool) -> int:
        if self.failed:
            return FAILED
        return FINDINGS if found and not self.options.exit_zero else CLEAN

    def _show_patches(self, outcomes: list[Outcome]) -> int:
        from tempsafe_lint.drivers.patch import patch

        changed = [outcome for outcome in outcomes if outcome.after is not None]
        for outcome in changed:
            assert outcome.after is not None
            sys.stdout.buffer.write(patch(outcome.task.shown, outcome.before, outcome.after))
        for manifest in self.mending.settled.manifests.values() if self.mending is not None else ():
            if os.path.isabs(manifest.shown):
                complain("note", f"not in this patch, since it is not below this folder: {manifest.shown}")
            else:
                sys.stdout.buffer.write(patch(manifest.shown, manifest.before, manifest.after))
        sys.stdout.flush()
        unread = [f for outcome in outcomes for f in outcome.report.findings if f.code in _UNREAD]
        sys.stderr.write(render("concise", Account(unread)))
        if changed and not self.options.quiet:
            count = sum(len(outcome.applied) for outcome in changed)
            print(f"Would fix {count} error{'' if count == 1 else 's'}.", file=sys.stderr)
        return self._code(bool(changed or unread))

    def _say_more(self, outcomes: list[Outcome]) -> None:
        """With `-v`: what was read, how long each room took, and whatever else a report notes."""
        if not self.options.verbose:
            return
        origins = ", ".join(self.configurations.origins()) or "nothing"
        complain("debug", f"{len(outcomes)} files; configured by {origins}")
        rooms: dict[str, float] = {}
        for outcome in outcomes:
            for room, seconds in outcome.report.timings.items():
                rooms[room] = rooms.get(room, 0.0) + seconds
            for note in outcome.report.notes:
                complain("debug", f"{outcome.task.shown}: {note}")
            if outcome.report.crash:
                sys.stderr.write(outcome.report.crash.rstrip() + "\n")
        if rooms:
            parsed = sum(1 for outcome in outcomes if outcome.report.timings)
            said = ", ".join(f"{room} {seconds:.2f} s" for room, seconds in rooms.items())
            complain("debug", f"processor time of {parsed} parsed files: {said}")
