"""What a row of a model file may say; `reader` reads rows, with errors that name the file and the key.

A row states what one callable, method, attribute or decorator does with temporary files. Rows know neither syntax nor
flow. Later layers win over earlier ones: inferred for this file, then built in, then third party, then the project's.
"""

from __future__ import annotations

from tempsafe_lint.records import dataclass, field

#: What a call does with an argument (or a method with its receiver).
ROLES = {
    "borrows": "uses it and gives it back: no duty changes hands",
    "checks": "only asks about the path",
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
    "respells": "the result may be the same path, written another way",
    "below": "the result is a path below it",
    "above": "the result is the directory that holds it",
    "counted": "the result gives its elements, each behind a number",
    "zipped": "the result gives its elements in tuples, where it stands in the call",
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
HANDLES = ("fd", "path", "text", "object", "dirobject", "list", "any", "stack")


#: Tables of rows in a model file.
ROW_SECTIONS = ("callable", "method", "attribute", "decorator")
#: All tables that a model file, or a project's settings, may hold.
SECTIONS = (*ROW_SECTIONS, "alias")


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

    `wants` is `fd` where nothing but the number will do, `device` where both paths must be on one device, `child` where
    a program is started that goes on by itself, `file` where a directory will not do. Of what `checks`, it is what is
    there when the answer is yes: `file`, `dir`, or anything (`there`); an answer to another question has none.
    `value` is `str` or `bytes` for what is written to an object.
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
    `named` is false for an object whose `name` is no path. `closer` is the API that closes a descriptor. `shareable`:
    its path can be opened while it is open, on every system.
    """

    kind: str
    duty: bool = True
    deletes: bool = False
    index: int | None = None
    named: bool = True
    closer: str | None = None
    shareable: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """Replaces `makes` when all parameters in `when` are given as exactly these constants.

    `entered`: a keyword and the one that takes its place, with the same value, where `instead` is entered by a `with`
    that is to remove what it made.
    """

    when: tuple[tuple[str, object], ...]
    makes: tuple[Made, ...]
    instead: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    entered: tuple[str, str] | None = None


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
    that object's number. `expects`: as a context manager it asks for an exception, and fails where there is none.
    `arity`: called with another number of arguments, it is the method of another class, which holds a path as `text`.
    `standard` is what does the same in the standard library. `source` is where the facts
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
    expects: bool = False
    instead: str | None = None
    standard: str | None = None
    block: Block | None = None
    yields_raise: bool = False
    fixture: bool = False
    gives: str | None = None
    opens: str | None = None
    value: str | None = None
    arity: int | None = None
    starts: bool = False
    source: str = ""
    origin: str = ""
    section: str = "callable"

    def role(self, parameter: str) -> Role | None:
        """The role of a parameter; `*` stands for all that are not named."""
        return self.args.get(parameter) or self.args.get("*")
