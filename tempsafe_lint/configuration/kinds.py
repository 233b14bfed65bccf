"""What a value may be: each kind reads the raw value of TOML and says the same as a JSON Schema."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tempsafe_lint.configuration.tables import did_you_mean
from tempsafe_lint.levels import Level
from tempsafe_lint.records import replace
from tempsafe_lint.settings import FOREIGN_SUPPRESSIONS, FORMATS, RUNTIMES, Override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Way = tuple[str | int, ...]
    Rebase = Callable[[str], tuple[str, ...]]


class Wrong(ValueError):
    """A value that cannot be meant: what was expected, and the way from the key to the part that is wrong."""

    def __init__(self, expected: str, *way: str | int, about: str | None = None) -> None:
        super().__init__(expected)
        self.way = way
        self.about = about


class Kind:
    """`read` gives the typed value or raises Wrong; `shown` names the type in words.

    `selectors` lists the rules that a typed value names, each list with the way to it, so that they can be checked.
    `rebase` changes the patterns in a value by a function from one pattern to those that stand in for it.
    """

    def __init__(
        self,
        shown: str,
        schema: dict[str, Any],
        read: Callable[[Any], Any],
        selectors: Callable[[Any], Iterable[tuple[Way, tuple[str, ...]]]] | None = None,
        rebase: Callable[[Any, Rebase], Any] | None = None,
    ) -> None:
        self.shown = shown
        self.schema = schema
        self.read = read
        self.selectors = selectors
        self.rebase = rebase


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


def some_of(*words: str) -> Kind:
    """A list of a few words."""
    one = one_of(*words)

    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(item in words for item in value):
            raise Wrong(f"a list of {', '.join(json.dumps(word) for word in words)}")
        return tuple(value)

    return Kind(f"list of {one.shown}", {"type": "array", "items": one.schema}, read)


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


def _in_place(value: tuple[str, ...], rebase: Rebase) -> tuple[str, ...]:
    return tuple(new for pattern in value for new in rebase(pattern))


def _in_place_of_keys(value: tuple[tuple[str, Any], ...], rebase: Rebase) -> tuple[tuple[str, Any], ...]:
    return tuple((new, rules) for pattern, rules in value for new in rebase(pattern))


def _required_version(value: Any) -> None:
    """Nothing but a check: raises Wrong where this release is not meant."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    from tempsafe_lint import __version__

    try:
        specifiers = SpecifierSet(_string(value))
    except InvalidSpecifier:
        raise Wrong('a version specifier like ">=1.2"') from None
    if not specifiers.contains(__version__, prereleases=True):
        raise Wrong("", about=f"this project requires tempsafe-lint {value}, and this is {__version__}")


LANGUAGES = ("python", "ipynb")


def extension(ending: str, language: Any) -> tuple[str, str]:
    """The ending of names without its dot, and what such files are read as."""
    if language not in LANGUAGES:
        raise Wrong('"python" or "ipynb"', ending)
    return ending.removeprefix("."), str(language)


def _extensions(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise Wrong("a table of endings")
    return tuple(extension(ending, language) for ending, language in value.items())


def _overrides(value: Any) -> tuple[Override, ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Wrong("a list of tables")
    return tuple(_override(item, number) for number, item in enumerate(value))


def _override(raw: dict[str, Any], number: int) -> Override:
    values: dict[str, Any] = {}
    for name, part in raw.items():
        read = _OVERRIDE.get(name)
        if read is None:
            hint = did_you_mean(name, tuple(_OVERRIDE))
            raise Wrong("", number, name, about=f"unknown setting `{name}` in `overrides`{hint}")
        try:
            values[name.replace("-", "_")] = read(part)
        except Wrong as error:
            raise Wrong("", number, name, *error.way, about=f"`{name}` in `overrides` must be {error}") from None
    if not values.get("files"):
        raise Wrong("", number, about="`overrides` needs `files`, a list of patterns")
    return Override(**values)


def _severities(value: Any) -> tuple[tuple[str, Level], ...]:
    if not isinstance(value, dict):
        raise Wrong("a table of rules, each with a severity")
    found = []
    for selector, level in value.items():
        try:
            found.append((selector, _level(level)))
        except Wrong as error:
            raise Wrong(str(error), selector) from None
    return tuple(found)


_OVERRIDE: dict[str, Callable[[Any], Any]] = {
    "files": _strings,
    "select": _strings,
    "extend-select": _strings,
    "ignore": _strings,
    "severity": _severities,
}


def _selectors_of_overrides(value: tuple[Override, ...]) -> Iterable[tuple[Way, tuple[str, ...]]]:
    for number, override in enumerate(value):
        yield (number, "select"), override.select or ()
        yield (number, "extend-select"), override.extend_select
        yield (number, "ignore"), override.ignore
        yield (number, "severity"), tuple(selector for selector, _ in override.severity)


def _overrides_in_place(value: tuple[Override, ...], rebase: Rebase) -> tuple[Override, ...]:
    return tuple(replace(override, files=_in_place(override.files, rebase)) for override in value)


def _requirement(value: Any) -> str:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        Requirement(_string(value))
    except InvalidRequirement:
        raise Wrong('a requirement like "tempsafe>=0.1"') from None
    return str(value)


_LIST = {"type": "array", "items": {"type": "string"}}
_RULE_LIST = {"$ref": "#/definitions/selectors"}
_LEVEL = {"enum": [level.value for level in Level]}

STRING = Kind("string", {"type": "string"}, _string)
STRINGS = Kind("list of strings", _LIST, _strings)
PATTERNS = Kind("list of patterns", _LIST, _strings, rebase=_in_place)
BOOLEAN = Kind("true | false", {"type": "boolean"}, _boolean)
LEVEL = Kind('"low" | "medium" | "high"', _LEVEL, _level)
VERSION = Kind('"py310", "py311", ...', {"type": "string", "pattern": r"^(py3|3\.)\d{1,2}$"}, parse_version)
UNSAFE = Kind('true | false | "hint"', {"enum": [True, False, "hint"]}, _unsafe)
FORMAT = one_of(*FORMATS)
RUNTIME = one_of(*RUNTIMES)
REQUIREMENT = Kind("requirement", {"type": "string"}, _requirement)
MODULE = Kind("dotted name", {"type": "string", "pattern": r"^[^\W\d]\w*(\.[^\W\d]\w*)*$"}, _module)
REQUIRED_VERSION = Kind("version specifier", {"type": "string"}, _required_version)
FOREIGN = some_of(*FOREIGN_SUPPRESSIONS)
RULES = Kind("list of rules", _RULE_LIST, _strings, lambda value: [((), value)])
RULES_BY_PATTERN = Kind(
    "table: pattern to list of rules",
    {"type": "object", "additionalProperties": _RULE_LIST},
    _ignores_by_file,
    lambda value: [((pattern,), rules) for pattern, rules in value],
    rebase=_in_place_of_keys,
)
EXTENSIONS = Kind(
    'table: ending to "python" | "ipynb"',
    {"type": "object", "additionalProperties": {"enum": list(LANGUAGES)}},
    _extensions,
)
OVERRIDES = Kind(
    "list of tables",
    {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["files"],
            "properties": {
                "files": {**_LIST, "minItems": 1},
                "select": _RULE_LIST,
                "extend-select": _RULE_LIST,
                "ignore": _RULE_LIST,
                "severity": {
                    "type": "object",
                    "propertyNames": {"$ref": "#/definitions/selector"},
                    "additionalProperties": _LEVEL,
                },
            },
        },
    },
    _overrides,
    _selectors_of_overrides,
    rebase=_overrides_in_place,
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
