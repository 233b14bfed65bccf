"""What a row of a model file may say, and reading rows from TOML with errors that name the file and the key.

A row states what one callable, method, attribute or decorator does with temporary files. Rows know neither syntax nor
flow. Later layers win over earlier ones: inferred for this file, then built in, then third party, then the project's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

#: What a call does with an argument (or a method with its receiver).
ROLES = {
    "borrows": "uses it and gives it back: no duty changes hands",
    "checks": "only asks whether the path is there",
    "shows": "prints or logs it for people",
    "uses": "works on the open object: it must not be closed",
    "writes": "puts data into the open object",
    "flushes": "makes written data visible to others",
    "closes": "closes the descriptor or the object",
    "deletes": "removes what the path names",
    "masks": "is the mask of the process from now on",
    "takes": "owns it from now on",
    "alias": "the result owns the same resource: closing either settles it",
    "same": "the result is the same value in another wrapping",
    "below": "the result is a path below it",
    "above": "the result is the directory that holds it",
    "registers": "will run or remove it later, at exit or in a tear-down",
    "holds": "is put into the receiver, a container",
    "enters": "is entered as a context that somebody else will leave",
    "lends": "is with somebody who may go on after the call, but will not end it",
    "mentions": "the result is a text made from it",
    "sends": "hands the value to whoever waits for it",
}

#: What a path argument is wanted for.
SINKS = ("create", "write", "open", "read", "bind", "load", "exec", "list", "mode", "rename")

#: What a result may be.
KINDS = ("fd", "file", "dir", "object", "dirobject", "name")

#: How a resource can be held; the first part of a method's or attribute's name.
HANDLES = ("fd", "path", "object", "dirobject", "list", "any", "stack")


class ModelError(ValueError):
    """A row that cannot be used; the text names file, row and key, `message` only the last two.

    `way` leads from the table's section to the fault: the row's number from 0, and a key.
    """

    def __init__(self, origin: str, message: str, *way: str | int) -> None:
        super().__init__(f"{origin}: {message}")
        self.message = message
        self.way = way


@dataclass(frozen=True, slots=True)
class Role:
    """One argument's part. `sink` says what a path is wanted for; `mode` names the parameter that refines it.

    `wants` is `fd` where nothing but the number will do, `device` where both paths must be on one
    device, `child` where a program is started that goes on by itself. `value` is `str` or `bytes` for what is written
    to an object.
    """

    does: str = "borrows"
    sink: str | None = None
    mode: str | None = None
    wants: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that a result is. `duty` false: somebody else (the runtime, the kernel) will end it.

    `deletes` says that closing the object also removes its path. `index` is the position in a returned tuple.
    `named` is false for an object whose `name` is no path. `closer` is the API that closes a descriptor.
    """

    kind: str
    duty: bool = True
    deletes: bool = False
    index: int | None = None
    named: bool = True
    closer: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Replaces `makes` when all parameters in `when` are given as exactly these constants."""

    when: tuple[tuple[str, object], ...]
    makes: tuple[Made, ...]
    instead: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A context manager that makes the same, for as long as its block: `call`, with the same arguments, and the API
    whose call it saves, `ends`."""

    call: str
    ends: str


@dataclass(frozen=True, slots=True)
class Row:
    """What one API does. `name` is a full dotted name, or `handle.method` for a method or an attribute.

    `opens` is the default of the parameter `mode` of a call that gives a file object. `value` is the type of the
    result: `str`, `bytes`, `receiver` for the type of what the method is called on, `fd` for
    that object's number. `standard` is what does the same in the standard library. `source` is where the facts
    are from (an address, or words), `origin` the file that the row stands in and `section` its table there.
    """

    name: str
    params: tuple[str, ...] = ()
    args: dict[str, Role] = field(default_factory=dict)
    receiver: Role | None = None
    makes: tuple[Made, ...] = ()
    cases: tuple[Case, ...] = ()
    text: str | None = None
    parent: tuple[str, ...] = ()
    raises: bool = True
    never: bool = False
    swallows: bool = False
    instead: str | None = None
    standard: str | None = None
    block: Block | None = None
    yields_raise: bool = False
    fixture: bool = False
    gives: str | None = None
    opens: str | None = None
    value: str | None = None
    starts: bool = False
    source: str = ""
    origin: str = ""
    section: str = "callable"

    def role(self, parameter: str) -> Role | None:
        """The role of a parameter; `*` stands for all that are not named."""
        return self.args.get(parameter) or self.args.get("*")


#: Keys of a row, and what their values must be.
ROW_KEYS: dict[str, type] = {
    "name": str, "names": list, "params": list, "args": dict, "makes": object, "receiver": object, "case": list,
    "text": str, "parent": list, "raises": bool, "never": bool, "swallows": bool, "instead": str, "block": dict,
    "standard": str, "yields-raise": bool, "fixture": bool, "gives": str, "opens": str, "value": str, "source": str,
}  # fmt: skip
_MADE_KEYS: dict[str, type] = {
    "kind": str, "duty": bool, "deletes": bool, "index": int, "named": bool, "closer": str,
}  # fmt: skip
_TYPES = {str: "a string", list: "a list", dict: "a table", bool: "true or false", int: "a number"}
_PART_KEYS = ("does", "sink", "mode", "wants", "value")
_VALUES = ("str", "bytes", "receiver", "fd")
#: Tables of rows in a model file.
ROW_SECTIONS = ("callable", "method", "attribute", "decorator")
#: All tables that a model file, or a project's settings, may hold.
SECTIONS = (*ROW_SECTIONS, "alias")
_TEXT = ("temp-root", "guessable", "unguessable", "join", "user")


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
            instead=raw.get("instead"),
            standard=raw.get("standard"),
            block=self.block(raw.get("block")),
            yields_raise=raw.get("yields-raise", False),
            fixture=raw.get("fixture", False),
            gives=raw.get("gives"),
            opens=raw.get("opens"),
            value=self.one_of(raw.get("value"), _VALUES, "value"),
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
        wants = self.one_of(raw.get("wants"), ("fd", "device", "child"), f"{where}: wants")
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
            made.append(Made(table["kind"], *flags, table.get("closer")))
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
        self.keys(raw, {"when": dict, "makes": object, "instead": str, "arguments": dict}, "case: ")
        for key in raw.get("when", {}):
            if key not in params:
                raise self.fault(f"case: `{key}` is not in params")
        arguments = raw.get("arguments", {})
        if not all(isinstance(value, str) for value in arguments.values()):
            raise self.fault("case: arguments must be texts of Python")
        return Case(
            tuple(sorted(raw.get("when", {}).items())),
            self.makes(raw.get("makes", [])),
            raw.get("instead"),
            tuple(sorted(arguments.items())),
        )


def _guess(word: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, known, 1)
    return f", did you mean `{close[0]}`?" if close else ""
