"""Where something may raise while a resource is owed: for each block the place that shows it best.

Only what changed since the last such place of the block is looked at: a function may hold thousands of resources.
"""

from __future__ import annotations

from typing import NamedTuple

from tempsafe_lint.flow.sharing import UNSEEN, ByResource, differing
from tempsafe_lint.flow.values import DELETED, HERE, INNER, KEPT, LENT, LIVE, MAYBE, SHOWN, Fact, Resource
from tempsafe_lint.source import Site

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
        self.best: dict[Resource, dict[int, Raising]] = {}
        self._start()

    def _start(self) -> None:
        self._places: list[Raising] = []
        #: The place since which a resource has been owed without a break.
        self._since: dict[Resource, int] = {}
        self._last: ByResource[frozenset[Fact]] = ByResource()

    def note(self, place: Raising, facts: ByResource[frozenset[Fact]]) -> None:
        now = len(self._places)
        self._places.append(place)
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
                    self._keep(resource, min(self._places[first:now], key=lambda place: place.rank))
        self._last = facts.copy()

    def close(self) -> None:
        """The block is done: what is owed now has been owed to its end."""
        onward = self._places.copy()
        for i in range(len(onward) - 2, -1, -1):
            onward[i] = min(onward[i], onward[i + 1], key=lambda place: place.rank)
        for resource, first in self._since.items():
            self._keep(resource, onward[first])
        self._start()

    def _keep(self, resource: Resource, place: Raising) -> None:
        known = self.best.setdefault(resource, {})
        if place.block not in known or place.rank < known[place.block].rank:
            known[place.block] = place

    def of(self, resource: Resource) -> list[Raising]:
        """One place for each block in which something may raise while the resource is owed."""
        return list(self.best.get(resource, {}).values())
