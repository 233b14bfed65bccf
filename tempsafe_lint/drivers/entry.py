"""The command line: `tempsafe-lint [check] PATHS`; any other command is a module of its own.

Most runs find nothing to parse, in a hook above all: they end here, before what parses and prints is imported.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tempsafe_lint.configuration import ConfigError, Configurations
from tempsafe_lint.drivers import options as words

if TYPE_CHECKING:
    import argparse
    from typing import TypeAlias

    from tempsafe_lint.paths import Found

    #: Where settings come from, and the files below the paths of a command line.
    Walked: TypeAlias = "tuple[Configurations, list[Found]]"

CLEAN, FINDINGS, FAILED = 0, 1, 2

#: Options that change nothing about a run without anything to say. With any other, the long way is taken.
_HARMLESS = {
    *("unsafe_fixes", "fixable", "unfixable", "runtime", "quiet", "color", "no_progress"),
    *("jobs", "no_cache", "cache_dir"),
    *("exit_zero", "config", "isolated", "target_version", "select", "extend_select", "ignore", "extend_ignore"),
    *("per_file_ignores", "min_severity", "min_confidence", "preview", "ignore_suppressions", "output_format"),
    *("exclude", "extend_exclude", "force_exclude", "respect_gitignore", "extension"),
}
_FORMATS = ("full", "concise", "grouped")


def main(argv: list[str]) -> int:
    """Run one command line; the exit code."""
    ready_streams()
    try:
        options = words.parse(argv)
        if options.command != "check":
            code: int = words.module_of(options.command).run(options)
            return code
        if options.watch:
            from tempsafe_lint.drivers.watch import watch

            return watch(options)
        walked = _walked(options)
        if walked is not None and _says_nothing(walked[1]):
            if not options.quiet:
                print("All checks passed!")
            return CLEAN
        from tempsafe_lint.drivers.cli import Check

        return Check(options, walked=walked).run()
    except ConfigError as error:
        complain("error", str(error))
        return FAILED


def ready_streams() -> None:
    """A name or a message that cannot be written, or a stream that was closed, must not end a run."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")


def complain(kind: str, text: str) -> None:
    print(f"{kind}: {text}", file=sys.stderr)


def configurations(options: argparse.Namespace) -> Configurations:
    """Where the options of `check` say that settings come from, with what they say over them."""
    files = [value for value in options.config if "=" not in value or os.path.isfile(value)]
    if len(files) > 1:
        raise ConfigError("command line: `--config` takes one file")
    return Configurations(
        isolated=options.isolated,
        file=os.path.abspath(files[0]) if files else None,
        inline=tuple(value for value in options.config if value not in files),
        adjust=words.Adjustment(options),
    )


def _walked(options: argparse.Namespace) -> Walked | None:
    """The files to read, for a run that says nothing if they hold nothing; None for any other run."""
    from tempsafe_lint.paths import discover

    if "-" in options.paths or any(name not in _HARMLESS for name in words.given(options)):
        return None
    configured = configurations(options)
    if configured.at(os.getcwd()).output_format not in _FORMATS:
        return None
    return configured, discover(options.paths or ["."], configured.at)


def _says_nothing(found: list[Found]) -> bool:
    """Whether every file would certainly be read, with nothing to parse in any."""
    from tempsafe_lint.paths import baseline_of

    return bool(found) and all(
        item.note is None
        and item.problem is None
        and baseline_of(item.configuration) is None
        and _is_plain(item.absolute, item.configuration.settings.needles)
        for item in found
    )


def _is_plain(path: str, needles: tuple[str, ...]) -> bool:
    """Whether a file is text that nobody has to look at more closely."""
    from tempsafe_lint.prefilter import is_plain

    try:
        with open(path, "rb") as file:
            return is_plain(file.read(), needles)
    except OSError:
        return False
