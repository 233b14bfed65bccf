"""The command line's words: which command, its options, and how they change what the project configured."""

from __future__ import annotations

import argparse
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from tempsafe_lint.configuration import ConfigError, check_selectors, did_you_mean
from tempsafe_lint.drivers.flags import FLAGS, add_to
from tempsafe_lint.levels import Level
from tempsafe_lint.records import replace
from tempsafe_lint.settings import CONFIGURATION_FIELDS

if TYPE_CHECKING:
    from tempsafe_lint.settings import Configuration

#: Each command with what it does. `check` is here; any other is a module with `add_arguments(parser)` and
#: `run(options) -> exit code`, which is imported when the command is given.
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("", "find defects, and mend them (the default)"),
    "baseline": ("tempsafe_lint.drivers.baseline", "accept the findings of today, and keep that list in order"),
    "rule": ("tempsafe_lint.drivers.explain", "show what a rule reports, with examples"),
    "models": ("tempsafe_lint.drivers.models", "show what is known of a function of some library"),
    "vendor": ("tempsafe_lint.drivers.vendor", "write the runtime into a project"),
    "init": ("tempsafe_lint.drivers.init", "write a project's first configuration"),
    "completions": ("tempsafe_lint.drivers.completions", "print what lets a shell complete options"),
    "clean": ("tempsafe_lint.drivers.clean", "remove what is kept between runs"),
    "config": ("tempsafe_lint.drivers.config", "list the settings; show which hold for a file"),
}


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """argparse makes one for every option it is told of, and each would ask how wide the terminal is."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width() - 2, max_help_position=32)


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
            said = message.split(": ", 1)[1]
            word = said.split()[0] if said.strip() else said
            if word.startswith("-"):
                message = f"unknown option `{word}`{did_you_mean(word, list(self._option_string_actions))}"
            else:
                message = f"unexpected argument `{word}`"
        self.exit(2, f"error: {message}\n")


def parse(argv: list[str]) -> argparse.Namespace:
    """The options of a command line; exits with 2 on a wrong one, with 0 after `--help`."""
    command, rest = _command(argv)
    if command == "check":
        # A reason is given with `=` or not at all: the next word may be a path.
        rest = [f"{word}=" if word in ("--add-ignore", "--add-noqa") else word for word in rest]
        options = check_parser().parse_intermixed_args(rest)
    else:
        options = parser_of(command).parse_intermixed_args(rest)
    if command in ("check", "baseline"):
        _from_environment(options)
    options.command = command
    return options


def _from_environment(options: argparse.Namespace) -> None:
    for flags in FLAGS.values():
        for flag in flags:
            said = os.environ.get(flag.variable) if flag.variable else None
            if not said:
                continue
            given = getattr(options, flag.dest)
            if flag.dest == "config":
                if not options.isolated and all("=" in value for value in given):
                    options.config = [said, *given]
                continue
            if flag.keywords.get("action") == "store_true":
                setattr(options, flag.dest, given or said.lower() not in ("0", "false", "no"))
                continue
            if given not in (None, []):
                continue
            choices = flag.keywords.get("choices")
            if choices and said not in choices:
                listed = ", ".join(f'"{choice}"' for choice in choices)
                raise ConfigError(f"environment: `{flag.variable}` must be one of {listed}")
            setattr(options, flag.dest, [said] if flag.keywords.get("action") == "append" else said)


def _command(argv: list[str]) -> tuple[str, list[str]]:
    """The command, and the rest: the first word that is no option is a command only if it is exactly one of them."""
    if argv and argv[0] in COMMANDS:
        return argv[0], argv[1:]
    before = argv[: argv.index("--")] if "--" in argv else argv
    if any(word in COMMANDS for word in before):
        known, _ = check_parser(quiet=True).parse_known_args(before)
        first = known.paths[0] if known.paths else None
        if first in COMMANDS:
            place = before.index(first)
            return first, [*argv[:place], *argv[place + 1 :]]
    return "check", argv


def module_of(command: str) -> Any:
    """The module of a command other than `check`."""
    import importlib

    return importlib.import_module(COMMANDS[command][0])


def parser_of(command: str) -> argparse.ArgumentParser:
    """The parser of a command other than `check`."""
    summary = COMMANDS[command][1]
    parser = _Parser(prog=f"tempsafe-lint {command}", description=f"{summary[0].upper()}{summary[1:]}.")
    module_of(command).add_arguments(parser)
    return parser


def check_parser(*, quiet: bool = False) -> argparse.ArgumentParser:
    """The parser of `check`, whose help lists the other commands too."""
    others = "\n".join(f"  {name:<12} {summary}" for name, (_, summary) in COMMANDS.items())
    parser = _Parser(
        prog="tempsafe-lint",
        usage="tempsafe-lint [check] [OPTIONS] [PATHS]...\n       tempsafe-lint COMMAND --help",
        description=f"Find unsafe temporary-file code in Python, and mend it.\n\ncommands:\n{others}",
        epilog="exit codes: 0 nothing found or all mended; 1 findings;\n2 wrong usage or internal error",
        exit_on_error=not quiet,
    )
    parser.add_argument("paths", nargs="*", metavar="PATHS", help='files and folders (default "."), or "-" for stdin')
    add_to(parser)
    return parser


def whole_parser() -> argparse.ArgumentParser:
    """One parser of all commands, for those who want to know every option; command lines are read by `parse`."""
    parser = _Parser(prog="tempsafe-lint")
    commands = parser.add_subparsers(parser_class=_Parser)
    for command, (_, summary) in COMMANDS.items():
        below = commands.add_parser(command, help=summary)
        if command == "check":
            below.add_argument("paths", nargs="*", help="files and folders")
            add_to(below)
        else:
            module_of(command).add_arguments(below)
    parser.add_argument("paths", nargs="*", help="files and folders")
    add_to(parser)
    return parser


def given(options: argparse.Namespace) -> set[str]:
    """The options that say something else than nothing."""
    return {
        flag.dest
        for flags in FLAGS.values()
        for flag in flags
        if getattr(options, flag.dest, None) not in (None, False, [], flag.keywords.get("default"))
    }


class Adjustment:
    """What the command line says over a configuration."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.select = None if options.select is None else tuple(options.select)
        self.extend_select = tuple(options.extend_select or ())
        self.ignore = (*(options.ignore or ()), *(options.extend_ignore or ()))
        for selectors, option in (
            (self.select or (), "--select"),
            (self.extend_select, "--extend-select"),
            (self.ignore, "--ignore"),
            (tuple(options.fixable or ()), "--fixable"),
            (tuple(options.unfixable or ()), "--unfixable"),
            (tuple(code for _, codes in options.per_file_ignores or () for code in codes), "--per-file-ignores"),
        ):
            check_selectors(selectors, "command line", f"`{option}`")
        self.sets: dict[str, Any] = {}
        self.adds: dict[str, tuple[str, ...]] = {}
        for flags in FLAGS.values():
            for flag in flags:
                value = getattr(options, flag.dest) if flag.sets or flag.adds else None
                if value is None:
                    continue
                if flag.adds:
                    self.adds[flag.adds] = tuple(value)
                else:
                    self.sets[flag.sets] = tuple(value) if isinstance(value, list) else value
        for name in ("min_severity", "min_confidence"):
            if name in self.sets:
                self.sets[name] = Level(self.sets[name])

    def __call__(self, configuration: Configuration) -> Configuration:
        settings = configuration.settings
        changes = dict(self.sets)
        for name, more in self.adds.items():
            old = changes[name] if name in changes else getattr(_owner(configuration, name), name)
            changes[name] = (*old, *more)
        general = {name: value for name, value in changes.items() if name in CONFIGURATION_FIELDS}
        own = {name: value for name, value in changes.items() if name not in general}
        return replace(configuration, settings=replace(settings, **own, **self._selection(configuration)), **general)

    def _selection(self, configuration: Configuration) -> dict[str, Any]:
        """Selection as ruff layers it: `--select` starts afresh, the others go on from what is configured."""
        old = configuration.settings
        if self.select is not None:
            overrides = tuple(replace(override, select=None, extend_select=()) for override in old.overrides)
            return {
                "select": self.select,
                "extend_select": self.extend_select,
                "ignore": self.ignore,
                "overrides": overrides,
            }
        kept = (selector for selector in old.ignore if selector not in self.extend_select)
        return {"extend_select": (*old.extend_select, *self.extend_select), "ignore": (*kept, *self.ignore)}


def _owner(configuration: Configuration, field: str) -> object:
    return configuration if field in CONFIGURATION_FIELDS else configuration.settings
