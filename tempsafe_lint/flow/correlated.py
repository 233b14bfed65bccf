"""Conditions that hang together: `if log:` twice on one unchanged name comes out the same way both times.

Each alternative of a resource carries the tests under which it is so (`Fact.when`); a branch in which a test comes out
otherwise is not one of its ways. Limits: the name itself, or `not` before it, of one that is bound once, outside of
loops; not of what is seen to be changed in place (a function that is given a list and fills it is not seen), nor of the
module's own names.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tempsafe_lint.flow.owners import MODULE
from tempsafe_lint.flow.state import UNDER, State
from tempsafe_lint.flow.values import Known
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function

#: So many names of one function are followed, the most tested ones: each may double the alternatives.
MOST_NAMES = 2
#: Above so many resources in one function the alternatives are not told apart.
MOST_RESOURCES = 40
_LOOPS = ("for", "while")


def correlated(file: File, function: Function) -> frozenset[str]:
    """The names of a function that come out the same way in each test."""
    if function.name not in file.correlated:
        file.correlated[function.name] = frozenset(_found(file, function)) if function.name != MODULE else frozenset()
    return file.correlated[function.name]


def _found(file: File, function: Function) -> list[str]:
    tests: dict[str, set[int]] = {}
    for block in function.blocks:
        for edge in block.edges:
            place = edge.assume.place if edge.assume is not None and edge.assume.test == "truthy" else None
            if isinstance(place, str) and place in function.variables and block.events:
                tests.setdefault(place, set()).add(block.events[-1].site.number)
    often = Counter({name: len(sites) for name, sites in tests.items() if len(sites) > 1})
    if not often:
        return []
    changed = {name for block in function.blocks for event in block.events for name in _changed(file, event)}
    given = {parameter.name for parameter in function.params}
    bound: dict[str, set[int]] = {name: {-1} for name in given}
    for block in function.blocks:
        for event in block.events:
            place = getattr(event, "dst", None)
            if isinstance(place, str) and place in often:
                bound.setdefault(place, set()).add(event.site.number)
                if _in_loop(function, event.statement):
                    changed.add(place)
    return [n for n, _ in often.most_common() if n not in changed and len(bound.get(n, ())) == 1][:MOST_NAMES]


def _changed(file: File, event: ev.Event) -> Iterator[str]:
    """Names of things that an event may change in place, or that code around it may bind."""
    if isinstance(event, ev.Call) and event.method in file.policies.changing and isinstance(event.receiver, str):
        yield event.receiver
    elif isinstance(event, ev.Store) and event.kind != "attr" and isinstance(event.base, str):
        yield event.base
    elif isinstance(event, ev.Store) and event.kind in ("global", "nonlocal"):
        yield str(event.key)
    elif isinstance(event, ev.Capture):
        yield from event.places
    elif isinstance(event, ev.Delete):
        yield event.place.split("[")[0]


def _in_loop(function: Function, statement: int) -> bool:
    number: int | None = statement if 0 <= statement < len(function.statements) else None
    while number is not None:
        if function.statements[number].kind in _LOOPS:
            return True
        number = function.statements[number].parent
    return False


def under(state: State, place: str, holds: bool) -> State | None:
    """The state on an edge where a name came out so; None where it has come out otherwise before."""
    key = f"{UNDER}[{place}]"
    if state.env.get(key) == frozenset({Known(not holds)}):
        return None
    state.env[key] = frozenset({Known(holds)})
    resources = [resource for resource in state.facts if resource.kind != "seed"]
    for resource in resources if len(resources) <= MOST_RESOURCES else ():
        here = [fact for fact in state.facts[resource] if (place, not holds) not in fact.when]
        after = frozenset(fact._replace(when=fact.when | {(place, holds)}) for fact in here)
        if after:
            state.facts[resource] = after
        else:
            state.facts.pop(resource, None)
    return state
