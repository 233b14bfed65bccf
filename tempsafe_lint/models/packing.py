"""Rows as constants that Python loads at once, and back: a row is made when it is first asked for.

Measured on 900 rows: parsing TOML costs 20 times what starting Python does, unpickling the rows as much as starting it,
and a constant of nested tuples in a compiled module a tenth of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tempsafe_lint.models.schema import Block, Case, Made, Role, Row

#: The names of one table of a row file, and what differs from a row that says nothing, by field.
Group = tuple[tuple[str, ...], tuple[tuple[str, Any], ...]]


def packed(rows: list[Row]) -> list[Group]:
    """Rows as constants; rows that differ only in their names share one."""
    groups: dict[tuple[tuple[str, Any], ...], list[str]] = {}
    plain = Row("?.?")
    for row in rows:
        fields = [name for name in Row.__slots__ if name != "name" and getattr(row, name) != getattr(plain, name)]
        groups.setdefault(tuple((name, _flat(getattr(row, name))) for name in fields), []).append(row.name)
    return [(tuple(names), fields) for fields, names in groups.items()]


def _flat(value: Any) -> Any:
    """A value without classes of ours."""
    if isinstance(value, Role | Made | Case | Block):
        return tuple(_flat(getattr(value, name)) for name in value.__slots__)
    if isinstance(value, dict):
        return tuple((key, _flat(item)) for key, item in value.items())
    return tuple(_flat(item) for item in value) if isinstance(value, tuple) else value


def _row(name: str, fields: tuple[tuple[str, Any], ...]) -> Row:
    given = dict(fields)
    if "args" in given:
        given["args"] = {key: Role(*role) for key, role in given["args"]}
    if "receiver" in given:
        given["receiver"] = Role(*given["receiver"])
    if "block" in given:
        given["block"] = Block(*given["block"])
    if "makes" in given:
        given["makes"] = tuple(Made(*made) for made in given["makes"])
    if "cases" in given:
        cases = given["cases"]
        given["cases"] = tuple(Case(when, tuple(Made(*made) for made in makes), *rest) for when, makes, *rest in cases)
    return Row(name, **given)


class Unpacked(Mapping[str, Row]):
    """Rows by name, in the order of the groups."""

    def __init__(self, groups: tuple[Group, ...]) -> None:
        self._fields = {name: fields for names, fields in groups for name in names}
        self._made: dict[str, Row] = {}

    def __getitem__(self, name: str) -> Row:
        row = self._made.get(name)
        if row is None:
            row = self._made[name] = _row(name, self._fields[name])
        return row

    def get(self, name: str, default: Any = None) -> Any:
        """The row of a name, or the default."""
        return self[name] if name in self._fields else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)
