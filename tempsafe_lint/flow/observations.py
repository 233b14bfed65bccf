"""The closed set of things that flow can say about a function. Rules are judgements over them.

Sites are opaque; a resource carries how it was made. Observations hold no message, no code and no severity.
"""

from __future__ import annotations

from typing import TypeAlias

from tempsafe_lint.flow.values import PathText, Resource
from tempsafe_lint.records import dataclass
from tempsafe_lint.source import Site


@dataclass(frozen=True, slots=True)
class Place:
    """Where an observation was made: a site, and the API there if it is known (full dotted name or method)."""

    site: Site
    what: str = ""


@dataclass(frozen=True, slots=True)
class PathSink:
    """A text whose place in the file system is known reaches a call that wants a path.

    `shared` is the shared temp directory it lies in; `tail` says how its first component below that is made: fixed,
    partly, guessable, unknown, unguessable or empty. `sure` is false where other values are possible too. `removed` is
    where the function that makes it removes it; None where it may be there for others.
    """

    text: PathText
    shared: str
    literal: bool
    tail: str
    sink: str
    at: Place
    sure: bool
    removed: Site | None = None


@dataclass(frozen=True, slots=True)
class CwdTemp:
    """A fixed temp name in the current directory reaches a call that makes it (`sink`); the same file removes it."""

    text: PathText
    sink: str
    at: Place
    removed: Site


@dataclass(frozen=True, slots=True)
class Tighter:
    """The statement that makes up a name, the API that also makes the thing, the statement that makes it now (of a
    folder), or the argument of the call that opens it, which can be the descriptor (of a file).
    """

    made: Site
    to: str
    gone: Site | None
    opened: Site | None


@dataclass(frozen=True, slots=True)
class Born:
    """A resource was made. `stays`: on no way does it leave the function; `left`: where it first does.
    `touched` are the roles and sinks it met. `tighter`: of a name, what could make the thing at once."""

    resource: Resource
    stays: bool
    left: Site | None
    touched: frozenset[str]
    tighter: Tighter | None = None


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A callable that makes resources of `kinds` is mentioned as a value, not called."""

    name: str
    kinds: tuple[str, ...]
    instead: str | None
    at: Place


@dataclass(frozen=True, slots=True)
class Stretch:
    """The statements from a creation to the one that ends it, all in one suite: `made`, `first` (the first one that
    has to be protected), `removal`. `calm`: nothing else in the function can see that it ends on every way then.
    `by`: the API that ends it, where the statement says nothing but the path to it; else empty. `name`: what the `with`
    that makes it calls it, if one does; `last` is then the last statement between it and the removal, if there is one.
    """

    made: Site
    first: Site
    removal: Site
    calm: bool
    by: str
    name: str = ""
    last: Site | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A descriptor that nobody closes: the `statement` and the `call` that make it, the variable that has it (empty:
    none, only the other result is taken), the API that would close it, and the statement `after` which nobody wants
    it any more. `unused`: nobody ever mentions it.
    """

    statement: Site
    call: Site
    name: str
    closer: str
    after: Site
    unused: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A temporary that is written and renamed: `made`, the statement that makes it (None: `call` does), the `call` that
    opens it, the `target` of the rename, the arguments that go on (`keeps`: name and value), the mode as the default
    (empty: it is given), the `rename` and the API that does it all. `syncs`: it is flushed to the disk. `around`: a
    `try` that only undoes it, and the `with` in that. `same`: nobody can tell it from what the program does now.
    `perms`: the mode that it gets before the rename, and the statement that does only that.
    """

    made: Site | None
    call: Site
    target: Site
    keeps: tuple[tuple[str, Site], ...]
    mode: str
    rename: Site
    to: str
    syncs: bool
    around: tuple[Site, Site] | None = None
    same: bool = False
    perms: tuple[Site, Site] | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """The statements from `first` to `last`, which a handler can take in that undoes the creation: `path` is what it
    names it by, `how` the call, what it is given behind that, and the context manager that keeps it quiet (empty: it
    needs none). `calm`: nothing else in the function can see that.
    """

    first: Site
    last: Site
    path: str
    how: tuple[str, ...]
    calm: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a path is given to the caller, and the API that keeps what it is given."""

    returned: tuple[Site, ...]
    to: str


@dataclass(frozen=True, slots=True)
class Held:
    """The statements of one suite that may want an object: from the one behind `made` (`first`) to `last`. `name` is
    the variable that holds it."""

    made: Site
    first: Site
    last: Site
    name: str


@dataclass(frozen=True, slots=True)
class Unmet:
    """A duty is not done when the function ends. `touched` are the roles and sinks that the resource met.
    `nameless`: only paths below it have names: whoever gets them cannot end it.

    `normal`/`exceptional`: on some way out of that sort. `always`: on every normal way out.
    `cleanup`: the first place in the function that ends it, on some way. `witness`: where it is left.
    `maybe`: an unknown callee was handed it. `stays`: it never leaves the function in any form that outlives it.
    `explicit`: the way out is a return, raise or exit that is written there, not just a call that may fail.
    `stretch`: what a block can take in so that every way ends it, or a Place: what prevents that, and where.
    `lost`: of a descriptor, how it could be closed, or what prevents that. `held`: of an object, how long it is wanted.
    `settled`: on every way that owes it somebody has, or may have, taken it. `inner`: only a path below it went.
    `given`: what fails there does so by what it is given. `plain`: nothing but reading, writing and moving files may
    fail. `apart`: the results of its maker were taken apart. `lent`: the body of a `with` is given it.
    `published`: of a file that is moved to its place, what one call could do instead, or what prevents that.
    `undo`: what a handler can take in, or what prevents that. `kept`: where it is returned, or who else has it.
    `trap`: its owner is being made, and never known to anybody where this fails. `yielded`: a plain generator hands it
    to whoever iterates. `sheltered`: it may be in a temp directory that goes with the test that makes it.
    `told`: on every normal way out that leaves it, people are told of it.
    """

    resource: Resource
    normal: bool
    exceptional: bool
    always: bool
    cleanup: Place | None
    witness: Place | None
    maybe: bool
    shown: bool
    moved: bool
    stays: bool
    explicit: bool
    keeper: str = ""
    left: Site | None = None
    touched: frozenset[str] = frozenset()
    nameless: bool = False
    stretch: Stretch | Place | None = None
    lost: Lost | Place | None = None
    held: Held | Place | None = None
    settled: bool = False
    inner: bool = False
    given: bool = False
    plain: bool = False
    apart: bool = True
    trap: bool = False
    lent: bool = False
    published: Published | Place | None = None
    yielded: bool = False
    sheltered: bool = False
    undo: Undo | Place | None = None
    kept: Kept | Place | None = None
    told: bool = False


@dataclass(frozen=True, slots=True)
class Behind:
    """The statements behind a `with`, from `first` to `last`, the last of which uses what it ended. `alone`: it is one
    simple statement right behind the block, and nobody here catches what it raises. `name` is what the block calls the
    thing, empty if it does not or has several names.
    """

    block: Site
    first: Site
    last: Site
    alone: bool
    name: str


@dataclass(frozen=True, slots=True)
class UsedIn:
    """A resource is used in a state in which it cannot be: `state` is closed or deleted on every way that leads here.

    `handle` is what was used (object, path, inside); `how` is the role of the use, or a sink.
    `ended` is where it was closed or deleted; `scope` is true if leaving a `with` did it. `statement` is the number of
    the use's statement, `behind` what could move into that `with`.
    """

    resource: Resource
    state: str
    handle: str
    how: str
    at: Place
    ended: Site | None
    scope: bool
    sure: bool
    statement: int = -1
    behind: Behind | None = None


@dataclass(frozen=True, slots=True)
class Recreated:
    """The name of a resource that was closed or removed is made again; `exclusive`: only where nothing is there."""

    resource: Resource
    at: Place
    ended: Site | None
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class ReleasedTwice:
    """A descriptor is closed that is closed already: on every way (`sure`) or on some."""

    resource: Resource
    first: Site | None
    second: Place
    statement: Site | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Dropped:
    """The path is asked of an object that nobody holds: what it names is gone before the path can be used."""

    resource: Resource
    attribute: str
    at: Place


@dataclass(frozen=True, slots=True)
class CannotWork:
    """A removal is given what it cannot remove: `handle` is object, dirobject or fd, `dir` for a directory where only
    files are removed, or `unreached` for one that stands behind a call that does not return. `path` is true where the
    object has the path as its name.
    """

    resource: Resource
    handle: str
    at: Place
    argument: Site | None
    path: bool


@dataclass(frozen=True, slots=True)
class WrongHandle:
    """A handle of a temporary where another is wanted: it raises every time.

    `use` is tuple, no-path, number-method, text-method, text-attribute, text-divided, path-as-number,
    object-as-number, read-only, mode-as-suffix or context; `what` names the method, attribute, mode or API.
    """

    resource: Resource
    use: str
    what: str
    at: Place


@dataclass(frozen=True, slots=True)
class Wrote:
    """`value` (str or bytes) is written to an object whose `mode` takes the other one.

    `opened` is the call that gave the mode, `position` that of its parameter. `alone`: all that is done with the object
    is to write values of this type and to close it.
    """

    resource: Resource
    value: str
    mode: str
    at: Place
    opened: Site
    position: int
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """The path of an object goes to another reader while the object is open.

    `how` is a sink, or unknown, sends, lends, yield. `dirty`: data may still be in the buffer, on every way if `sure`.
    `reopened`: the object removes its path when it is closed. `holder` is a name of the object, `statement` a place
    where a flush can stand before the hand-over. `flushed`: somewhere in the function the object is flushed.
    """

    resource: Resource
    how: str
    at: Place
    dirty: bool
    sure: bool
    reopened: bool
    holder: str
    statement: Site | None
    flushed: bool = False


@dataclass(frozen=True, slots=True)
class Mode:
    """A temporary, or (`resource` None) a guessable path in a shared directory, is given a mode.

    `how` is `bits` for a change of mode, `shares` for a creation that opens what somebody else has put there, `masks`
    for a mask (`bits`) under which everybody may write to what is made, `asks` for a creation that leaves it to the
    mask to keep others out. `exact`: the mode is written in the call, at `position`. `made` is what is made under a
    mask.
    """

    resource: Resource | None
    how: str
    bits: int
    at: Place
    exact: bool
    position: int
    made: Site | None = None


@dataclass(frozen=True, slots=True)
class LeftScope:
    """A path or handle leaves the scope that removes what it stands for: `how` is returned or stored.

    `scope` is true for a `with`; else the function's end drops the only holder of the object. `looked_at`: callers in
    the file only look at what is returned.
    """

    resource: Resource
    how: str
    at: Place
    scope: bool
    looked_at: bool = False


@dataclass(frozen=True, slots=True)
class Silent:
    """Flow says nothing about the function, and `why`."""

    why: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A guessable path in a shared directory was looked for, is not there, and is made."""

    text: PathText
    at: Place


@dataclass(frozen=True, slots=True)
class Renamed:
    """A temporary is renamed to its final place by a call that works on one device only.

    `survives`: a failure is caught, and the function goes on. `read`: the function also reads what is at the target.
    `touched` are the roles and sinks that the results of the same call met. `published`: what one call could do
    instead, or what prevents that.
    """

    resource: Resource
    at: Place
    survives: bool
    read: bool
    touched: frozenset[str] = frozenset()
    published: Published | Place | None = None


Observation: TypeAlias = (
    PathSink
    | CwdTemp
    | Born
    | Mentioned
    | Unmet
    | UsedIn
    | Recreated
    | ReleasedTwice
    | Dropped
    | CannotWork
    | WrongHandle
    | Silent
    | Wrote
    | Handed
    | Mode
    | Checked
    | Renamed
    | LeftScope
)
