"""`--watch`: check everything once, and what has changed whenever something has."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tempsafe_lint.configuration import CONFIG_FILES, ConfigError
from tempsafe_lint.drivers.cli import Check

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

#: Options that write, or that mean one run.
_NOT_WITH = ("fix", "diff", "show_files", "output_file", "add_ignore", "add_noqa", "interactive", "verify")


def watch(options: argparse.Namespace) -> int:
    """Never returns a code of its own: it ends by Ctrl-C. Raises ConfigError where it cannot begin."""
    for name in _NOT_WITH:
        if getattr(options, name, None):
            raise ConfigError(f"command line: `--watch` does not go with `--{name.replace('_', '-')}`")
    paths = [os.path.abspath(path) for path in options.paths or ["."]]
    if "-" in options.paths:
        raise ConfigError("command line: `--watch` does not go with `-`")
    gone = next((path for path in options.paths if not os.path.exists(path)), None)
    if gone is not None:
        raise ConfigError(f"command line: there is no `{gone}` to watch")
    try:
        import watchfiles
    except ImportError:
        raise ConfigError("`--watch` needs watchfiles: pip install 'tempsafe-lint[watch]'") from None
    counts: dict[str, int] = {}
    folders = {path if os.path.isdir(path) else os.path.dirname(path) for path in paths}
    begun = False
    # The first turn comes when the watch is set up: what changes during the first check is not missed.
    for changes in watchfiles.watch(*folders, debounce=300, rust_timeout=250, yield_on_timeout=True):
        try:
            if not begun:
                _run(Check(options), counts)
            elif changes:
                _again(options, counts, {os.path.abspath(path) for _, path in changes})
        except ConfigError as error:
            if not begun:
                raise
            print(f"error: {error}", file=sys.stderr)  # half a setting, on its way to be a whole one
        begun = True
        sys.stdout.flush()
    return 0


def _again(options: argparse.Namespace, counts: dict[str, int], changed: Iterable[str]) -> None:
    settings = {*CONFIG_FILES, ".gitignore"}
    if any(os.path.basename(path) in settings for path in changed):
        counts.clear()
        _run(Check(options), counts)
        return
    gone = [counts.pop(path, None) for path in changed if not os.path.exists(path)]
    _run(Check(options, only=frozenset(changed)), counts, anyway=any(count is not None for count in gone))


def _run(run: Check, counts: dict[str, int], *, anyway: bool = True) -> None:
    run.run()
    if not run.outcomes and not anyway:
        return  # what changed is none of ours
    counts.update((outcome.task.absolute, len(outcome.report.findings)) for outcome in run.outcomes)
    found, files = sum(counts.values()), sum(1 for count in counts.values() if count)
    sys.stdout.flush()
    print(f"Watching. {found} finding{'' if found == 1 else 's'} in {files} of {len(counts)} files.", file=sys.stderr)
