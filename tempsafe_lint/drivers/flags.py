"""The options of `check`, one entry each. An entry that names a field overrides what the project configured there."""

from __future__ import annotations

import argparse
import os
from typing import Any

from tempsafe_lint import __version__
from tempsafe_lint.levels import Level
from tempsafe_lint.settings import FORMATS, RUNTIMES

_LEVELS = tuple(level.value for level in Level)
_BOTH = argparse.BooleanOptionalAction


class Flag:
    """One option. `sets` is the field of `Settings` or `Configuration` that a given value fills, `adds` the one that
    it is added to; `variable` is the environment variable that stands in for it. The rest is for argparse.
    """

    def __init__(
        self, *names: str, sets: str = "", adds: str = "", variable: str = "", help: str, **keywords: Any
    ) -> None:
        self.names = names
        self.sets = sets
        self.adds = adds
        self.variable = variable
        self.keywords = {"help": help, **keywords}

    @property
    def dest(self) -> str:
        """The attribute of the parsed options."""
        return str(self.keywords.get("dest") or self.names[0].lstrip("-").replace("-", "_"))


def words(text: str) -> tuple[str, ...]:
    """`A,B` as a list."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _version(text: str) -> tuple[int, int]:
    from tempsafe_lint.configuration.kinds import parse_version

    try:
        return parse_version(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be {error}") from None


def _ignores(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """`PATTERN:CODE,CODE,PATTERN:CODE` by pattern."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for word in words(text):
        pattern, colon, code = word.rpartition(":")
        if colon and pattern and code:
            found.append((pattern, (code,)))
        elif found and not colon:
            found[-1] = (found[-1][0], (*found[-1][1], word))
        else:
            raise argparse.ArgumentTypeError('must be like "tests/**:TMP4"')
    return found


def _extension(text: str) -> tuple[str, str]:
    from tempsafe_lint.configuration.kinds import extension

    ending, _, language = text.partition(":")
    try:
        return extension(ending, language)
    except ValueError:
        raise argparse.ArgumentTypeError('must be like "pyw:python"') from None


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a number from 1")
    return int(text)


def _executor(text: str) -> str:
    kind, _, address = text.partition(":")
    if kind != "dask" or not address:
        raise argparse.ArgumentTypeError('must be like "dask:tcp://scheduler:8786"')
    return address


#: Lists are given as `A,B` or by repeating the option; they arrive as one tuple of words.
_LIST: dict[str, Any] = {"action": "extend", "type": words}
_RULES: dict[str, Any] = {**_LIST, "metavar": "CODE,..."}
_PATTERNS: dict[str, Any] = {**_LIST, "metavar": "PATTERN,..."}

FLAGS: dict[str, tuple[Flag, ...]] = {
    "fixing": (
        Flag("--fix", action=_BOTH, default=False, help="apply safe fixes"),
        Flag("--unsafe-fixes", sets="unsafe_fixes", action=_BOTH, default=None, help="also apply or show unsafe ones"),
        Flag("--fix-only", action="store_true", help="apply fixes, and say nothing of what is left"),
        Flag("--diff", action="store_true", help="print the fixes as a patch; write nothing"),
        Flag("--show-fixes", action="store_true", help="list the fixes that were applied"),
        Flag("-i", "--interactive", dest="interactive", action="store_true", help="ask before each fix"),
        Flag(
            "--verify",
            nargs="?",
            const="",
            metavar="COMMAND",
            help="run a command after fixing, and take back the fixes that it fails with",
        ),
        Flag(
            "--add-dependency",
            action=_BOTH,
            default=True,
            help="declare the runtime where the first fix of a project needs it",
        ),
        Flag("--fixable", sets="fixable", **_RULES, help="rules whose fixes may be applied"),
        Flag("--unfixable", sets="unfixable", **_RULES, help="rules whose fixes are not applied"),
        Flag("--runtime", sets="runtime", choices=RUNTIMES, help='what fixes may use (default "tempsafe")'),
    ),
    # How selections are layered is in `options.Adjustment`.
    "selection": (
        Flag("--select", **_RULES, help="rules to turn on, in place of those that are configured"),
        Flag("--extend-select", **_RULES, help="further rules to turn on"),
        Flag("--ignore", **_RULES, help="rules to turn off"),
        Flag("--extend-ignore", **_RULES, help="further rules to turn off"),
        Flag(
            "--per-file-ignores",
            sets="per_file_ignores",
            action="extend",
            type=_ignores,
            metavar="PATTERN:CODE,...",
            help="rules to turn off in some files",
        ),
        Flag("--min-severity", sets="min_severity", choices=_LEVELS, help="leave out lesser findings"),
        Flag(
            "--min-confidence",
            sets="min_confidence",
            choices=_LEVELS,
            help='leave out less certain findings (default "medium")',
        ),
        Flag("--preview", sets="preview", action=_BOTH, default=None, help="turn on rules that are still on trial"),
    ),
    "suppression": (
        Flag(
            "--ignore-suppressions",
            "--disable-noqa",
            "--ignore-noqa",
            sets="ignore_suppressions",
            action="store_true",
            default=None,
            help="report in spite of `# tempsafe: ignore[...]` and `# noqa`",
        ),
        Flag(
            "--add-ignore",
            metavar="REASON",
            help="write `# tempsafe: ignore[...]` behind everything that is found; `=REASON` may be left out",
        ),
        Flag("--add-noqa", metavar="REASON", help="the same with `# noqa: ...`"),
        Flag(
            "--baseline",
            sets="baseline",
            type=os.path.abspath,
            metavar="FILE",
            help="leave out the findings of this file (`tempsafe-lint baseline create` makes it)",
        ),
        Flag("--diff-base", metavar="REV", help="only findings on lines that were changed since this revision of git"),
    ),
    "files": (
        Flag("--exclude", sets="exclude", **_PATTERNS, help="in place of the configured patterns"),
        Flag("--extend-exclude", adds="exclude", **_PATTERNS, help="further patterns"),
        Flag("--force-exclude", sets="force_exclude", action=_BOTH, default=None, help="exclude even named files"),
        Flag("--respect-gitignore", sets="respect_gitignore", action=_BOTH, default=None, help="skip what git ignores"),
        Flag(
            "--extension",
            sets="extension",
            action="append",
            type=_extension,
            metavar="EXT:LANG",
            help='read files of a further ending as "python" or "ipynb"',
        ),
        Flag(
            "--stdin-filename", "--stdin-display-name", metavar="NAME", help="the file that standard input stands for"
        ),
        Flag("--show-files", action="store_true", help="list the files that would be read, and stop"),
    ),
    "output": (
        Flag(
            "--output-format",
            sets="output_format",
            variable="TEMPSAFE_OUTPUT_FORMAT",
            choices=FORMATS,
            metavar="FORMAT",
            help=f"how findings are printed: {', '.join(FORMATS)} (default full)",
        ),
        Flag(
            *("-o", "--output-file"),
            dest="output_file",
            variable="TEMPSAFE_OUTPUT_FILE",
            action="append",
            metavar="[FORMAT:]FILE",
            help="write the findings to a file; may be repeated (without a format, in place of printing)",
        ),
        Flag("--statistics", action="store_true", help="print how often each rule was met"),
        Flag("--count", action="store_true", help="print the number of findings at the end"),
        Flag("--color", choices=("auto", "always", "never"), default="auto", help="colours in text formats"),
        Flag("--no-progress", action="store_true", help="do not say how far a long run is"),
        Flag("-q", "--quiet", dest="quiet", action="store_true", help="findings only"),
        Flag("-s", "--silent", dest="silent", action="store_true", help="print nothing; the exit code says it"),
        Flag(
            *("-v", "--verbose"),
            dest="verbose",
            action="store_true",
            help="say what was read; tracebacks of internal errors",
        ),
    ),
    "run": (
        Flag(
            "--config",
            variable="TEMPSAFE_CONFIG",
            action="append",
            default=[],
            metavar='FILE|"key=value"',
            help="a configuration file, or one setting",
        ),
        Flag("--isolated", action="store_true", help="read no configuration file"),
        Flag(
            "--target-version",
            sets="target_version",
            type=_version,
            metavar="VERSION",
            help='lowest Python of the code, "py312"',
        ),
        Flag("-j", "--jobs", dest="jobs", type=_jobs, metavar="N", help="processes (default: one per processor)"),
        Flag(
            "--executor",
            type=_executor,
            metavar="dask:ADDRESS",
            help="read the files on an existing Dask cluster (extra `dask`)",
        ),
        Flag(
            *("-n", "--no-cache"),
            dest="no_cache",
            variable="TEMPSAFE_NO_CACHE",
            action="store_true",
            help="read every file again, and remember nothing",
        ),
        Flag(
            "--cache-dir",
            sets="cache_dir",
            variable="TEMPSAFE_CACHE_DIR",
            metavar="DIR",
            help='where findings are kept between runs (default ".tempsafe_cache")',
        ),
        Flag("-w", "--watch", dest="watch", action="store_true", help="check again what changes, until Ctrl-C"),
        Flag("--exit-non-zero-on-fix", action="store_true", help="exit with 1 if anything was fixed"),
        Flag(
            *("-e", "--exit-zero"),
            dest="exit_zero",
            action="store_true",
            help="exit with 0 although there are findings",
        ),
        Flag("-V", "--version", action="version", version=f"tempsafe-lint {__version__}", help="print the version"),
    ),
}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Tell a parser of every option."""
    for title, flags in FLAGS.items():
        group = parser.add_argument_group(title)
        for flag in flags:
            group.add_argument(*flag.names, **flag.keywords)
