"""What one run changes, as one thing: code, and the manifests that declare what the new code needs.

Never a half: a manifest is written before the code that needs it. If it cannot be, those fixes are withdrawn, each with
the reason; if then no file needs it after all, the manifest is put back. So whenever a run ends or is killed, each file
is wholly old or wholly new, and what new code imports is declared.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from typing import TYPE_CHECKING

from tempsafe_lint.drivers import work, write
from tempsafe_lint.drivers.dependency import Dependencies, top_of
from tempsafe_lint.manifests import State
from tempsafe_lint.paths import is_test
from tempsafe_lint.records import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tempsafe_lint.drivers.dependency import Manifest
    from tempsafe_lint.drivers.disk import Disk
    from tempsafe_lint.drivers.work import Outcome, Task

    Complain = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Policy:
    """`add` says whether manifests may be edited at all; `hook` that pre-commit runs us, which edits none, so that
    fixes which need one wait; `named` is false for text from standard input, whose project is left alone.
    """

    add: bool = True
    hook: bool = False
    named: bool = True


@dataclass(slots=True)
class Settled:
    """Outcomes with their dependency settled. `manifests` are to be changed, by path; `users` are the files that need
    each. `missing` are files whose need nothing declares, each with the reason if there is one.
    """

    outcomes: list[Outcome]
    manifests: dict[str, Manifest] = field(default_factory=dict)
    users: dict[str, list[int]] = field(default_factory=dict)
    missing: dict[int, str] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """What a person has to be told of dependencies."""
        lines = []
        for path, manifest in self.manifests.items():
            requirement = next(self.outcomes[user].task.settings.runtime_requirement for user in self.users[path])
            then = f"; `{manifest.lock}` brings its lock file up to date" if manifest.lock else ""
            lines.append(f"declared `{requirement}` in {manifest.shown}{then}")
        wanting = {
            self.outcomes[number].task.settings.runtime_requirement: why
            for number, why in self.missing.items()
            if self.outcomes[number].after is not None
        }
        for requirement, why in wanting.items():
            install = f"the fixed code needs `{requirement}`: python -m pip install {shlex.quote(requirement)}"
            lines.append(f"{install}{f' ({why})' if why else ''}")
        return lines


class Settling:
    """Finds out, for outcomes whose new text first imports the runtime, where that is declared."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._known: dict[str, Dependencies] = {}

    def settle(self, outcomes: Iterable[Outcome]) -> Settled:
        """Every outcome with its dependency declared, or without the fixes that need it."""
        settled = Settled([])
        for outcome in outcomes:
            settled.outcomes.append(self._one(_with_copy(outcome), len(settled.outcomes), settled))
        return settled

    def _one(self, outcome: Outcome, number: int, settled: Settled) -> Outcome:
        task, requirement = outcome.task, outcome.task.settings.runtime_requirement
        if outcome.after is None or work.RUNTIME not in outcome.imported or task.settings.runtime == "vendored":
            return outcome
        header = self._in_header(outcome)
        if header is not None:
            return header
        manifest = self._manifest(task) if self._policy.named else None
        if manifest is not None and manifest.state is State.DECLARED:
            return outcome
        if not self._policy.add or not self._policy.named:
            settled.missing[number] = ""
            return outcome
        if self._policy.hook:
            where = f"declare `{requirement}` in {manifest.shown}" if manifest else f"declare `{requirement}`"
            return _withheld(outcome, f"under pre-commit no manifest is edited: {where}, or vendor the runtime")
        if manifest is None:
            settled.missing[number] = ""
        elif manifest.state is State.ELSEWHERE:
            settled.missing[number] = f"{manifest.shown}: {manifest.why}"
        elif manifest.state is State.REFUSED:
            return _withheld(outcome, _undeclared(requirement, manifest.shown, manifest.why))
        else:
            known = settled.manifests.get(manifest.path)
            if known is None or known.test:  # what production code needs is enough for tests, and not the other way
                settled.manifests[manifest.path] = manifest
            settled.users.setdefault(manifest.path, []).append(number)
        return outcome

    def _manifest(self, task: Task) -> Manifest | None:
        requirement = task.settings.runtime_requirement
        known = self._known.setdefault(requirement, Dependencies(requirement))
        test = is_test(task.path, task.settings)
        return known.of(task.absolute, top_of(_root_of(task)), test=test)

    def _in_header(self, outcome: Outcome) -> Outcome | None:
        """The outcome of a script that says in a header what it needs; None for any other file."""
        source, requirement = outcome.source, outcome.task.settings.runtime_requirement
        if source is None or "# /// script" not in source.text:
            return None
        from tempsafe_lint.manifests import script

        answer = script.ask(source.text, requirement)
        if answer.state is State.ABSENT:
            return None
        if answer.state is State.REFUSED:
            return _withheld(outcome, _undeclared(requirement, "its header", answer.why))
        if answer.state is State.DECLARED or not self._policy.add:
            return outcome
        if self._policy.hook:
            why = f"under pre-commit no manifest is edited: declare `{requirement}` in the script's header"
            return _withheld(outcome, why)
        return replace(outcome, source=source.with_text(answer.text), after=source.encode(answer.text))


def _root_of(task: Task) -> str:
    """The folder that the task's path is relative to."""
    return task.absolute.removesuffix(task.path.replace("/", os.sep)).rstrip(os.sep) or os.sep


def _undeclared(requirement: str, where: str, why: str) -> str:
    return f"it needs `{requirement}`, which cannot be declared in {where}: {why}"


def _withheld(outcome: Outcome, why: str) -> Outcome:
    return work.again(outcome, withheld=why)


def _with_copy(outcome: Outcome) -> Outcome:
    """Without fixes that would import a copy of the runtime which is not there."""
    task = outcome.task
    if outcome.after is None or task.settings.runtime != "vendored" or task.withheld is not None:
        return outcome
    module = task.settings.runtime_import
    needed = {need.partition(" as ")[0] for finding in outcome.applied if finding.fix for need in finding.fix.imports}
    if module not in needed or _exists(module, task):
        return outcome
    return _withheld(outcome, f"there is no module `{module}` in the project: `tempsafe-lint vendor` makes one")


def _exists(module: str, task: Task) -> bool:
    """Whether a package of this name is below a folder that the file, or the project's first level, may import from."""
    inner = module.replace(".", os.sep)
    root = _root_of(task)
    parts = task.path.split("/")[:-1]
    bases = [os.path.join(root, *parts[:count]) for count in range(len(parts) + 1)]
    with contextlib.suppress(OSError):
        bases += [entry.path for entry in os.scandir(root) if entry.is_dir()]
    return any(os.path.isfile(os.path.join(base, inner, "__init__.py")) for base in bases)


def commit(settled: Settled, disk: Disk, complain: Complain) -> bool:
    """Write everything, manifests first; whether all of it could be. The outcomes are then what really came of it."""
    done = True
    for path, manifest in list(settled.manifests.items()):
        try:
            disk.put(path, manifest.before, manifest.after)
        except write.NotWritten as error:
            done = False
            complain("error", f"{manifest.shown}: not changed: {error}")
            for number in settled.users[path]:
                outcome = settled.outcomes[number]
                why = _undeclared(outcome.task.settings.runtime_requirement, manifest.shown, str(error))
                settled.outcomes[number] = _withheld(outcome, why)
            del settled.manifests[path], settled.users[path]
    written: set[int] = set()
    for number, outcome in enumerate(settled.outcomes):
        if outcome.after is None:
            continue
        try:
            disk.put(outcome.task.absolute, outcome.before, outcome.after)
            written.add(number)
        except write.NotWritten as error:
            done = False
            complain("error", f"{outcome.task.shown}: not fixed: {error}")
            settled.outcomes[number] = work.again(outcome, mend=())
    for path in [path for path, users in settled.users.items() if not written.intersection(users)]:
        try:
            disk.back(path)
        except write.NotWritten as error:
            complain("error", f"{settled.manifests[path].shown}: not put back: {error}")
        del settled.manifests[path], settled.users[path]
    return done
