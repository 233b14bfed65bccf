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

#: Told of a state that leaves a block: the block that it leads to, and the state, which is not kept.
Arrive = Callable[[int, State], None]
#: Goes through a block from a state and tells every state that leaves it, and to where.
Pass = Callable[[int, State, Arrive], None]


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


def solve(function: Function, start: State, go: Pass, last: Pass | None = None) -> dict[int, State]:
    """The state at the start of every block that can be reached. Raises Unsettled above the bound, when `last` may have
    gone through some.

    `go` may go through a block many times. `last`, if there is one, does so once, when nothing more can come to it: in
    place of `go` where no way leads back, and after it for the blocks of a loop, when all of the loop has settled.
    Of the exceptional exit, where most calls lead, only the facts are complete: nobody asks what a place holds there.
    """
    position = order(function)
    loops = _loops(function, position)
    states: dict[int, State] = {function.entry: start}
    queue = [(0, function.entry)]
    queued = {function.entry}
    visits = 0
    bound = MOST_VISITS * max(len(position), 20)

    def arrive(target: int, state: State) -> None:
        known = states.get(target)
        if known is None:
            states[target] = state.copy()
        elif not (known.join(state) if target != function.raised else known.join_facts(state)):
            return
        if target not in queued and target in position:
            queued.add(target)
            heappush(queue, (position[target], target))

    looping: set[int] = set()
    while queue:
        place, number = heappop(queue)
        queued.discard(number)
        visits += 1
        if visits > bound:
            raise Unsettled(f"it does not settle within {MOST_VISITS} visits of a block")
        loop = loops.get(place)
        if last is None or loop is not None:
            go(number, states[number], arrive)
        else:
            last(number, states[number], arrive)
        if last is not None and loop is not None:
            looping.add(number)
            if not queue or loops.get(queue[0][0]) != loop:
                for settled in sorted(looping):
                    last(settled, states[settled], _nowhere)
                looping.clear()
    return states


def _nowhere(target: int, state: State) -> None:
    """What leaves a block that has settled is known where it leads to."""


def _loops(function: Function, position: dict[int, int]) -> dict[int, int]:
    """For the position of each block in a loop the last position of that: no edge leads from behind it into it."""
    far: dict[int, int] = {}
    for number, here in position.items():
        for target in _next(function, number):
            if position[target] <= here:
                far[position[target]] = here  # positions rise: the last one stays
    found: dict[int, int] = {}
    for begin in sorted(far):
        if begin in found:
            continue
        at, end = begin, far[begin]
        while at <= end:
            end = max(end, far.get(at, end))
            at += 1
        found.update(dict.fromkeys(range(begin, end + 1), end))
    return found


def walk(
    function: Function, number: int, state: State, domain: Domain, arrive: Arrive, onward: Arrive | None = None
) -> None:
    """Go through one block from a state and tell every state that leaves it, and to where; if there is an `onward`,
    those on normal edges to that.
    """
    block = function.blocks[number]
    current = state.copy()
    for event in block.events:
        after, raised = domain.event(current, event)
        if raised is not None:
            arrive(block.handler, raised)
        if after is None:
            return
        current = after
    follow = onward if onward is not None else arrive
    for edge in block.edges:
        if edge.assume is None:
            follow(edge.target, current)
        else:
            chosen = domain.assume(current.copy(), edge.assume)
            if chosen is not None:
                follow(edge.target, chosen)
