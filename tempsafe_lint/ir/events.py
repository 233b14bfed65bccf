"""Events: what a function does, one small step at a time.

Operands
    A `Place` (a plain `str`) is a variable (`x`), a dotted chain on one (`self.work.name`), or a temporary (`%3`, the
    result of a call or another expression). A place may carry attributes (`%3.name`). `Const` is a literal, `Dotted` a
    name that the import table resolves (`os.O_EXCL`, `builtins.open`, `tempfile.mktemp`), `Flags` several of those
    joined by `|`.
    Temporaries are assigned once on every way through; variables as often as the program does. Variables of a
    comprehension are private: `x@2`. Two places are never assigned: `VALUE` is a value that says nothing (arithmetic,
    a comparison), `EXCEPTION` the exception that is being handled.
    A dotted name with one leading dot is this file's own (`.name`); a relative import has one dot more than is written
    (`..utils.mk` for `from .utils import mk`).
Sites
    Each event has a `site`: which place in the file it stands for. Only the front can turn it into a span.
"""

from __future__ import annotations

from typing import TypeAlias

from tempsafe_lint.records import dataclass, field
from tempsafe_lint.source import Site

Place: TypeAlias = str


@dataclass(slots=True, frozen=True)
class Const:
    """A literal: str, bytes, int, float, bool, None or Ellipsis."""

    value: object


@dataclass(slots=True, frozen=True)
class Dotted:
    """A reference to an imported or built-in thing by its full name (`tempfile.mkstemp`, `builtins.str`)."""

    name: str


@dataclass(slots=True, frozen=True)
class Flags:
    """Names and numbers joined by `|`: `os.O_CREAT | os.O_EXCL | 0o4`."""

    names: frozenset[str]
    bits: int = 0


Operand: TypeAlias = "Place | Const | Dotted | Flags"

VALUE: Place = "@value"
EXCEPTION: Place = "@exception"


@dataclass(slots=True)
class Event:
    """Common to all: where it stands, and the number of the statement (in the statement table) that it belongs to."""

    site: Site
    statement: int = field(default=-1, kw_only=True)


@dataclass(slots=True)
class Call(Event):
    """`dst = callee(args)`.

    `callee` is the full dotted name where the import table, the built-ins or the file's own definitions resolve it
    (`tempfile.mkstemp`, `builtins.open`; a function of this file is `.name` or `.Class`, `.Class.method`, with a
    leading dot; a method of a literal is `builtins.str.join`); None when it does not. `func` is the place or operand
    of the callee itself. For `base.attr(...)` on something that does not resolve to a module, `receiver` is the
    operand of `base` and `method` is `attr`.
    `star` is true if `*args` stand in the call (positions after them are unknown: they are not in `args`), `starred`
    holds the operands of `*x` and `**x`, and of positional arguments after a `*x`. `awaited` is true for `await f()`.
    `site` is the whole call; `callee_site` is the callee expression (`tempfile.mkstemp`), which a fix replaces.
    A decorator is a call too, with what was defined as its argument; its `site` and `callee_site` are the decorator.
    """

    dst: Place
    callee: str | None
    func: Operand
    receiver: Operand | None = None
    method: str | None = None
    args: tuple[Operand, ...] = ()
    kwargs: tuple[tuple[str, Operand], ...] = ()
    arg_sites: tuple[Site, ...] = ()
    kwarg_sites: tuple[Site, ...] = ()
    star: bool = False
    starred: tuple[Operand, ...] = ()
    awaited: bool = False
    callee_site: Site | None = None


@dataclass(slots=True)
class Bind(Event):
    """`dst = src`: assignment, walrus, `as`, a default, a parameter, the join of a conditional expression.

    `dst` is a variable or a temporary. Rebinding forgets what `dst` named before.
    """

    dst: Place
    src: Operand


@dataclass(slots=True)
class Unpack(Event):
    """`dst = src[index]`: one target of an unpacking, an index or key, or (index None) any element: a loop target, a
    starred target, a subscript that is not constant. `width` is how many elements a slice keeps at most, where its
    bounds say so."""

    dst: Place
    src: Operand
    index: int | str | None
    width: int | None = None


@dataclass(slots=True)
class Pack(Event):
    """`dst` becomes a container of `items` (tuple, list, set, dict).

    `keys[i]` is the position, the constant key, or None. `kind` is the type's name, `generator` for a generator
    expression, `template` for a template string, or `|` for operands joined by `|` that are no constant flags (a union
    of sets or dicts, `flags | x`).
    Comprehensions begin empty; each element is a Store of kind `item`.
    """

    dst: Place
    items: tuple[Operand, ...]
    keys: tuple[int | str | None, ...]
    kind: str = "tuple"


@dataclass(slots=True)
class Text(Event):
    """`dst` is text made of `parts`; `how` is `/`, `+`, `%`, `f` (f-string), `format`. Constant parts are `Const`."""

    dst: Place
    parts: tuple[Operand, ...]
    how: str


@dataclass(slots=True)
class Load(Event):
    """A mention of a variable, a dotted chain or a resolved name, as a value: never the callee of a call itself,
    nor its receiver, nor the base of a store.

    One event per mention, before the event that uses it. `how` is `use`, or `compare`, `test`, `format` (a part of an
    f-string), `iterate`, where that is what happens to the value.
    """

    src: Operand
    how: str = "use"


@dataclass(slots=True)
class Store(Event):
    """A store outside plain local variables: `kind` is `attr` (`base.key = src`), `item` (`base[key] = src`),
    `global` or `nonlocal` (`key = src` for a name declared so). `base` is the operand of the object or None."""

    kind: str
    base: Operand | None
    key: int | str | None
    src: Operand


@dataclass(slots=True)
class Return(Event):
    """`return src` (None for a bare one). Its statement's `finally` copies and `with` exits follow."""

    src: Operand | None


@dataclass(slots=True)
class Yield(Event):
    """`dst = yield src`; `whole` is true for `yield from`."""

    dst: Place
    src: Operand | None
    whole: bool = False


@dataclass(slots=True)
class Raise(Event):
    """`raise src`; `kind` is `raise`, or `assert` for the failing side of an assertion."""

    src: Operand | None
    kind: str = "raise"


@dataclass(slots=True)
class Enter(Event):
    """`with manager as dst`: `dst` is what entering returns (a temporary if there is no `as`)."""

    dst: Place
    manager: Operand
    is_async: bool = False


@dataclass(slots=True)
class Exit(Event):
    """The end of the `with` that entered `manager`, once on every way out; `raised` on the exceptional one.

    `bound` is the place that `as` named, or None.
    """

    manager: Operand
    bound: Place | None
    raised: bool = False


@dataclass(slots=True)
class Capture(Event):
    """`dst` is a function made here (nested `def`, `lambda`) named `function`; `places` are the variables of
    the functions around it that its body mentions (those of the module are not captured). `defaults` are those of
    its parameters: name, value, and where it stands."""

    dst: Place
    function: str
    places: tuple[Place, ...]
    defaults: tuple[tuple[str, Operand, Site], ...] = ()


@dataclass(slots=True)
class Delete(Event):
    """`del place` (a variable, an attribute chain)."""

    place: Place


@dataclass(slots=True, frozen=True)
class Assume:
    """A condition on an edge: `place` is tested by `test` and found `holds`.

    Tests: `truthy` (`if x`), `is-none` (`x is None`, `x == None`), `nonempty` (the loop over x ran at least once),
    `equals` (`x == value`), `swallows` (the manager `place` swallowed the exception).
    For `if os.path.exists(p)` the place is the temporary that the call assigned: flow knows what it asked.
    """

    place: Operand
    test: str
    holds: bool
    value: Operand | None = None


@dataclass(slots=True)
class Parameter:
    """One parameter; `kind` is `positional`, `keyword`, `*` or `**`; `default` as an operand evaluated outside."""

    name: str
    kind: str = "positional"
    default: Operand | None = None
    annotation: str | None = None


@dataclass(slots=True)
class Statement:
    """A row of the statement table.

    `suite` numbers the block of statements it stands in (0 is the function's own body), `index` its position there.
    `site` covers its first to its last line. `parent` is the number of the statement that holds its suite, or None.
    `kind` is the syntax' own word: `assign`, `expr`, `with`, `try`, `if`, `for`, `while`, `return`, `raise`, `def` ...
    `part` says which part of the parent the suite is: `body`, `orelse`, `finalbody`, `handler0` ...
    """

    number: int
    suite: int
    index: int
    site: Site
    kind: str
    parent: int | None = None
    part: str = "body"
