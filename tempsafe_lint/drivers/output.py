"""Where a run's findings go: standard output, files that are named with `-o`, the summary of a GitHub job."""

from __future__ import annotations

import os
import stat
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from tempsafe_lint.configuration import ConfigError
from tempsafe_lint.drivers.places import Places
from tempsafe_lint.paths import reason
from tempsafe_lint.report import TEXT_FORMATS, Account, Look, render
from tempsafe_lint.settings import FORMATS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import TextIO

    from tempsafe_lint.configuration import Configurations
    from tempsafe_lint.drivers.work import Outcome
    from tempsafe_lint.findings import Finding
    from tempsafe_lint.registry import RuleInfo
    from tempsafe_lint.settings import Configuration


class Output:
    """Made before anything is read, so that a file that cannot be written costs no time. Raises ConfigError."""

    def __init__(self, options: argparse.Namespace, configurations: Configurations, general: Configuration) -> None:
        self.options = options
        self.general = general
        self.form = general.output_format
        self.targets = [_target(value, self.form) for value in options.output_file or ()]
        if self.targets and options.diff:
            raise ConfigError("command line: `--output-file` is about findings, and `--diff` prints a patch")
        for _, path in self.targets:
            require_writable(path, "command line: `--output-file")
        #: `-o FILE` without a format moves what would be printed.
        self.moved = any(_is_plain(value) for value in options.output_file or ())
        self.places = Places(lambda folder: configurations.at(_existing(folder)).root)

    def account(self, findings: Sequence[Finding], outcomes: Sequence[Outcome], *, failed: bool = False) -> Account:
        """All that is to be said about the findings of a run."""
        sources = {outcome.task.shown: outcome.source for outcome in outcomes if outcome.source is not None}
        for outcome in outcomes:
            self.places.root_of(outcome.task.absolute)
        root = self.places.common_root()
        return Account(findings, sources.get, self.places.path_of, self._url_of, _rules, root, failed)

    def write(self, account: Account, stream: TextIO) -> None:
        """Print the findings, and write them into every file that was asked for."""
        from tempsafe_lint.drivers.screen import look

        options = self.options
        if not options.silent and not self.moved:
            if options.statistics:
                from tempsafe_lint.report import summary

                stream.write(summary.statistics(account.findings, as_json=self.form == "json"))
            else:
                shown = look(stream, options.color) if self.form in TEXT_FORMATS else Look()
                stream.write(render(self.form, account, shown))
        for form, path in self.targets:
            write_file(path, render(form, account).encode("utf-8", "backslashreplace"))
        if "github" in (self.form, *(form for form, _ in self.targets)):
            _job_summary(account)

    def close(self, account: Account, stream: TextIO, *, fixed: Sequence[Finding], unread: int) -> None:
        """The lines that people want at the end."""
        options = self.options
        if options.silent:
            return
        if self.form in TEXT_FORMATS and not options.quiet:
            from tempsafe_lint.report import summary

            unsafe = self.general.unsafe_fixes
            lines = summary.fixes(fixed) if options.show_fixes else []
            lines += summary.closing(
                account.findings, len(fixed), unsafe_allowed=unsafe is True, hint=unsafe is not False, unread=unread
            )
            stream.write("".join(f"{line}\n" for line in lines))
        if options.count:
            (stream if self.form in TEXT_FORMATS else sys.stderr).write(f"{len(account.findings)}\n")

    def _url_of(self, code: str) -> str | None:
        info = _by_code().get(code)
        if info is None:
            return None
        if self.general.rule_url:
            return self.general.rule_url.replace("{code}", info.code).replace("{name}", info.name)
        return f"https://cwe.mitre.org/data/definitions/{info.cwe[0]}.html" if info.cwe else None


@lru_cache(maxsize=1)
def _by_code() -> dict[str, RuleInfo]:
    return {info.code: info for info in _rules()}


def _rules() -> Sequence[RuleInfo]:
    from tempsafe_lint import registry

    return registry.codes()


def _existing(folder: str) -> str:
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def _is_plain(value: str) -> bool:
    return value.partition(":")[0] not in FORMATS or ":" not in value


def _target(value: str, form: str) -> tuple[str, str]:
    """Format and path of one `-o`. What stands before a colon is a format only if there is one of that name."""
    if _is_plain(value):
        return form, value
    form, _, path = value.partition(":")
    return form, path


def require_writable(path: str, what: str) -> None:
    """Raise ConfigError, a line that begins with `what` (an option), if a file cannot be put there."""
    problem = None
    folder = os.path.dirname(path) or "."
    if not path or path == "-":
        problem = "a file is needed; standard output is what `--output-format` is for"
    elif os.path.isdir(path):
        problem = "is a directory"
    elif not os.path.isdir(folder):
        problem = "there is no such folder"
    elif not os.access(path if os.path.exists(path) else folder, os.W_OK):
        problem = "permission denied"
    if problem:
        raise ConfigError(f"{what} {path}`: {problem}")


def write_file(path: str, data: bytes) -> None:
    """Write a file whole or not at all; what is no regular file (`/dev/stderr`, a pipe) is written to as it is.

    Raises ConfigError with one line.
    """
    from tempsafe_lint.drivers.carried import runtime

    target = os.path.realpath(path)
    try:
        if os.path.exists(target) and not stat.S_ISREG(os.stat(target).st_mode):
            with open(path, "wb") as file:
                file.write(data)
            return
        with runtime().open_atomic(target, "wb") as file:
            file.write(data)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {reason(error)}") from None


def _job_summary(account: Account) -> None:
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(render("markdown", account))
    except OSError as error:  # the findings themselves are printed already
        print(f"warning: no job summary: {path}: {reason(error)}", file=sys.stderr)
