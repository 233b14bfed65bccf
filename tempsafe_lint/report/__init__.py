"""Findings as text of a format. Each format is a module that is imported when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tempsafe_lint.findings import Finding
    from tempsafe_lint.fingerprint import PathOf
    from tempsafe_lint.registry import RuleInfo
    from tempsafe_lint.source import Source

    #: Gives the text that a finding's positions are about, or None where it could not be read.
    SourceOf = Callable[[str], Source | None]

#: Each format with the module and the function that write it.
FORMATS = {
    "full": ("text", "full"),
    "concise": ("text", "concise"),
    "grouped": ("text", "grouped"),
    "json": ("records", "array"),
    "json-lines": ("records", "lines"),
    "sarif": ("sarif", "log"),
    "github": ("github", "commands"),
    "gitlab": ("gitlab", "report"),
    "azure": ("azure", "commands"),
    "junit": ("junit", "suites"),
    "rdjson": ("rdjson", "result"),
    "rdjsonl": ("rdjson", "lines"),
    "pylint": ("text", "pylint"),
    "markdown": ("markdown", "document"),
}

#: The formats that people read: only they are followed by a summary.
TEXT_FORMATS = ("full", "concise", "grouped")


@dataclass(frozen=True, slots=True)
class Look:
    """What the reader's screen can do. `width` in columns; None where it is not known and nothing need be broken."""

    color: bool = False
    links: bool = False
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that a format may say of a run.

    `findings` are in the order in which they are shown. `path_of` gives a file's path below the top of its
    repository, `url_of` the page of a rule by its code (None where there is none), `rules` all rules there are. `root`
    is the absolute folder that the paths are relative to where there is only one. `failed` says that the run itself
    went wrong somewhere.
    """

    findings: Sequence[Finding]
    source_of: SourceOf = field(default=lambda _: None)
    path_of: PathOf = field(default=lambda name: name.replace("\\", "/"))
    url_of: Callable[[str], str | None] = field(default=lambda _: None)
    rules: Callable[[], Sequence[RuleInfo]] = field(default=tuple)
    root: str | None = None
    failed: bool = False

    def fingerprints(self) -> list[str]:
        """The fingerprint of each finding."""
        from tempsafe_lint.fingerprint import fingerprints

        return fingerprints(self.findings, self.path_of)


def render(form: str, account: Account, look: Look = Look()) -> str:
    """The findings in a format, with the last line end; an empty text if the format has nothing to say."""
    module, function = FORMATS[form]
    text: str = getattr(import_module(f"tempsafe_lint.report.{module}"), function)(account, look)
    return text
