"""The rows that say what APIs do, read from the TOML files beside this module, and finding the one that applies."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tempsafe_lint.models.schema import ModelError, Row, rows

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_HERE = Path(__file__).parent

#: Built-in files in the order of layers: a later row of one name replaces an earlier one.
_LAYERS = ("stdlib/*.toml", "testing.toml", "tempsafe.toml", "thirdparty.toml")


class Models:
    """All rows by name. `aliases` map a re-export to the name that has the row."""

    def __init__(self, found: list[Row], aliases: dict[str, str], decorators: frozenset[str]) -> None:
        self._rows = {row.name: row for row in found}
        self._aliases = aliases
        self.decorators = decorators

    def get(self, name: str | None) -> Row | None:
        """The row of a full dotted name, or None. A re-exported package prefix counts as the module it re-exports."""
        if name is None:
            return None
        row = self._rows.get(name)
        if row is None and "." in name:
            head, _, last = name.rpartition(".")
            if head in self._aliases:
                row = self._rows.get(f"{self._aliases[head]}.{last}")
            elif name in self._aliases:
                row = self._rows.get(self._aliases[name])
        return row

    def method(self, handle: str, name: str) -> Row | None:
        """The row of a method or attribute of something held by `handle`."""
        return self._rows.get(f"{handle}.{name}")

    def all(self) -> list[Row]:
        """Every row."""
        return list(self._rows.values())

    @property
    def starters(self) -> list[Row]:
        """Rows that can start a finding: makers and sources, never sinks."""
        return [row for row in self._rows.values() if row.starts]


@lru_cache(maxsize=1)
def builtin() -> Models:
    """The rows that come with the linter."""
    found: list[Row] = []
    aliases: dict[str, str] = {}
    decorators: set[str] = set()
    for pattern in _LAYERS:
        for path in sorted(_HERE.glob(pattern)):
            try:
                table = tomllib.loads(path.read_text("utf-8"))
            except tomllib.TOMLDecodeError as error:
                raise ModelError(f"{path.name}: {error}") from None
            for alias in table.get("alias", []):
                aliases[alias["name"]] = alias["of"]
            found.extend(rows(table, path.name))
            decorators.update(raw["name"] for raw in table.get("decorator", []))
    return Models(found, aliases, frozenset(decorators))


@lru_cache(maxsize=1)
def policy() -> dict[str, dict[str, Any]]:
    """The policies of `policy.toml`, by table."""
    return dict(tomllib.loads((_HERE / "policy.toml").read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Policies:
    """The choices of `policy.toml` that flow asks for; the reasons stand there.

    `directories` every user can write to; `launchers` are programs that only start another one; `removers` and
    `keepers` are words in the names of a project's own functions that remove, or take over, what they are given.
    `proof` has the words of `flow.stays`.
    """

    directories: tuple[str, ...]
    launchers: frozenset[str]
    removers: frozenset[str]
    keepers: frozenset[str]
    proof: dict[str, frozenset[str]]
    unknown_call_raises: bool
    parent_owns: bool
    assert_raises: bool
    shown_announces: bool


def policies(more_directories: tuple[str, ...] = ()) -> Policies:
    """The built-in choices, with the project's own shared directories."""
    table = policy()
    return Policies(
        (*table["shared-temp"]["directories"], *more_directories),
        frozenset(table["launchers"]["programs"]),
        frozenset(table["removers"]["words"]),
        frozenset(table["keepers"]["words"]),
        {key: frozenset(words) for key, words in table["proof"].items()},
        **{key.replace("-", "_"): bool(choice) for key, choice in table["choices"].items()},
    )


def needles() -> tuple[str, ...]:
    """What a file must hold one of: the last part of each starting row's name, and shared directories."""
    names = {row.name.rpartition(".")[2] for row in builtin().starters}
    directories = {str(name) for name in policy()["shared-temp"]["needles"]}
    return tuple(sorted(names | directories))
