"""A call of a function of the file, looked at from within: what it does with the temporaries that it is handed.

The function is solved once more with what the arguments hold, so that order counts: flushed before it is read, closed
before it is written. What is seen there stands at the call in the caller, who handed the thing over in that state.
Limits, on purpose: MOST_DEEP calls one inside the other, MOST_BLOCKS blocks of a file looked at in this way, no
function twice in one chain; beyond that nothing is seen. Generators run when somebody else asks them to, coroutines
that are not awaited likewise: silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.observations import Handed, Mode, Place, Renamed, UsedIn, WrongHandle, Wrote
from tempsafe_lint.flow.places import held
from tempsafe_lint.flow.solver import Unsettled
from tempsafe_lint.flow.state import State
from tempsafe_lint.flow.values import Asked, Fact, FnRef, Resource
from tempsafe_lint.ir import events as ev
from tempsafe_lint.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tempsafe_lint.flow.handoffs import Handoffs
    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.observations import Observation
    from tempsafe_lint.flow.renames import Renames
    from tempsafe_lint.flow.solved import Solved
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.source import Site

MOST_DEEP = 3
MOST_BLOCKS = 4000

#: Roles and sinks that count for the caller as if it had them itself.
_PASSED_ON = frozenset({"mode", "flushes"})
_Found = dict[Resource, dict[Fact, set[tuple[str, str]]]]


class Inside:
    """Looks into calls of one function, in its last pass."""

    def __init__(self, transfer: Transfer, recorder: Recorder, handoffs: Handoffs, renames: Renames) -> None:
        self._t = transfer
        self._recorder = recorder
        self._handoffs = handoffs
        self._renames = renames

    def call(self, state: State, event: ev.Call, function: Function, bound: dict[str, ev.Operand]) -> None:
        """`bound`: what parameters, captured variables and `self` of the function are in the caller."""
        file = self._t.file
        waits = function.is_async and not event.awaited
        if function.is_generator or waits or function.over_budget or file.depth or function.name in file.within:
            return
        if len(file.within) >= MOST_DEEP or file.blocks_within + len(function.blocks) > MOST_BLOCKS:
            return
        start, given = self._start(state, event, bound)
        if not given:
            return
        file.blocks_within += len(function.blocks)
        file.within.append(function.name)
        try:
            solved = file.solve(function, start)
        except Unsettled:
            return
        finally:
            file.within.pop()
        self._tell(state, event, function, solved, given)

    def _start(self, state: State, event: ev.Call, bound: dict[str, ev.Operand]) -> tuple[State, set[Resource]]:
        """The state in which the function begins, and what of it was handed over."""
        start, found = State(), _Found()
        for name, operand in bound.items():
            if not isinstance(operand, str):
                self._t.set(start, name, operand, event)
                continue
            for resource, fact, handle in self._t.names(state, operand):
                found.setdefault(resource, {}).setdefault(fact, set()).add((name, handle))
            under = (operand + ".", operand + "[")
            for resource, fact, _ in held(state, operand):
                hanging = {(name + p[len(operand) :], h) for p, h in fact.aliases if p.startswith(under)}
                found.setdefault(resource, {}).setdefault(fact, set()).update(hanging)
            for place, atoms in state.env.below(operand):
                if not any(isinstance(atom, Asked | FnRef) for atom in atoms):
                    start.env[name + place[len(operand) :]] = atoms
        given = {resource for resource in found if resource.kind != "seed"}
        sites = {resource.site for resource in given}
        for resource, facts in state.facts.items():
            for fact in facts if resource.site in sites else ():
                names = frozenset(found.get(resource, {}).get(fact, ()))
                start.born(resource, fact._replace(aliases=names, left=None, when=frozenset()))
        return start, given

    def _tell(self, state: State, event: ev.Call, function: Function, solved: Solved, given: set[Resource]) -> None:
        sites = {resource.site for resource in given}
        for resource, touched in solved.recorder.touched.items():
            if resource.site in sites and touched & _PASSED_ON:
                self._recorder.touched.setdefault(resource, set()).update(touched & _PASSED_ON)
        for seen in solved.recorder.settled():
            retold = _RETOLD.get(type(seen))
            if retold is None or seen.resource is None or seen.resource.site not in sites:  # type: ignore[union-attr]
                continue
            if isinstance(seen, Handed | Mode | Renamed) or _on_every_way(function, seen.at.site):  # type: ignore[union-attr]
                told = retold(self, state, event, seen, Place(event.site, function.name.rpartition(".")[2]))
                if told is not None:
                    self._recorder.add(told)

    # -- what is seen inside, as it is for the caller ----------------------------------------------------------------

    def _handed(self, state: State, event: ev.Call, seen: Handed, at: Place) -> Observation:
        holder, before = self._handoffs.flush_before(state, event, seen.resource)
        return replace(seen, at=at, holder=holder, statement=before)

    def _wrong(self, state: State, event: ev.Call, seen: WrongHandle, at: Place) -> Observation:
        lacks = seen.use in ("number-method", "text-method", "text-attribute", "read-only")
        return replace(seen, at=replace(at, what=seen.what if lacks else at.what))

    def _wrote(self, state: State, event: ev.Call, seen: Wrote, at: Place) -> Observation:
        self._recorder.writes.setdefault(seen.resource, set()).add(None)
        return replace(seen, at=at, alone=False)

    def _mode(self, state: State, event: ev.Call, seen: Mode, at: Place) -> Observation:
        return replace(seen, at=at, exact=False, position=-1)

    def _renamed(self, state: State, event: ev.Call, seen: Renamed, at: Place) -> Observation:
        return replace(seen, at=at, survives=seen.survives or self._renames.survives())

    def _used(self, state: State, event: ev.Call, seen: UsedIn, at: Place) -> Observation | None:
        return replace(seen, at=at) if seen.sure else None


def _on_every_way(function: Function, site: Site) -> bool:
    """Whether no way through a function avoids a call: what a function does with one sort of argument only, after it
    has asked, says nothing of another sort.
    """
    wanted = {number for number, block in enumerate(function.blocks) if any(e.site == site for e in block.events)}
    todo, seen = [function.entry], set(wanted)
    while todo:
        number = todo.pop()
        if number in seen:
            continue
        if number == function.exit:
            return False
        seen.add(number)
        todo.extend(edge.target for edge in function.blocks[number].edges)
    return True


_RETOLD: dict[type, Callable[..., Observation | None]] = {
    Handed: Inside._handed,
    WrongHandle: Inside._wrong,
    Wrote: Inside._wrote,
    Mode: Inside._mode,
    Renamed: Inside._renamed,
    UsedIn: Inside._used,
}
