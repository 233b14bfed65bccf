"""Which findings of a run are shown: not those of the baseline, and with `--diff-base` only those on changed rows.

Entries of a baseline that nothing answers to are reported (TMP905), unless this run could not have met them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tempsafe_lint import engine
from tempsafe_lint.baseline import BadBaseline, Entry, loads, new
from tempsafe_lint.configuration import ConfigError
from tempsafe_lint.drivers import options as words
from tempsafe_lint.drivers.scope import Scope, moved, touches
from tempsafe_lint.findings import Finding, Level
from tempsafe_lint.paths import baseline_of, reason, shown
from tempsafe_lint.source import Region, Source, UnreadableSource

if TYPE_CHECKING:
    import argparse
    from collections import Counter
    from collections.abc import Iterator, Sequence

    from tempsafe_lint.drivers.places import Places
    from tempsafe_lint.drivers.work import Outcome
    from tempsafe_lint.settings import Configuration

#: Options that hide findings which are there all the same.
_HIDING = {"min_severity", "min_confidence", "diff_base", "ignore_suppressions", "preview"}
#: Where these are found, the file was not judged.
_UNJUDGED = ("TMP900", "TMP901", "TMP999")


class Baselines:
    """The baselines of a run, each read once."""

    def __init__(self) -> None:
        self._known: dict[str, list[Entry]] = {}

    def at(self, path: str) -> list[Entry]:
        """The entries of a file. Raises ConfigError."""
        if path not in self._known:
            self._known[path] = read(path)
        return self._known[path]

    def all(self) -> list[tuple[str, list[Entry]]]:
        return sorted(self._known.items())


def read(path: str) -> list[Entry]:
    """The entries of a baseline file. Raises ConfigError with one line."""
    try:
        with open(path, encoding="utf-8") as file:
            return loads(file.read())
    except FileNotFoundError:
        raise ConfigError(f"{shown(path)}: no such baseline; `tempsafe-lint baseline create` makes it") from None
    except OSError as error:
        raise ConfigError(f"{shown(path)}: cannot be read: {reason(error)}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{shown(path)}: not valid JSON: it is not UTF-8") from None
    except BadBaseline as error:
        raise ConfigError(f"{shown(path)}:{error.row}: {error}") from None


class Sieve:
    """Made before anything is read. Raises ConfigError where git or a baseline cannot be asked."""

    def __init__(
        self, options: argparse.Namespace, general: Configuration, places: Places, *, with_baseline: bool = True
    ) -> None:
        self._options = options
        self._general = general
        self._places = places
        self._with_baseline = with_baseline
        self.baselines = Baselines()
        self._of: dict[str, str] = {}  # absolute path of a file: its baseline
        self._since = None
        if options.diff_base is not None:
            from tempsafe_lint.drivers.since import Since

            self._since = Since(options.diff_base, os.getcwd())

    def scope(self, name: str, absolute: str, configuration: Configuration) -> Scope | None:
        """What of a file this run is about; None for all of it. `name` is how the file is shown."""
        path = baseline_of(configuration) if self._with_baseline else None
        if path is None and self._since is None:
            return None
        place = self._places.path_of(name)
        accepted: frozenset[str] = frozenset()
        if path is not None:
            self._of[absolute] = path
            accepted = frozenset(entry.fingerprint for entry in self.baselines.at(path) if entry.path == place)
        rows = self._since.rows(absolute) if self._since is not None else None
        return Scope(place, accepted, None if rows is None else tuple(rows))

    def sift(self, outcomes: Sequence[Outcome]) -> list[Finding]:
        """The findings to be shown, in order."""
        kept: list[Finding] = []
        met: dict[str, Counter[str]] = {}
        for outcome in outcomes:
            findings: Sequence[Finding] = outcome.report.findings
            task, scope = outcome.task, outcome.task.scope
            if scope is not None:
                if task.absolute in self._of:
                    entries = self.baselines.at(self._of[task.absolute])
                    findings, met[task.absolute] = new(findings, entries, self._places.path_of)
                rows = _now(scope.rows, outcome)
                findings = [finding for finding in findings if touches(finding, rows)]
            kept += findings
        kept += self._stale(outcomes, met)
        return sorted(kept, key=lambda finding: finding.order)

    def _stale(self, outcomes: Sequence[Outcome], met: dict[str, Counter[str]]) -> Iterator[Finding]:
        if not self._of or words.given(self._options) & _HIDING:
            return
        judged = {outcome.task.scope.path: outcome for outcome in outcomes if outcome.task.scope is not None}
        for path, entries in self.baselines.all():
            for entry in entries:
                outcome = judged.get(entry.path)
                if outcome is None:
                    if self._is_gone(entry, path):
                        yield _problem(path, entry, 0)
                elif self._of.get(outcome.task.absolute) == path and _could_be_met(entry, outcome):
                    times = met[outcome.task.absolute][entry.fingerprint]
                    if times < entry.count:
                        yield _problem(path, entry, times)

    def _is_gone(self, entry: Entry, baseline: str) -> bool:
        """Whether the file of an entry is no more, and stood in a folder that was read."""
        file = os.path.join(self._places.root_of(baseline), *entry.path.split("/"))
        if not engine.reports("TMP905", entry.path, self._general.settings):
            return False
        named = [os.path.abspath(path) for path in self._options.paths or ["."]]
        return not os.path.exists(file) and any(file.startswith(path.rstrip(os.sep) + os.sep) for path in named)


def _could_be_met(entry: Entry, outcome: Outcome) -> bool:
    """Whether the file was judged with the entry's rule on, and the project wants to hear of stale entries there."""
    task = outcome.task
    if not engine.reports("TMP905", task.path, task.settings):
        return False
    if any(finding.code in _UNJUDGED for finding in outcome.report.findings) and entry.code not in _UNJUDGED:
        return False
    if entry.code.startswith("TMP9"):
        return entry.code in _UNJUDGED or engine.reports(entry.code, task.path, task.settings)
    return any(rule.code == entry.code for rule in engine.enabled(task.path, task.settings))


def _problem(path: str, entry: Entry, times: int) -> Finding:
    name = shown(path)
    said = f"`{entry.path}` has no {entry.code} ({entry.name}) like this any more"
    if times:
        said = f"`{entry.path}` has {times} of {entry.count} {entry.code} ({entry.name}) like this"
    region = Region(0, 0, entry.row, 1, entry.row, 1)
    hint = "`tempsafe-lint baseline prune` takes it out"
    return Finding(
        "TMP905", "stale-baseline", said, Level.LOW, Level.HIGH, name, region, text=entry.fingerprint, unfixed=hint
    )


def _now(rows: tuple[range, ...] | None, outcome: Outcome) -> tuple[range, ...] | None:
    """The changed rows in the text that the report is about."""
    if not rows or outcome.after is None or outcome.source is None:
        return rows
    try:
        before = Source.from_bytes(outcome.before, outcome.task.shown)
    except UnreadableSource:
        return rows
    return moved(rows, before.text, outcome.source.text)
