"""Tables as they stand in files: reading them, and pointing at a key of one.

TOML is imported only when a file that names this tool is met: most folders have none.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from tempsafe_lint.paths import as_clause, reason, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

#: In one folder, the first of these that configures this tool is taken.
CONFIG_FILES = (".tempsafe-lint.toml", "tempsafe-lint.toml", "pyproject.toml")

_NESTED = ("tool", "tempsafe-lint")


class ConfigError(Exception):
    """A setting that cannot be meant; the text is one line, with the file and the row where it stands."""


class Table:
    """One table of this tool: its values, the name of its file as it is shown, and the folder that file stands in.

    A table that stands in no file (`--config "key = value"`) has an empty text and no folder.
    """

    def __init__(self, values: Mapping[str, Any], origin: str, text: str = "", path: str | None = None) -> None:
        self.values = values
        self.origin = origin
        self.text = text
        self.path = path

    @property
    def folder(self) -> str | None:
        """The folder that the patterns of the table are relative to, if it stands in a file."""
        return os.path.dirname(self.path) if self.path else None

    def error(self, message: str, *keys: str | int) -> ConfigError:
        """A complaint about a key, given as the way to it from the top of the table."""
        return ConfigError(f"{self.where(*keys)}: {message}")

    def where(self, *keys: str | int) -> str:
        """`file:row` of a key, or of the nearest thing around it that has a row of its own."""
        if not self.text:
            return self.origin
        before = _NESTED if is_nested(self.origin) else ()
        return f"{self.origin}:{row_of(self.text, (*before, *keys))}"


def is_nested(path: str) -> bool:
    """Whether a file holds the tables of other tools too."""
    return os.path.basename(path) == "pyproject.toml"


_NAME = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_HEADER = r"\s*(\[\[?)(.*?)\]\]?\s*(?:#.*)?$"
_KEY = rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*="
_PART = r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+)"


def row_of(text: str, way: tuple[str | int, ...]) -> int:
    """The row (from 1) of the line that writes a key, or that which begins the longest part of the way to it.

    Line by line: a key inside an inline table is found as that table.
    """
    best, longest = 1, 0
    table: tuple[str | int, ...] = ()
    seen: dict[tuple[str | int, ...], int] = {}
    for row, line in enumerate(text.splitlines(), 1):
        header = re.match(_HEADER, line)
        if header and not re.search("[=,]", re.sub(_PART, "", header.group(2))):
            table = _parts(header.group(2))
            if header.group(1) == "[[":
                number = seen.get(table, -1) + 1
                seen[table] = number
                table = (*table, number)
            else:
                table = _inside_array(table, seen)
            here = table
        else:
            key = re.match(_KEY, line)
            if key is None:
                continue
            here = (*table, *_parts(key.group(1)))
        shared = _shared(here, way)
        # What goes beyond the wanted key, or beside it, points at it only as far as both go together.
        if shared > longest and (shared == len(here) or shared == len(way)):
            best, longest = row, shared
    return best


def _inside_array(table: tuple[str | int, ...], seen: Mapping[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    for length in range(len(table), 0, -1):
        if table[:length] in seen:
            return (*table[:length], seen[table[:length]], *table[length:])
    return table


def _parts(dotted: str) -> tuple[str | int, ...]:
    return tuple("".join(groups) for groups in re.findall(_PART, dotted))


def _shared(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> int:
    count = 0
    for here, there in zip(one, other, strict=False):
        if here != there:
            break
        count += 1
    return count


def read(path: str, *, required: bool) -> Table | None:
    """The table of this tool in a file; None for a pyproject.toml without one, which may say what it likes."""
    shown_path = shown(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{shown_path}: cannot be read: {reason(error)}") from None
    nested = is_nested(path)
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
            raise Table({}, shown_path, text).error("`tool.tempsafe-lint` must be a table")
    return Table(values, shown_path, text, path)


def chain(table: Table) -> list[Table]:
    """The table and those that it extends, the farthest first. Raises ConfigError for a circle or a missing file."""
    tables = [table]
    while "extend" in tables[0].values:
        nearest = tables[0]
        said = nearest.values["extend"]
        if not isinstance(said, str):
            raise nearest.error("`extend` must be a string", "extend")
        path = os.path.abspath(os.path.join(nearest.folder or os.getcwd(), os.path.expanduser(said)))
        if not os.path.isfile(path):
            raise nearest.error(f"`extend`: there is no file `{said}`", "extend")
        if any(_same(path, known.path) for known in tables):
            way = " -> ".join(t.origin for t in reversed(tables))
            raise nearest.error(f"`extend` leads in a circle: {way} -> {shown(path)}", "extend")
        farther = read(path, required=True)
        if farther is None:
            raise nearest.error(f"`extend`: `{said}` has no table `[tool.tempsafe-lint]`", "extend")
        tables.insert(0, farther)
    return tables


def _same(path: str, other: str | None) -> bool:
    return other is not None and os.path.realpath(path) == os.path.realpath(other)


def on_command_line(text: str) -> Table:
    """A table that stands on the command line."""
    table = Table(_parse(text, "--config"), "--config")
    if "extend" in table.values:
        raise table.error("`extend` is for files; `--config FILE` takes one")
    return table


def _parse(text: str, origin: str) -> dict[str, Any]:
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        values: dict[str, Any] = tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{origin}: not valid TOML: too deeply nested") from None
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.S)
        if found is None:
            raise ConfigError(f"{origin}: not valid TOML: {error}") from None
        row = found.group(2) or str(text.count("\n") + 1)
        place = origin if origin == "--config" else f"{origin}:{row}"
        raise ConfigError(f"{place}: not valid TOML: {as_clause(found.group(1))}") from None
    return values


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str:
    """`; did you mean ...?`, or nothing when no known word is near."""
    import difflib

    near = difflib.get_close_matches(word, known, 1)
    return f"; did you mean `{near[0]}`?" if near else ""


def check_selectors(selectors: tuple[str, ...], where: str, what: str) -> None:
    """Raise ConfigError for a selector that names no rule."""
    from tempsafe_lint.codes import is_known

    if all(map(is_known, selectors)):
        return
    from tempsafe_lint import registry

    try:
        registry.resolve(selectors)
    except registry.UnknownSelector as error:
        hint = f"; did you mean `{error.suggestion}`?" if error.suggestion else ""
        raise ConfigError(f"{where}: unknown rule `{error.selector}` in {what}{hint}") from None
