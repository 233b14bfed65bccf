"""What a function of the file does for its caller: an inferred row, found by running flow over it for what is asked.

Parameters, outer variables and attributes of `self` become seeds: things of which only the fate is asked. Where it is
asked of none there are none, and a method of a parameter is known by its name alone. A function that is already being
looked at (recursion) has no summary: it counts as unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.obligations import FAILED, FILE
from tempsafe_lint.flow.values import (
    CLOSED,
    DELETED,
    KEPT,
    LENT,
    LIVE,
    MAYBE,
    MOVED,
    REGISTERED,
    Atom,
    Fact,
    Handle,
    PathText,
    Resource,
)
from tempsafe_lint.records import dataclass

if TYPE_CHECKING:
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.source import Site


@dataclass(frozen=True, slots=True)
class Effect:
    """The fate of one seed on some way through: closed, deleted, moved on for good, perhaps moved, returned.

    `sinks`: what a path given for it is wanted for. `in_failure`: an exceptional way out ends it, whatever the normal
    ones do. `buffer`: what becomes of data on its way into an open object: it stays there (`keeps`), more comes and
    stays (`writes`), or it may have gone through (`cleans`). `always`: it is closed or deleted on every normal way.
    `folder`: the directory that it is in is removed. `lent`: somebody unknown was given it, who will hardly remove a
    path, but may close an object. `files`: what deletes it takes files only.
    """

    closes: bool = False
    deletes: bool = False
    moves: bool = False
    maybe: bool = False
    returned: tuple[tuple[str, Handle], ...] = ()
    in_failure: bool = False
    folder: bool = False
    lent: bool = False
    sinks: tuple[str, ...] = ()
    always: bool = False
    buffer: str = "keeps"
    files: bool = False

    @property
    def settles(self) -> bool:
        """Whether somebody ends it, or may: whoever asks for it gets it too."""
        return self.closes or self.deletes or self.moves or self.maybe or self.folder or bool(self.returned)


@dataclass(frozen=True, slots=True)
class Returned:
    """A resource that the caller gets: under which suffix of the result (`[1]`, `.name`, empty), held as what.

    `dirty`: data that was written to it is still in its buffer, on every way. `claimed`: on some way somebody else has
    it already, or the caller gets something else in its place.
    """

    suffix: str
    handle: Handle
    resource: Resource
    dirty: bool = False
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """`effects` by parameter, outer variable or `self.attribute`; `yields` for a context manager that owns what
    it gives; `sorts` by suffix of the result, where every `return` gives the same sort of value; `texts` are paths
    that it may return.
    """

    effects: dict[str, Effect]
    returned: tuple[Returned, ...] = ()
    yields: tuple[Returned, ...] = ()
    never: bool = False
    sorts: tuple[tuple[str, frozenset[Atom]], ...] = ()
    texts: frozenset[PathText] = frozenset()


def effect(
    resource: Resource,
    exit_state: State | None,
    raised: State | None,
    returned: list[tuple[Resource, str, Handle]],
    touched: set[str],
    unsure: set[tuple[Resource, Site]],
    *,
    removed: bool,
) -> Effect:
    """The fate of one seed at the normal exit. Settled on some way counts: a condition inside is the helper's own.

    `unsure` are the calls that settle a thing on some of their own ways only. Unless something was `removed`, what is
    gone was merely looked for and not found.
    """
    facts: frozenset[Fact] = exit_state.facts.get(resource, frozenset()) if exit_state else frozenset()
    thrown: frozenset[Fact] = raised.facts.get(resource, frozenset()) if raised else frozenset()
    gone = {f.by for f in facts if f.state == DELETED}
    return Effect(
        closes=any(f.state == CLOSED or f.by == "seed" for f in facts),
        deletes=removed and any(f.state == DELETED for f in facts),
        moves=any(f.moved in (MOVED, REGISTERED, KEPT) for f in facts),
        maybe=any(f.moved == MAYBE and f.state == LIVE for f in facts),
        returned=tuple(sorted({(suffix, handle) for r, suffix, handle in returned if r == resource})),
        lent=any(f.moved == LENT for f in facts),
        folder=any(f.by == "folder" for f in (*facts, *thrown)),
        in_failure=any(f.state in (CLOSED, DELETED) or f.moved in (MOVED, REGISTERED) for f in thrown),
        always=all(f.state in (CLOSED, DELETED) and (resource, f.ended) not in unsure for f in facts),
        buffer="cleans" if not all(f.dirty for f in facts) else "writes" if "writes" in touched else "keeps",
        files=FILE in gone and gone <= {FILE, FAILED, ""},
    )
