"""Reading rows from tables as TOML gives them, with errors that name the file, the row and the key."""

from __future__ import annotations

import re
from typing import Any

from tempsafe_lint.models.schema import (
    HANDLES,
    KINDS,
    ROLES,
    ROW_SECTIONS,
    SECTIONS,
    SINKS,
    Block,
    Case,
    Made,
    ModelError,
    Role,
    Row,
)

#: Keys of a row, and what their values must be.
ROW_KEYS: dict[str, type] = {
    "name": str, "names": list, "params": list, "args": dict, "makes": object, "receiver": object, "case": list,
    "text": str, "parent": list, "raises": bool, "never": bool, "swallows": bool, "expects": bool, "instead": str,
    "block": dict,
    "standard": str, "yields-raise": bool, "fixture": bool, "gives": str, "opens": str, "value": str, "arity": int,
    "source": str,
}  # fmt: skip
_CASE_KEYS: dict[str, type] = {"when": dict, "makes": object, "instead": str, "arguments": dict, "entered": dict}
_MADE_KEYS: dict[str, type] = {
    "kind": str, "duty": bool, "deletes": bool, "index": int, "named": bool, "closer": str, "shareable": bool,
}  # fmt: skip
_TYPES = {str: "a string", list: "a list", dict: "a table", bool: "true or false", int: "a number"}
_PART_KEYS = ("does", "sink", "mode", "wants", "value")
_VALUES = ("str", "bytes", "receiver", "fd")
_TEXT = ("temp-root", "guessable", "unguessable", "keyed", "kept", "chosen", "join", "user")


def rows(table: dict[str, Any], origin: str) -> list[Row]:
    """The rows of one parsed TOML file (or settings table). Raises ModelError naming `origin`, the row and the key."""
    found: list[Row] = []
    for section in table:
        if section not in SECTIONS:
            raise ModelError(origin, f"unknown table `{section}`{_guess(section, list(SECTIONS))}")
    for section in ROW_SECTIONS:
        for number, raw in enumerate(tables(table, section, origin)):
            names = raw.get("names") or [raw.get("name")]
            if not isinstance(names, list) or not all(isinstance(name, str) and "." in name for name in names):
                message = f"{section} {number + 1}: needs `name` (a dotted name) or `names`"
                raise ModelError(origin, message, number)
            if section in ("method", "attribute") and names[0].split(".")[0] not in HANDLES:
                message = f"{section} {number + 1}: `{names[0]}` must begin with one of {', '.join(HANDLES)}"
                raise ModelError(origin, message, number, "name")
            found.extend(_Reader(origin, section, number, name).row(raw) for name in names)
    return found


def tables(table: dict[str, Any], section: str, origin: str) -> list[dict[str, Any]]:
    """The tables of one section. Raises ModelError where they are something else."""
    found = table.get(section, [])
    if not isinstance(found, list) or not all(isinstance(raw, dict) for raw in found):
        raise ModelError(origin, f"`{section}` must be tables, each headed `[[...{section}]]`")
    return found


def aliases(table: dict[str, Any], origin: str) -> dict[str, str]:
    """The re-exports of one parsed TOML file: from a name to the one that has the rows."""
    found: dict[str, str] = {}
    for number, raw in enumerate(tables(table, "alias", origin)):
        if set(raw) != {"name", "of"} or not all(isinstance(value, str) for value in raw.values()):
            raise ModelError(origin, f"alias {number + 1}: needs `name` and `of`, two dotted names", number)
        found[raw["name"]] = raw["of"]
    return found


class _Reader:
    """Reads one row; a fault in it is raised with the row's name and the key."""

    def __init__(self, origin: str, section: str, number: int, name: str) -> None:
        self.origin, self.section, self.number, self.name = origin, section, number, name
        self.given: dict[str, Any] = {}

    def fault(self, message: str) -> ModelError:
        """A complaint; it points at the first key of the row that it names."""
        key = next((word for word in re.findall(r"[\w-]+", message) if word in self.given), "name")
        return ModelError(self.origin, f"`{self.name}`: {message}", self.number, key)

    def row(self, raw: dict[str, Any]) -> Row:
        self.given = raw
        self.keys(raw, ROW_KEYS, "")
        params = self.strings(raw, "params")
        args = {key: self.role(value, f"args.{key}") for key, value in raw.get("args", {}).items()}
        for key in args:
            if key not in (*params, "*"):
                raise self.fault(f"args.{key} is not in params")
        text = raw.get("text")
        if text is not None and text not in _TEXT:
            raise self.fault(f"text must be one of {', '.join(_TEXT)}")
        if "opens" in raw and "mode" not in params:
            raise self.fault("opens needs a parameter `mode` in params")
        if raw.get("gives", "path") not in (*HANDLES, "above"):
            raise self.fault(f"gives must be one of {', '.join((*HANDLES, 'above'))}")
        parent = self.strings(raw, "parent")
        receiver = self.role(raw["receiver"], "receiver") if "receiver" in raw else None
        for key in (*parent, *(role.mode for role in (*args.values(), receiver) if role is not None and role.mode)):
            if key not in params:
                raise self.fault(f"`{key}` is not in params")
        makes = self.makes(raw.get("makes"))
        cases = tuple(self.case(case, params) for case in raw.get("case", []))
        return Row(
            name=self.name,
            params=params,
            args=args,
            receiver=receiver,
            makes=makes,
            cases=cases,
            text=text,
            parent=parent,
            raises=raw.get("raises", True),
            never=raw.get("never", False),
            swallows=raw.get("swallows", False),
            expects=raw.get("expects", False),
            instead=raw.get("instead"),
            standard=raw.get("standard"),
            block=self.block(raw.get("block")),
            yields_raise=raw.get("yields-raise", False),
            fixture=raw.get("fixture", False),
            gives=raw.get("gives"),
            opens=raw.get("opens"),
            value=self.one_of(raw.get("value"), _VALUES, "value"),
            arity=raw.get("arity"),
            starts=bool(makes) or any(case.makes for case in cases) or text == "temp-root",
            source=raw.get("source", ""),
            origin=self.origin,
            section=self.section,
        )

    def keys(self, raw: dict[str, Any], known: dict[str, type], where: str) -> None:
        for key, value in raw.items():
            if key not in known:
                raise self.fault(f"{where}unknown key `{key}`{_guess(key, sorted(known))}")
            if not isinstance(value, known[key]) or (known[key] is int and isinstance(value, bool)):
                raise self.fault(f"{where}`{key}` must be {_TYPES[known[key]]}")

    def strings(self, raw: dict[str, Any], key: str) -> tuple[str, ...]:
        values = raw.get(key, [])
        if not all(isinstance(value, str) for value in values):
            raise self.fault(f"`{key}` must be a list of strings")
        return tuple(values)

    def role(self, raw: object, where: str) -> Role:
        if isinstance(raw, str):
            raw = {"does": raw}
        if not isinstance(raw, dict):
            raise self.fault(f"{where}: must be a role or a table")
        self.keys(raw, dict.fromkeys(_PART_KEYS, str), f"{where}: ")
        does, sink = raw.get("does", "borrows"), raw.get("sink")
        if does not in ROLES:
            raise self.fault(f"{where}: unknown role `{does}`{_guess(does, sorted(ROLES))}")
        if sink is not None and sink not in SINKS:
            raise self.fault(f"{where}: unknown sink `{sink}`{_guess(sink, list(SINKS))}")
        wants = self.one_of(raw.get("wants"), ("fd", "device", "child", "file", "dir", "there"), f"{where}: wants")
        return Role(does, sink, raw.get("mode"), wants, self.one_of(raw.get("value"), _VALUES, f"{where}: value"))

    def one_of(self, raw: object, known: tuple[str, ...], where: str) -> str | None:
        if raw is None or (isinstance(raw, str) and raw in known):
            return raw
        raise self.fault(f"{where} must be one of {', '.join(known)}")

    def makes(self, raw: object) -> tuple[Made, ...]:
        if raw is None:
            return ()
        made = []
        for item in raw if isinstance(raw, list) else [raw]:
            table = {"kind": item} if isinstance(item, str) else item
            if not isinstance(table, dict) or table.get("kind") not in KINDS:
                raise self.fault(f"makes needs a kind of {', '.join(KINDS)}")
            self.keys(table, _MADE_KEYS, "makes: ")
            flags = table.get("duty", True), table.get("deletes", False), table.get("index"), table.get("named", True)
            made.append(Made(table["kind"], *flags, table.get("closer"), table.get("shareable", False)))
        return tuple(made)

    def block(self, raw: dict[str, Any] | None) -> Block | None:
        if raw is None:
            return None
        self.keys(raw, {"call": str, "ends": str}, "block: ")
        if set(raw) != {"call", "ends"}:
            raise self.fault("block: needs `call` and `ends`")
        return Block(raw["call"], raw["ends"])

    def case(self, raw: object, params: tuple[str, ...]) -> Case:
        if not isinstance(raw, dict):
            raise self.fault("case: must be tables")
        self.keys(raw, _CASE_KEYS, "case: ")
        for key in raw.get("when", {}):
            if key not in params:
                raise self.fault(f"case: `{key}` is not in params")
        arguments = raw.get("arguments", {})
        entered = raw.get("entered", {})
        if not all(isinstance(value, str) for value in (*arguments.values(), *entered.values())):
            raise self.fault("case: arguments must be texts of Python")
        return Case(
            tuple(sorted(raw.get("when", {}).items())),
            self.makes(raw.get("makes", [])),
            raw.get("instead"),
            tuple(sorted(arguments.items())),
            next(iter(entered.items()), None),
        )


def _guess(word: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, known, 1)
    return f", did you mean `{close[0]}`?" if close else ""
