"""The command `baseline`: the findings of today are accepted, and the list is kept in order."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tempsafe_lint.baseline import Entry, dumps, entries_of, new
from tempsafe_lint.configuration import ConfigError
from tempsafe_lint.drivers import flags
from tempsafe_lint.drivers.output import require_writable, write_file
from tempsafe_lint.drivers.sieve import read
from tempsafe_lint.paths import shown
from tempsafe_lint.records import replace
from tempsafe_lint.report.style import printable
from tempsafe_lint.settings import BASELINE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tempsafe_lint.drivers.cli import Check
    from tempsafe_lint.drivers.work import Outcome

_ACTIONS = ("create", "update", "prune", "show")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=_ACTIONS,
        help="create: accept all that is found; update: the same over an older list; "
        "prune: take out what is not found any more; show: list what is accepted",
    )
    parser.add_argument("paths", nargs="*", metavar="PATHS", help='files and folders (default ".")')
    flags.add_to(parser)


def run(options: argparse.Namespace) -> int:
    """Exit code 0, whatever is found. Raises ConfigError."""
    from tempsafe_lint.drivers.cli import Check

    wrong = next((path for path in options.paths if path == "-"), None)
    options.fix = options.fix or options.diff
    if wrong or options.fix or options.fix_only or options.interactive or options.diff_base is not None:
        raise ConfigError(
            "command line: `baseline` reads files and folders, and goes without `--fix` and `--diff-base`"
        )
    check = Check(options, with_baseline=False)
    path = os.path.join(check.general.root, check.general.baseline or BASELINE)
    if options.action == "show":
        _show(read(path))
        return 0
    known: list[Entry] = []
    if options.action == "create":
        if os.path.exists(path):
            raise ConfigError(f"{shown(path)}: is there already; `tempsafe-lint baseline update` brings it up to date")
    elif options.action == "prune" or os.path.exists(path):
        known = read(path)
    require_writable(path, "command line: `--baseline")
    outcomes = check.read()
    entries = _entries(options.action, known, outcomes, check, path)
    write_file(path, dumps(entries).encode())
    if not options.silent and not options.quiet:
        _say(path, known, entries)
    return 0


def _entries(action: str, known: list[Entry], outcomes: Sequence[Outcome], check: Check, path: str) -> list[Entry]:
    """The entries afterwards. Those of files that were not read stay, if the files are still there."""
    places = check.output.places
    findings = sorted((f for outcome in outcomes for f in outcome.report.findings), key=lambda finding: finding.order)
    met = {places.path_of(outcome.task.shown) for outcome in outcomes}
    root = places.root_of(path)
    others = [
        entry for entry in known if entry.path not in met and os.path.exists(os.path.join(root, *entry.path.split("/")))
    ]
    if action != "prune":
        return [*entries_of(findings, places.path_of), *others]
    mine = [entry for entry in known if entry.path in met]
    counts = new(findings, mine, places.path_of)[1]
    left = [replace(entry, count=counts[entry.fingerprint]) for entry in mine if counts[entry.fingerprint]]
    return [*left, *others]


def _say(path: str, known: Sequence[Entry], entries: Sequence[Entry]) -> None:
    before, after = (sum(entry.count for entry in some) for some in (known, entries))
    files = len({entry.path for entry in entries})
    said = f"{after} finding{'' if after == 1 else 's'} in {files} file{'' if files == 1 else 's'} accepted"
    if known:
        said += f" ({before} before)"
    sys.stdout.write(f"{said}: {printable(shown(path))}\n")


def _show(entries: Sequence[Entry]) -> None:
    for entry in entries:
        times = f" ({entry.count} times)" if entry.count > 1 else ""
        sys.stdout.write(f"{printable(entry.path)}: {entry.code} {printable(entry.message)}{times}\n")
