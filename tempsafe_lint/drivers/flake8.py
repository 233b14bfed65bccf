"""The flake8 plugin. flake8 owns `# noqa` and which codes are shown; the project's own configuration is found here.

flake8 imports this module on every run: it must stay cheap, and libcst is not imported before a file asks for it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tempsafe_lint import __version__

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from tempsafe_lint.baseline import Entry
    from tempsafe_lint.configuration import Configurations
    from tempsafe_lint.findings import Finding
    from tempsafe_lint.settings import Configuration

_configurations: Configurations | None = None
_baselines: dict[str, list[Entry]] = {}


class Plugin:
    """Codes `TMP`. `tree` is not read: libcst's reading of the same lines is."""

    name = "tempsafe-lint"
    version = __version__

    def __init__(self, tree: ast.AST, filename: str, lines: list[str]) -> None:
        self.filename = filename
        self.lines = lines

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Findings as flake8 wants them: row from 1, column from 0, in characters."""
        try:
            found = self._findings()
        except Exception as error:  # flake8 would end the whole run
            found = [(1, 0, "TMP999 " + f"internal error: {type(error).__name__}: {error}".splitlines()[0])]
        for row, column, text in found:
            yield row, column, text, type(self)

    def _findings(self) -> list[tuple[int, int, str]]:
        from tempsafe_lint.configuration import ConfigError

        if self.filename.endswith(".ipynb"):
            return []  # as bare JSON it is no Python; it reaches flake8 through nbqa, cell by cell
        try:
            return self._lint()
        except ConfigError as error:
            return [(1, 0, f"TMP999 {error}")]

    def _lint(self) -> list[tuple[int, int, str]]:
        from tempsafe_lint.paths import is_left_out
        from tempsafe_lint.prefilter import passes_text

        named = self.filename not in ("-", "stdin")
        absolute = os.path.abspath(self.filename if named else "stdin.py")
        configuration = _configured().at(os.path.dirname(absolute))
        text = "".join(self.lines)
        if is_left_out(absolute, configuration) or not passes_text(text, configuration.settings.needles):
            return []  # most files: what parses is not even imported
        return _found(text, self.filename, absolute, configuration)


def _found(text: str, name: str, absolute: str, configuration: Configuration) -> list[tuple[int, int, str]]:
    from tempsafe_lint.engine import lint
    from tempsafe_lint.paths import below
    from tempsafe_lint.records import replace
    from tempsafe_lint.source import Source

    source = Source.from_text(text, name, path=below(absolute, configuration.root))
    report = lint(source, replace(configuration.settings, noqa=False))
    found = []
    for finding in _new(report.findings, configuration, absolute):
        if finding.code not in ("TMP900", "TMP901"):  # flake8 has E902 and E999 for these
            found.append((finding.region.row, finding.region.column - 1, f"{finding.code} {finding.message}"))
    if report.crash is not None and not any(finding.code == "TMP999" for finding in report.findings):
        found.append((1, 0, "TMP999 internal error: " + report.crash.strip().splitlines()[-1]))
    return found


def _new(findings: Sequence[Finding], configuration: Configuration, absolute: str) -> Sequence[Finding]:
    """The findings of a file that are not in the project's baseline; those that flake8 drops by `# noqa` count too."""
    from tempsafe_lint.paths import baseline_of

    path = baseline_of(configuration) if findings else None
    if path is None:
        return findings
    from tempsafe_lint.baseline import new
    from tempsafe_lint.drivers.places import Places
    from tempsafe_lint.drivers.sieve import read

    place = Places(lambda _: configuration.root).path_of(absolute)
    if path not in _baselines:
        _baselines[path] = read(path)
    return new(findings, _baselines[path], lambda _: place)[0]


def _configured() -> Configurations:
    global _configurations
    if _configurations is None:
        from tempsafe_lint.configuration import Configurations

        file = os.environ.get("TEMPSAFE_CONFIG")
        _configurations = Configurations(file=os.path.abspath(file) if file else None)
    return _configurations
