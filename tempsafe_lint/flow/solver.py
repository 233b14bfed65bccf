"""A worklist fixpoint over one function's graph. It knows blocks and edges; what events mean is the domain's."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Protocol

from tempsafe_lint.flow.state import State
from tempsafe_lint.ir.cfg import Function
from tempsafe_lint.ir.events import Assume, Event

#: Visits of one block on average before flow gives up on a function and falls silent about it.
MOST_VISITS = 30


class Unsettled(Exception):
    """No fixpoint within the bound: flow says nothing about this function."""


class Domain(Protocol):
    """What the solver asks: the effect of one event, and of a condition on an edge."""

    def event(self, state: State, event: Event) -> tuple[State | None, State | None]:
        """The state after the event (None: it never returns) and the one in which it raises (None: it does not)."""

    def assume(self, state: State, condition: Assume) -> State | None:
        """The state on an edge with a condition (None: the edge cannot be taken)."""


def order(function: Function) -> dict[int, int]:
    """Reverse postorder number of each block that can be reached."""
    seen: set[int] = {function.entry}
    post: list[int] = []
    stack: list[tuple[int, list[int]]] = [(function.entry, _next(function, function.entry))]
    while stack:
        number, follow = stack[-1]
        while follow and follow[-1] in seen:
            follow.pop()
        if not follow:
            post.append(number)
            stack.pop()
            continue
        target = follow.pop()
        seen.add(target)
        stack.append((target, _next(function, target)))
    return {number: i for i, number in enumerate(reversed(post))}


def _next(function: Function, number: int) -> list[int]:
    block = function.blocks[number]
    targets = [block.handler] if block.events else []
    targets.extend(edge.target for edge in block.edges)
    return targets


def solve(function: Function, start: State, domain: Domain) -> dict[int, State]:
    """The state at the start of every block that can be reached. Raises Unsettled above the bound."""
    position = order(function)
    states: dict[int, State] = {function.entry: start}
    queue = [(0, function.entry)]
    queued = {function.entry}
    visits = 0
    bound = MOST_VISITS * max(len(position), 20)
    while queue:
        _, number = heappop(queue)
        queued.discard(number)
        visits += 1
        if visits > bound:
            raise Unsettled(f"it does not settle within {MOST_VISITS} visits of a block")

        def arrive(target: int, state: State) -> None:
            known = states.get(target)
            if known is None:
                states[target] = state.copy()
            elif not known.join(state):
                return
            if target not in queued and target in position:
                queued.add(target)
                heappush(queue, (position[target], target))

        walk(function, number, states[number], domain, arrive)
    return states


def walk(function: Function, number: int, state: State, domain: Domain, arrive: Callable[[int, State], None]) -> None:
    """Go through one block from a state and tell every state that leaves it, and to where."""
    block = function.blocks[number]
    current: State | None = state.copy()
    for event in block.events:
        assert current is not None
        current, raised = domain.event(current, event)
        if raised is not None:
            arrive(block.handler, raised)
        if current is None:
            return
    assert current is not None
    for edge in block.edges:
        if edge.assume is None:
            arrive(edge.target, current)
        else:
            chosen = domain.assume(current.copy(), edge.assume)
            if chosen is not None:
                arrive(edge.target, chosen)
