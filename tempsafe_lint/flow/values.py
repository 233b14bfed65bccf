"""The abstract values of flow: resources, what is known of each on one way through, and texts of paths."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from tempsafe_lint.records import dataclass
from tempsafe_lint.source import Site

LIVE, CLOSED, DELETED = "live", "closed", "deleted"
HERE, LENT, SHOWN, MAYBE, KEPT, REGISTERED, MOVED = "", "lent", "shown", "maybe", "kept", "registered", "moved"
#: Only a path below a directory went: whoever has that can hardly remove the directory.
INNER = "inner"

#: How a place holds a resource. `inside` is a path below a directory, `beside` a path made from it that is another
#: file's, `mention` a text that contains it, `seed` a parameter of which nothing is known yet, `folder` the
#: directory that a seed is in.
Handle: TypeAlias = str
PATHS = frozenset({"path", "inside"})


class Resource(NamedTuple):
    """One thing that somebody owes an end: where it was made, and as which of the results.

    `kind` is fd, file, dir, object, dirobject, name, or seed (a parameter or outer variable under study).
    `duty` false: it ends by itself; `owned`: somebody else owns the directory it is in; of an
    object or a name, nobody else can enter that. `deletes`: closing the object
    removes its path. `named` false: its `name` is no path. `placed` false: it is in
    the default temp directory. `block`: a context manager that makes the same, and the API whose call it saves.
    `entered`: a keyword, and the one in its place where a `with` of `instead` is to remove it.
    `shareable`: its path can be opened while the object is open, on every system.
    `told` false: only the name of its maker says what it is. `claimed`: the helper that made it may have given it to
    somebody else too, or gives its caller something else on other ways. `beside`: it is in the folder of some
    other path. `working`: it is in the directory that the program runs in.
    """

    site: Site
    slot: int
    kind: str
    maker: str
    duty: bool = True
    deletes: bool = False
    callee: Site | None = None
    instead: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    positions: tuple[tuple[str, int], ...] = ()
    statement: int = -1
    owned: bool = False
    named: bool = True
    placed: bool = True
    block: tuple[str, str] | None = None
    entered: tuple[str, str] | None = None
    told: bool = True
    claimed: bool = False
    beside: bool = False
    shareable: bool = False
    working: bool = False


class Fact(NamedTuple):
    """What is so of one resource on one set of ways: its state, who has it, and which places surely name it."""

    state: str = LIVE
    moved: str = HERE
    dirty: bool = False
    aliases: frozenset[tuple[str, Handle]] = frozenset()
    by: str = ""
    ended: Site | None = None
    entered: bool = False
    left: Site | None = None
    #: Names that were tested on these ways, and how they came out (flow/correlated.py).
    when: frozenset[tuple[str, bool]] = frozenset()


@dataclass(frozen=True, slots=True)
class Hole:
    """A part of a text that is not constant: root (a shared temp directory), guessable, unguessable, unknown,
    private.
    """

    kind: str


@dataclass(frozen=True, slots=True)
class PathText:
    """A text as parts; `site` is where it was put together: where a finding about it stands."""

    parts: tuple[str | Hole, ...]
    site: Site


@dataclass(frozen=True, slots=True)
class FnRef:
    """A function as a value: one of this file (`name` without dot) with the outer places it captured, or a dotted one;
    `receiver` is the place a bound method hangs on. `bound` are places that its parameters have as defaults."""

    name: str
    captured: tuple[str, ...] = ()
    dotted: bool = False
    receiver: str | None = None
    bound: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A constant that is not text."""

    value: object


@dataclass(frozen=True, slots=True)
class Typed:
    """A value of a sort that is certain: `str` (a path as plain text), `fd` (a number), `dirobject`."""

    sort: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A file object, opened in a mode that is known by the call at `site`; `position` is that of its parameter `mode`,
    `buffered` false where each write goes through at once. `by` is the place of the path by which it was opened: the
    object's name, as long as that place is not bound anew.
    """

    mode: str
    site: Site
    position: int
    buffered: bool = True
    by: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to a question about a path: whether at `place` there is a `file`, a `dir`, or anything (`there`)."""

    place: str
    what: str = "there"


Atom: TypeAlias = PathText | FnRef | Known | Asked | Typed | Opened

#: Beside a `Typed` or `Opened`: on another way that led here nothing is known of the place.
UNSURE = Known("unsure")
