"""The command line's words, and how they change what the project configured."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from tempsafe_lint import __version__
from tempsafe_lint.configuration import check_selectors, did_you_mean, parse_version
from tempsafe_lint.findings import Level
from tempsafe_lint.settings import FORMATS

if TYPE_CHECKING:
    from tempsafe_lint.settings import Configuration

COMMANDS = ("check", "rule")
_LEVELS = tuple(level.value for level in Level)


class _Formatter(argparse.HelpFormatter):
    """argparse makes one for every option it is told of, and each would ask how wide the terminal is."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width() - 2)


@lru_cache(maxsize=1)
def _width() -> int:
    try:
        return int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        pass
    try:
        return os.get_terminal_size().columns
    except (OSError, ValueError):
        return 100


class _Parser(argparse.ArgumentParser):
    """Errors are one line and name the option that may have been meant."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(formatter_class=_Formatter, allow_abbrev=False, **keywords)

    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments:"):
            word = message.split(": ", 1)[1].split()[0]
            message = f"unknown option `{word}`{did_you_mean(word, list(self._option_string_actions))}"
        self.exit(2, f"error: {message}\n")


def parse(argv: list[str]) -> argparse.Namespace:
    """The options of a command line; exits with 2 on a wrong one, with 0 after `--help`."""
    command, rest = _command(argv)
    if command == "rule":
        options = _rule_parser().parse_args(rest)
    else:
        options = _check_parser().parse_intermixed_args(rest)
    options.command = command
    return options


def _command(argv: list[str]) -> tuple[str, list[str]]:
    """The command, and the rest: the first word that is no option is a command only if it is exactly one of them."""
    if argv and argv[0] in COMMANDS:
        return argv[0], argv[1:]
    before = argv[: argv.index("--")] if "--" in argv else argv
    if any(word in COMMANDS for word in before):
        known, _ = _check_parser(quiet=True).parse_known_args(before)
        first = known.paths[0] if known.paths else None
        if first in COMMANDS:
            place = before.index(first)
            return first, [*argv[:place], *argv[place + 1 :]]
    return "check", argv


def _rule_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="tempsafe-lint rule", description="Show what a rule reports, with examples.")
    parser.add_argument("selectors", nargs="*", metavar="CODE|NAME", help="rules to explain (default: list all)")
    return parser


def _check_parser(*, quiet: bool = False) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tempsafe-lint",
        usage="tempsafe-lint [check] [OPTIONS] [PATHS]...\n       tempsafe-lint rule [CODE|NAME]...",
        description="Find unsafe temporary-file code in Python, and mend it.",
        epilog="Exit codes: 0 nothing found or all mended, 1 findings, 2 wrong usage or internal error.",
        exit_on_error=not quiet,
    )
    parser.add_argument("paths", nargs="*", metavar="PATHS", help='files and folders (default "."), or "-" for stdin')
    parser.add_argument("-V", "--version", action="version", version=f"tempsafe-lint {__version__}")
    for add in (_add_fixing, _add_selection, _add_files, _add_output, _add_run):
        add(parser)
    return parser


def _add_fixing(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("fixing")
    group.add_argument("--fix", action=argparse.BooleanOptionalAction, default=False, help="apply safe fixes")
    group.add_argument(
        "--unsafe-fixes", action=argparse.BooleanOptionalAction, default=None, help="also apply or show unsafe ones"
    )
    group.add_argument("--diff", action="store_true", help="print the fixes as a patch; write nothing")


def _add_selection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("selection")
    for name, text in (
        ("select", "rules to report, in place of the configured ones"),
        ("extend-select", "further rules"),
        ("ignore", "rules to leave out"),
        ("extend-ignore", "the same"),
    ):
        group.add_argument(f"--{name}", action="append", metavar="RULE,...", help=text)
    group.add_argument("--min-severity", choices=_LEVELS, help="leave out less severe findings")
    group.add_argument("--min-confidence", choices=_LEVELS, help='leave out less certain findings (default "medium")')
    group.add_argument(
        "--ignore-suppressions",
        "--disable-noqa",
        "--ignore-noqa",
        action="store_true",
        help="report in spite of `# tempsafe: ignore[...]` and `# noqa`",
    )


def _add_files(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("files")
    group.add_argument("--exclude", action="append", metavar="PATTERN,...", help="in place of the configured patterns")
    group.add_argument("--extend-exclude", action="append", metavar="PATTERN,...", help="further patterns")
    optional = argparse.BooleanOptionalAction
    group.add_argument("--force-exclude", action=optional, default=None, help="exclude even files that are named")
    group.add_argument("--respect-gitignore", action=optional, default=None, help="leave out what git ignores")
    group.add_argument(
        "--stdin-filename", "--stdin-display-name", metavar="NAME", help="the file that standard input stands for"
    )
    group.add_argument("--show-files", action="store_true", help="list the files that would be read, and stop")


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument("--output-format", choices=FORMATS, help='how findings are printed (default "full")')
    group.add_argument("--statistics", action="store_true", help="print how often each rule was met")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colours in text formats")
    group.add_argument("-q", "--quiet", action="store_true", help="findings only")
    group.add_argument("-v", "--verbose", action="store_true", help="say what was read; tracebacks of internal errors")


def _add_run(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("run")
    group.add_argument(
        "--config", action="append", default=[], metavar='FILE|"key=value"', help="a configuration file, or one setting"
    )
    group.add_argument("--isolated", action="store_true", help="read no configuration file")
    group.add_argument("--target-version", type=_version, metavar="VERSION", help='lowest Python of the code, "py312"')
    group.add_argument("-j", "--jobs", type=_jobs, metavar="N", help="processes (default: one per processor)")
    group.add_argument("-n", "--no-cache", action="store_true", help="accepted; nothing is cached")
    group.add_argument("-e", "--exit-zero", action="store_true", help="exit with 0 although there are findings")


def _version(text: str) -> tuple[int, int]:
    try:
        return parse_version(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be {error}") from None


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a number from 1")
    return int(text)


def _words(values: list[str] | None) -> tuple[str, ...]:
    """`A,B` and repeated options as one list."""
    return tuple(word.strip() for value in values or () for word in value.split(",") if word.strip())


class Adjustment:
    """What the command line says over a configuration."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.select = None if options.select is None else _words(options.select)
        self.extend_select = _words(options.extend_select)
        self.ignore = (*_words(options.ignore), *_words(options.extend_ignore))
        for selectors, option in (
            (self.select or (), "--select"),
            (self.extend_select, "--extend-select"),
            (self.ignore, "--ignore"),
        ):
            check_selectors(selectors, "command line", f"`{option}`")

    def __call__(self, configuration: Configuration) -> Configuration:
        options = self.options
        exclude = configuration.exclude if options.exclude is None else _words(options.exclude)
        changes: dict[str, Any] = {
            "settings": replace(configuration.settings, **self._settings(configuration)),
            "exclude": (*exclude, *_words(options.extend_exclude)),
        }
        for name in ("force_exclude", "respect_gitignore", "unsafe_fixes", "output_format"):
            if getattr(options, name) is not None:
                changes[name] = getattr(options, name)
        return replace(configuration, **changes)

    def _settings(self, configuration: Configuration) -> dict[str, Any]:
        """Selection as ruff layers it: `--select` starts afresh, the others go on from what is configured."""
        options, old = self.options, configuration.settings
        changes: dict[str, Any] = {"ignore_suppressions": options.ignore_suppressions}
        if self.select is not None:
            changes.update(select=self.select, extend_select=self.extend_select, ignore=self.ignore)
        else:
            kept = (selector for selector in old.ignore if selector not in self.extend_select)
            changes["extend_select"] = (*old.extend_select, *self.extend_select)
            changes["ignore"] = (*kept, *self.ignore)
        if options.min_severity:
            changes["min_severity"] = Level(options.min_severity)
        if options.min_confidence:
            changes["min_confidence"] = Level(options.min_confidence)
        if options.target_version:
            changes["target_version"] = options.target_version
        return changes
