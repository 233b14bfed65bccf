"""What a row of a model file may say, and reading rows from TOML with errors that name the file and the key.

A row states what one callable, method, attribute or decorator does with temporary files. Rows know neither syntax nor
flow. Later layers win over earlier ones: inferred for this file, then built in, then third party, then the project's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
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
    """A row that cannot be used; the message names file, row and key."""


@dataclass(frozen=True, slots=True)
class Role:
    """One argument's part. `sink` says what a path is wanted for; `mode` names the parameter that refines it.

    `wants` is `fd` where nothing but the number will do, `device` where both paths must be on one
    device. `value` is `str` or `bytes` for what is written to an object.
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
    `named` is false for an object whose `name` is no path.
    """

    kind: str
    duty: bool = True
    deletes: bool = False
    index: int | None = None
    named: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """Replaces `makes` when all parameters in `when` are given as exactly these constants."""

    when: tuple[tuple[str, object], ...]
    makes: tuple[Made, ...]
    instead: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What one API does. `name` is a full dotted name, or `handle.method` for a method or an attribute.

    `opens` is the default of the parameter `mode` of a call that gives a file object. `value` is the type of the
    result: `str`, `bytes`, or `receiver` for the type of what the method is called on.
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
    yields_raise: bool = False
    fixture: bool = False
    gives: str | None = None
    opens: str | None = None
    value: str | None = None
    starts: bool = False
    origin: str = ""

    def role(self, parameter: str) -> Role | None:
        """The role of a parameter; `*` stands for all that are not named."""
        return self.args.get(parameter) or self.args.get("*")


_ROW_KEYS = {
    "name", "params", "args", "receiver", "makes", "case", "text", "parent", "raises", "never", "swallows", "instead",
    "yields-raise", "fixture", "gives", "names", "opens", "value",
}  # fmt: skip
_PART_KEYS = ("does", "sink", "mode", "wants", "value")
_VALUES = ("str", "bytes", "receiver")
_SECTIONS = ("callable", "method", "attribute", "decorator", "alias")
_TEXT = ("temp-root", "guessable", "unguessable", "join", "user")


def rows(table: dict[str, Any], origin: str) -> list[Row]:
    """The rows of one parsed TOML file (or settings table). Raises ModelError naming `origin`, the row and the key."""
    found: list[Row] = []
    for section in table:
        if section not in _SECTIONS:
            raise ModelError(f"{origin}: unknown table `{section}`{_guess(section, list(_SECTIONS))}")
    for section in ("callable", "method", "attribute", "decorator"):
        for number, raw in enumerate(table.get(section, []), 1):
            where = f"{origin}: {section} {number}"
            names = raw.get("names") or [raw.get("name")]
            if not all(isinstance(name, str) and "." in name for name in names):
                raise ModelError(f"{where}: needs `name` (a dotted name) or `names`")
            if section in ("method", "attribute") and names[0].split(".")[0] not in HANDLES:
                raise ModelError(f"{where}: `{names[0]}` must begin with one of {', '.join(HANDLES)}")
            found.extend(_row(raw, name, f"{origin}: `{name}`", origin) for name in names)
    return found


def _row(raw: dict[str, Any], name: str, where: str, origin: str) -> Row:
    for key in raw:
        if key not in _ROW_KEYS:
            raise ModelError(f"{where}: unknown key `{key}`{_guess(key, sorted(_ROW_KEYS))}")
    params = tuple(raw.get("params", ()))
    args = {key: _role(value, f"{where}: args.{key}") for key, value in raw.get("args", {}).items()}
    for key in args:
        if key not in (*params, "*"):
            raise ModelError(f"{where}: args.{key} is not in params")
    text = raw.get("text")
    if text is not None and text not in _TEXT:
        raise ModelError(f"{where}: text must be one of {', '.join(_TEXT)}")
    makes = _makes(raw.get("makes"), where)
    return Row(
        name=name,
        params=params,
        args=args,
        receiver=_role(raw["receiver"], f"{where}: receiver") if "receiver" in raw else None,
        makes=makes,
        cases=tuple(_case(case, where, params) for case in raw.get("case", [])),
        text=text,
        parent=tuple(raw.get("parent", ())),
        raises=raw.get("raises", True),
        never=raw.get("never", False),
        swallows=raw.get("swallows", False),
        instead=raw.get("instead"),
        yields_raise=raw.get("yields-raise", False),
        fixture=raw.get("fixture", False),
        gives=raw.get("gives"),
        opens=raw.get("opens"),
        value=_one_of(raw.get("value"), _VALUES, f"{where}: value"),
        starts=bool(makes) or text in ("temp-root",),
        origin=origin,
    )


def _role(raw: object, where: str) -> Role:
    if isinstance(raw, str):
        if raw not in ROLES:
            raise ModelError(f"{where}: unknown role `{raw}`{_guess(raw, sorted(ROLES))}")
        return Role(raw)
    if not isinstance(raw, dict):
        raise ModelError(f"{where}: must be a role or a table")
    for key in raw:
        if key not in _PART_KEYS:
            raise ModelError(f"{where}: unknown key `{key}`{_guess(key, list(_PART_KEYS))}")
    does, sink = raw.get("does", "borrows"), raw.get("sink")
    if does not in ROLES:
        raise ModelError(f"{where}: unknown role `{does}`{_guess(does, sorted(ROLES))}")
    if sink is not None and sink not in SINKS:
        raise ModelError(f"{where}: unknown sink `{sink}`{_guess(sink, list(SINKS))}")
    wants = _one_of(raw.get("wants"), ("fd", "device"), f"{where}: wants")
    return Role(does, sink, raw.get("mode"), wants, _one_of(raw.get("value"), _VALUES, f"{where}: value"))


def _one_of(raw: object, known: tuple[str, ...], where: str) -> str | None:
    if raw is None or (isinstance(raw, str) and raw in known):
        return raw
    raise ModelError(f"{where} must be one of {', '.join(known)}")


def _makes(raw: object, where: str) -> tuple[Made, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raw = [raw]
    made = []
    for item in raw:
        table = {"kind": item} if isinstance(item, str) else item
        if not isinstance(table, dict) or table.get("kind") not in KINDS:
            raise ModelError(f"{where}: makes needs a kind of {', '.join(KINDS)}")
        for key in table:
            if key not in ("kind", "duty", "deletes", "index", "named"):
                raise ModelError(f"{where}: makes: unknown key `{key}`")
        made.append(
            Made(
                table["kind"],
                table.get("duty", True),
                table.get("deletes", False),
                table.get("index"),
                table.get("named", True),
            )
        )
    return tuple(made)


def _case(raw: dict[str, Any], where: str, params: tuple[str, ...]) -> Case:
    for key in raw:
        if key not in ("when", "makes", "instead", "arguments"):
            raise ModelError(f"{where}: case: unknown key `{key}`")
    for key in raw.get("when", {}):
        if key not in params:
            raise ModelError(f"{where}: case: `{key}` is not in params")
    return Case(
        tuple(sorted(raw.get("when", {}).items())),
        _makes(raw.get("makes", []), where),
        raw.get("instead"),
        tuple(sorted(raw.get("arguments", {}).items())),
    )


def _guess(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, 1)
    return f", did you mean `{close[0]}`?" if close else ""
