"""Reading a project's configuration: which file, which keys, and what is wrong with them, said in one line.

TOML is imported only when a file that names this tool is met: most folders have none.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tempsafe_lint.findings import Level
from tempsafe_lint.paths import as_clause, reason, shown
from tempsafe_lint.settings import DEFAULT_EXCLUDE, DEFAULT_TESTS, FORMATS, Configuration, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: In one folder, the first of these that configures this tool is taken.
CONFIG_FILES = (".tempsafe-lint.toml", "tempsafe-lint.toml", "pyproject.toml")

#: What marks the top of a project where there is no configuration.
_ROOT_MARKERS = ("pyproject.toml", "setup.cfg", "setup.py")

DEFAULT_TARGET = (3, 10)


class ConfigError(Exception):
    """A setting that cannot be meant; the text is one line, with the file and the row where it stands."""


@dataclass(frozen=True, slots=True)
class _Table:
    """One table as it was read, and where: enough to point at a key of it."""

    values: Mapping[str, Any]
    origin: str
    text: str = ""

    def error(self, message: str, key: str | None = None) -> ConfigError:
        return ConfigError(f"{self.where(key)}: {message}")

    def where(self, key: str | None) -> str:
        if not self.text:
            return self.origin
        return f"{self.origin}:{_row_of(self.text, key, nested=os.path.basename(self.origin) == 'pyproject.toml')}"


def _row_of(text: str, key: str | None, *, nested: bool) -> int:
    """The row of a key in the table of this tool (the table's own row if the key cannot be seen)."""
    header = re.compile(r"\s*\[\s*tool\s*\.\s*[\"']?tempsafe-lint\b")
    before = r"\s*(?:\[\s*)?(?:tool\.)?(?:tempsafe-lint\.)?[\"']?"
    wanted = re.compile(rf"{before}{re.escape(key)}[\"']?\s*[].=]" if key else "(?!)")
    inside, row_of_table = not nested, 1
    for row, line in enumerate(text.splitlines(), 1):
        if header.match(line):
            inside, row_of_table = True, row
        elif nested and re.match(r"\s*\[", line):
            inside = False
        if inside and wanted.match(line):
            return row
    return row_of_table


# Each reader takes a raw value and gives the typed one, or raises ValueError with what was expected.


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("a list of strings")
    return tuple(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _level(value: Any) -> Level:
    try:
        return Level(value)
    except ValueError:
        raise ValueError('"low", "medium" or "high"') from None


def parse_version(value: Any) -> tuple[int, int]:
    """`py312` or `3.12` as numbers."""
    found = re.fullmatch(r"(?:py3|3\.)(\d{1,2})", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('a version like "py312"')
    return 3, int(found.group(1))


def _unsafe(value: Any) -> bool | None:
    if value != "hint" and not isinstance(value, bool):
        raise ValueError('true, false or "hint"')
    return None if value == "hint" else value


def _format(value: Any) -> str:
    if value not in FORMATS:
        raise ValueError("one of " + ", ".join(f'"{name}"' for name in FORMATS))
    return str(value)


def _ignores_by_file(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ValueError("a table of patterns, each with a list of rules")
    return tuple((pattern, _strings(rules)) for pattern, rules in value.items())


_READERS: dict[str, Callable[[Any], Any]] = {
    "select": _strings,
    "extend-select": _strings,
    "ignore": _strings,
    "extend-ignore": _strings,
    "per-file-ignores": _ignores_by_file,
    "min-severity": _level,
    "min-confidence": _level,
    "exclude": _strings,
    "extend-exclude": _strings,
    "force-exclude": _boolean,
    "respect-gitignore": _boolean,
    "tests": _strings,
    "target-version": parse_version,
    "extend-temp-dirs": _strings,
    "allowed-paths": _strings,
    "unsafe-fixes": _unsafe,
    "output-format": _format,
}

_SELECTORS = ("select", "extend-select", "ignore", "extend-ignore")


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str:
    """`; did you mean ...?`, or nothing when no known word is near."""
    import difflib

    near = difflib.get_close_matches(word, known, 1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _typed(tables: list[_Table]) -> dict[str, Any]:
    """The values of all tables, later ones over earlier ones, each checked."""
    result: dict[str, Any] = {}
    for table in tables:
        for key, raw in table.values.items():
            reader = _READERS.get(key)
            if reader is None:
                raise table.error(f"unknown setting `{key}`{did_you_mean(key, tuple(_READERS))}", key)
            try:
                value = reader(raw)
            except ValueError as error:
                raise table.error(f"`{key}` must be {error}", key) from None
            for selectors in _selectors_in(key, value):
                check_selectors(selectors, table.where(key), f"`{key}`")
            result[key] = value
    return result


def _selectors_in(key: str, value: Any) -> list[tuple[str, ...]]:
    if key in _SELECTORS:
        return [value]
    return [rules for _, rules in value] if key == "per-file-ignores" else []


def check_selectors(selectors: tuple[str, ...], where: str, what: str) -> None:
    """Raise ConfigError for a selector that names no rule."""
    if not selectors:
        return
    from tempsafe_lint import registry

    try:
        registry.resolve(selectors)
    except registry.UnknownSelector as error:
        hint = f"; did you mean `{error.suggestion}`?" if error.suggestion else ""
        raise ConfigError(f"{where}: unknown rule `{error.selector}` in {what}{hint}") from None


def _configuration(
    root: str, origin: str | None, tables: list[_Table], target: tuple[int, int] | None
) -> Configuration:
    values = _typed(tables)
    settings = Settings(
        select=values.get("select"),
        extend_select=values.get("extend-select", ()),
        ignore=(*values.get("ignore", ()), *values.get("extend-ignore", ())),
        per_file_ignores=values.get("per-file-ignores", ()),
        min_severity=values.get("min-severity", Level.LOW),
        min_confidence=values.get("min-confidence", Level.MEDIUM),
        tests=values.get("tests", DEFAULT_TESTS),
        extend_temp_dirs=values.get("extend-temp-dirs", ()),
        allowed_paths=values.get("allowed-paths", ()),
        target_version=values.get("target-version") or target or DEFAULT_TARGET,
    )
    return Configuration(
        root,
        origin,
        settings,
        exclude=(*values.get("exclude", DEFAULT_EXCLUDE), *values.get("extend-exclude", ())),
        force_exclude=values.get("force-exclude", False),
        respect_gitignore=values.get("respect-gitignore", True),
        unsafe_fixes=values.get("unsafe-fixes"),
        output_format=values.get("output-format", "full"),
    )


class Configurations:
    """Finds the configuration of a folder, and remembers it.

    `file` stands in for every file of the projects, `inline` are `key = value` texts that go over everything,
    `isolated` reads nothing. `adjust` is the last word: what the command line says.
    """

    def __init__(
        self,
        *,
        isolated: bool = False,
        file: str | None = None,
        inline: tuple[str, ...] = (),
        adjust: Callable[[Configuration], Configuration] | None = None,
    ) -> None:
        self._isolated = isolated
        self._inline = [_inline_table(text) for text in inline]
        self._fixed = None if file is None else _read(file, required=True)
        self._adjust = adjust
        self._known: dict[str, Configuration] = {}
        self._folders: dict[str, tuple[_Table | None, tuple[int, int] | None]] = {}

    def at(self, folder: str, fallback: str | None = None) -> Configuration:
        """The configuration for the files of an absolute folder; `fallback` is the root where nothing marks one."""
        known = self._known.get(folder)
        if known is None:
            known = self._find(folder, fallback)
            self._known[folder] = known
        return known

    def origins(self) -> list[str]:
        """The configuration files that were taken so far."""
        return sorted({known.origin for known in self._known.values() if known.origin})

    def _find(self, folder: str, fallback: str | None) -> Configuration:
        target: tuple[int, int] | None = None
        found: tuple[str, _Table] | None = None
        if not self._isolated:
            for parent in _upwards(folder):
                table, minimum = self._in_folder(parent)
                target = target or minimum
                if table is not None and self._fixed is None:
                    found = (parent, table)
                    break
        root = found[0] if found else project_root(folder, fallback)
        table = self._fixed or (found[1] if found else None)
        tables = [*([table] if table else []), *self._inline]
        result = _configuration(root, table.origin if table else None, tables, target)
        return self._adjust(result) if self._adjust else result

    def _in_folder(self, folder: str) -> tuple[_Table | None, tuple[int, int] | None]:
        if folder not in self._folders:
            self._folders[folder] = _in_folder(folder)
        return self._folders[folder]


def project_root(folder: str, fallback: str | None = None) -> str:
    """The top of the project: the repository, else the nearest folder that is set up, else the working directory."""
    marked = None
    for parent in _upwards(folder):
        if _is_repository(parent):
            return parent
        if marked is None and any(os.path.isfile(os.path.join(parent, name)) for name in _ROOT_MARKERS):
            marked = parent
    if marked:
        return marked
    here = os.getcwd()
    return here if folder == here or folder.startswith(here + os.sep) else fallback or folder


def _is_repository(folder: str) -> bool:
    return any(os.path.exists(os.path.join(folder, name)) for name in (".git", ".hg"))


def _upwards(folder: str) -> Iterator[str]:
    """The folder and those above it, up to the repository's root or the home directory."""
    home = os.path.expanduser("~")
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder or folder == home or _is_repository(folder):
            return
        folder = parent


def _in_folder(folder: str) -> tuple[_Table | None, tuple[int, int] | None]:
    """The table of this tool in a folder's files, and the lowest Python that its project supports."""
    minimum = None
    for name in CONFIG_FILES:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        table = _read(path, required=name != "pyproject.toml")
        if name == "pyproject.toml":
            minimum = _requires_python(path)
        if table is not None:
            return table, minimum or _requires_python(os.path.join(folder, "pyproject.toml"))
    return None, minimum


def _requires_python(path: str) -> tuple[int, int] | None:
    """The lower bound of `project.requires-python`: one line, read without a TOML parser."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            project = re.search(r"^\s*\[\s*project\s*\][^\n]*\n(.*?)(?=^\s*\[|\Z)", file.read(), re.M | re.S)
    except OSError:
        return None
    found = project and re.search(r"^\s*requires-python\s*=.*?(?:>=|~=|==|>)\s*3\.(\d+)", project.group(1), re.M)
    return (3, int(found.group(1))) if found else None


def _read(path: str, *, required: bool) -> _Table | None:
    """The table of this tool in a file; None for a pyproject.toml without one, which may say what it likes."""
    shown_path = shown(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(f"{shown_path}: cannot be read: {reason(error)}") from None
    nested = os.path.basename(path) == "pyproject.toml"
    if nested and not required and b"tempsafe-lint" not in data:
        return None
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ConfigError(f"{shown_path}: is not UTF-8, as TOML must be") from None
    values = _parse(text, shown_path)
    if nested:
        tool = values.get("tool", {})
        if not isinstance(tool, dict) or "tempsafe-lint" not in tool:
            return None
        values = tool["tempsafe-lint"]
        if not isinstance(values, dict):
            raise _Table({}, shown_path, text).error("`tool.tempsafe-lint` must be a table")
    return _Table(values, shown_path, text)


def _inline_table(text: str) -> _Table:
    return _Table(_parse(text, "--config"), "--config")


def _parse(text: str, origin: str) -> dict[str, Any]:
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        values: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.S)
        if found is None:
            raise ConfigError(f"{origin}: not valid TOML: {error}") from None
        row = found.group(2) or str(text.count("\n") + 1)
        place = origin if origin == "--config" else f"{origin}:{row}"
        raise ConfigError(f"{place}: not valid TOML: {as_clause(found.group(1))}") from None
    return values
