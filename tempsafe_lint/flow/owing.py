"""Where something may raise while a resource is owed: for each block the place that shows it best, and the best of
those that hardly fail.

Only what changed since the last such place of the block is looked at: a function may hold thousands of resources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tempsafe_lint.flow.failing import HARDLY
from tempsafe_lint.flow.sharing import UNSEEN, ByResource, differing
from tempsafe_lint.flow.values import DELETED, HERE, INNER, KEPT, LENT, LIVE, MAYBE, SHOWN, Fact, Resource
from tempsafe_lint.source import Site

if TYPE_CHECKING:
    from collections.abc import Callable

_NOTHING: frozenset[Fact] = frozenset()


class Raising(NamedTuple):
    """A place where something may raise while a resource is owed."""

    block: int
    handler: int
    site: Site
    what: str
    failing: int
    statement: int = -1

    @property
    def rank(self) -> tuple[int, int, int]:
        """The best witness is a `raise`, then work that fails by what it is given, and the first of several."""
        return self.failing, self.site.unit, self.site.number


def owed(resource: Resource, fact: Fact) -> bool:
    """Whether a fact still owes the end of its resource to this function."""
    if not resource.duty or fact.moved not in (HERE, LENT, SHOWN, INNER, MAYBE, KEPT):
        return False
    if resource.kind in ("file", "dir"):
        return fact.state != DELETED
    if resource.kind in ("fd", "object", "dirobject"):
        return fact.state == LIVE
    return False


class Owing:
    """Fed one block after the other: `note` each place in order, then `close` the block."""

    def __init__(self) -> None:
        self.best: dict[Resource, dict[tuple[int, bool], Raising]] = {}
        self._start()

    def _start(self) -> None:
        self._places: list[Raising] = []
        #: The place since which a resource has been owed without a break.
        self._since: dict[Resource, int] = {}
        self._last: ByResource[frozenset[Fact]] = ByResource()

    def note(self, place: Callable[[], Raising], facts: ByResource[frozenset[Fact]]) -> None:
        """Something may raise at a place, which is asked for only where anything is owed."""
        now = len(self._places)
        for _, _, before, after in differing(self._last.tree, facts.tree, UNSEEN):
            for resource in (*after, *(r for r in before if r not in after)):
                held = after.get(resource, _NOTHING)
                if before.get(resource) is held:
                    continue
                owes = any(owed(resource, fact) for fact in held)
                if owes:
                    self._since.setdefault(resource, now)
                elif resource in self._since:
                    first = self._since.pop(resource)
                    for onward in _onward(self._places[first:now]):
                        self._keep(resource, onward[0])
        self._last = facts.copy()
        if self._since:
            self._places.append(place())

    def close(self) -> None:
        """The block is done: what is owed now has been owed to its end."""
        for onward in _onward(self._places) if self._since else ():
            for resource, first in self._since.items():
                self._keep(resource, onward[first])
        self._start()

    def _keep(self, resource: Resource, place: Raising | None) -> None:
        if place is None:
            return
        known = self.best.setdefault(resource, {})
        key = (place.block, place.failing == HARDLY)
        if key not in known or place.rank < known[key].rank:
            known[key] = place

    def of(self, resource: Resource) -> list[Raising]:
        """For each block in which something may raise while the resource is owed one place, or two."""
        return list(self.best.get(resource, {}).values())


def _onward(places: list[Raising]) -> list[list[Raising | None]]:
    """For each place the best one from there on: of those that may well fail, and of those that hardly do."""
    lanes: list[list[Raising | None]] = []
    for hardly in (False, True):
        best: Raising | None = None
        lane: list[Raising | None] = []
        for place in reversed(places):
            if (place.failing == HARDLY) is hardly and (best is None or place.rank < best.rank):
                best = place
            lane.append(best)
        lanes.append(lane[::-1])
    return lanes
