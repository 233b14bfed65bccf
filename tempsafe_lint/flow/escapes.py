"""Temporaries that leave the scope that removes them: returned or stored from inside their `with`, or by path alone.

A store counts only where nothing else happens before the `with` ends: otherwise the stored path may be for the calls in
between. What a generator yields is for whoever runs it, as long as it runs: silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.callers import only_looked_at
from tempsafe_lint.flow.observations import LeftScope, Place
from tempsafe_lint.flow.values import HERE, LIVE, SHOWN, Fact, Resource
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.places import Names
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer

_OBJECTS = ("object", "dirobject")
_HANDLES = ("path", "inside", *_OBJECTS)


class Escapes:
    """Looks at the ways out of one function, in the last pass."""

    def __init__(self, transfer: Transfer, recorder: Recorder) -> None:
        self._t = transfer
        self._recorder = recorder

    def returned(self, state: State, event: ev.Return) -> None:
        """A path or an object that is gone when the caller has it."""
        if not isinstance(event.src, str) or self._t.function.is_generator:
            return
        names = self._t.names(state, event.src) + state.held(event.src)
        captured = {r for r, _, _ in self._t.captured(state, event.src)}
        for resource, facts in _by_resource(names).items():
            handles = {h for r, _, h in names if r == resource}
            if all(_in_scope(f) for f in facts):
                self._left(resource, "returned", event, scope=True)
            elif resource not in captured and not handles & set(_OBJECTS) and all(_alone(resource, f) for f in facts):
                self._left(resource, "returned", event, scope=False)

    def stored(self, state: State, event: ev.Store) -> None:
        """A path that an object or the module keeps while the `with` around it is about to end."""
        of_self = event.kind == "attr" and event.base == "self"
        place = f"self.{event.key}" if of_self else str(event.key)
        if of_self or event.kind in ("global", "nonlocal"):
            for resource, _, handle in self._t.names(state, event.src):
                if handle in ("path", "inside"):
                    self._recorder.stored[resource, place] = Place(event.site)
        if not (of_self or event.kind in ("global", "nonlocal")) or not isinstance(event.src, str):
            return
        for resource, facts in _by_resource(self._t.names(state, event.src)).items():
            if all(_in_scope(f) for f in facts) and self._ends_at_once(state, resource, event):
                self._left(resource, "stored", event, scope=True)

    def _left(self, resource: Resource, how: str, event: ev.Event, *, scope: bool) -> None:
        looked_at = how == "returned" and only_looked_at(self._t.file, self._t.function)
        self._recorder.add(LeftScope(resource, how, Place(event.site), scope, looked_at))

    def _ends_at_once(self, state: State, resource: Resource, event: ev.Event) -> bool:
        """Whether nothing is called between an event and the end of the `with` that has the resource."""
        blocks = self._t.function.blocks
        number = self._recorder.under_way[0]
        start = next((i for i, other in enumerate(blocks[number].events) if other is event), 0) + 1
        for _ in range(len(blocks)):
            for other in blocks[number].events[start:]:
                if isinstance(other, ev.Exit):
                    return any(r == resource for r, _, _ in self._t.names(state, other.manager))
                if isinstance(other, ev.Call | ev.Yield | ev.Return | ev.Enter | ev.Raise):
                    return False
            if len(blocks[number].edges) != 1:
                return False
            number, start = blocks[number].edges[0].target, 0
        return False


def left_behind(recorder: Recorder, resource: Resource, ends: frozenset[Fact]) -> Iterator[LeftScope]:
    """Paths that `self` or the module keeps when the function is done, of an object that only its variables hold."""
    if not (resource.kind == "dirobject" or resource.deletes):
        return
    for (stored, place), at in recorder.stored.items():
        names = {(place, "path"), (place, "inside")}
        if stored == resource and ends and all(f.aliases & names and _alone(resource, f) for f in ends):
            yield LeftScope(resource, "stored", at, False)


def _by_resource(names: Names) -> dict[Resource, list[Fact]]:
    found: dict[Resource, list[Fact]] = {}
    for resource, fact, handle in names:
        deletes = resource.kind == "dirobject" or (resource.kind == "object" and resource.deletes)
        if deletes and handle in _HANDLES:
            found.setdefault(resource, []).append(fact)
    return found


def _in_scope(fact: Fact) -> bool:
    return fact.entered and fact.state == LIVE and fact.moved in (HERE, SHOWN)


def _alone(resource: Resource, fact: Fact) -> bool:
    """Whether only variables of this function hold the object: it goes when the function ends."""
    holders = [place for place, handle in fact.aliases if handle in _OBJECTS]
    local = resource.duty and all("." not in place and "[" not in place for place in holders)
    return local and bool(holders) and not fact.entered and fact.state == LIVE and fact.moved in (HERE, SHOWN)
