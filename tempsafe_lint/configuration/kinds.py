"""What a value may be: each kind reads the raw value of TOML and says the same as a JSON Schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tempsafe_lint.findings import Level
from tempsafe_lint.settings import FORMATS, RUNTIMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Wrong(ValueError):
    """A value that cannot be meant: what was expected, and the way from the key to the part that is wrong."""

    def __init__(self, expected: str, *way: str | int, about: str | None = None) -> None:
        super().__init__(expected)
        self.way = way
        self.about = about


class Kind:
    """`read` gives the typed value or raises Wrong; `shown` names the type in words; `selectors` lists the rules that a
    typed value names, so that they can be checked.
    """

    def __init__(
        self,
        shown: str,
        schema: dict[str, Any],
        read: Callable[[Any], Any],
        selectors: Callable[[Any], Iterable[tuple[str, ...]]] | None = None,
    ) -> None:
        self.shown = shown
        self.schema = schema
        self.read = read
        self.selectors = selectors


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("a string")
    return value


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Wrong("a list of strings")
    return tuple(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("true or false")
    return value


def one_of(*words: str) -> Kind:
    """One of a few words."""
    listed = ", ".join(f'"{word}"' for word in words)

    def read(value: Any) -> str:
        if value not in words:
            raise Wrong(f"one of {listed}")
        return str(value)

    return Kind(" | ".join(f'"{word}"' for word in words), {"enum": list(words)}, read)


def _level(value: Any) -> Level:
    try:
        return Level(value)
    except ValueError:
        raise Wrong('"low", "medium" or "high"') from None


def parse_version(value: Any) -> tuple[int, int]:
    """`py312` or `3.12` as numbers."""
    found = re.fullmatch(r"(?:py3|3\.)(\d{1,2})", value) if isinstance(value, str) else None
    if found is None:
        raise Wrong('a version like "py312"')
    return 3, int(found.group(1))


def _unsafe(value: Any) -> bool | None:
    if value != "hint" and not isinstance(value, bool):
        raise Wrong('true, false or "hint"')
    return None if value == "hint" else value


def _ignores_by_file(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise Wrong("a table of patterns, each with a list of rules")
    for pattern, rules in value.items():
        if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
            raise Wrong("a list of strings", pattern)
    return tuple((pattern, tuple(rules)) for pattern, rules in value.items())


def _module(value: Any) -> str:
    if not isinstance(value, str) or not all(part.isidentifier() for part in value.split(".")):
        raise Wrong('the dotted name of a module like "app._tempsafe"')
    return value


_LIST = {"type": "array", "items": {"type": "string"}}

STRING = Kind("string", {"type": "string"}, _string)
STRINGS = Kind("list of strings", _LIST, _strings)
PATTERNS = Kind("list of patterns", _LIST, _strings)
BOOLEAN = Kind("true | false", {"type": "boolean"}, _boolean)
LEVEL = Kind('"low" | "medium" | "high"', {"enum": [level.value for level in Level]}, _level)
VERSION = Kind('"py310", "py311", ...', {"type": "string", "pattern": r"^(py3|3\.)\d{1,2}$"}, parse_version)
UNSAFE = Kind('true | false | "hint"', {"enum": [True, False, "hint"]}, _unsafe)
FORMAT = one_of(*FORMATS)
RUNTIME = one_of(*RUNTIMES)
MODULE = Kind("dotted name", {"type": "string", "pattern": r"^[^\W\d]\w*(\.[^\W\d]\w*)*$"}, _module)
RULES = Kind(
    "list of rules",
    {"type": "array", "items": {"$ref": "#/definitions/selector"}},
    _strings,
    lambda value: [value],
)
RULES_BY_PATTERN = Kind(
    "table: pattern to list of rules",
    {"type": "object", "additionalProperties": {"$ref": "#/definitions/selectors"}},
    _ignores_by_file,
    lambda value: [rules for _, rules in value],
)


def rows_of(section: str) -> Kind:
    """Model rows, as the linter's own row files have them (docs/models.md)."""

    def read(value: Any) -> tuple[tuple[str, str], ...]:
        from tempsafe_lint.models.project import pack
        from tempsafe_lint.models.schema import ModelError

        try:
            return pack(section, value)
        except ModelError as error:
            raise Wrong("rows", *error.way, about=error.message) from None

    return Kind("tables of rows", {"type": "array", "items": {"type": "object"}}, read)
