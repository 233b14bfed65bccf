"""Calls of which nothing comes: nothing is known of what they are given, and their row wants to know of nothing else.

Most calls are so, and they are asked here first. All that is left of one: its result is bound anew, and it may raise.
That is so where
- none of its operands, nor what is called, names anything, holds anything, or is a text that is known in this state;
- no operand is a function that has captured something, nor may be told to remove something (flow/told.py);
- what is called is no function of the file, and its row, if it has one, makes nothing, asks nothing and says nothing of
  its result but what it says of its arguments;
- in the last pass besides: no constant text among the arguments is wanted for anything, no mode is changed.
Whoever lets a call do more than this must look here, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import arguments, is_local, own_and_given
from tempsafe_lint.flow.sharing import locate
from tempsafe_lint.flow.texts import is_separator
from tempsafe_lint.flow.told import may_remove
from tempsafe_lint.ir import events as ev
from tempsafe_lint.records import dataclass, field

if TYPE_CHECKING:
    from tempsafe_lint.flow.calls import Argument
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Out, Transfer
    from tempsafe_lint.models.schema import Row

#: Roles by which something comes of any operand: the state, or the result, says more than it did.
_LOUD = frozenset({"above", "masks", "unknown"})
#: Roles that the last pass takes note of by themselves.
_NOTED = frozenset({"writes", "deletes"})


@dataclass(slots=True)
class Plan:
    """What can be said of a call without a state. The call itself is kept: it is known by its identity."""

    event: ev.Call
    #: What its arguments are by the rows that it was found to have.
    matched: list[tuple[Row, list[Argument]]] = field(default_factory=list)
    #: Whether nothing comes of it in any state; in the last pass.
    quiet: bool = False
    unseen: bool = False
    raises: bool = True
    #: Whether what raises has not bound the result yet.
    apart: bool = False
    #: Whether an operand may be a command.
    commands: bool = False
    #: The places that it is given, each with where its root lives; those of them that may be names of the module.
    places: tuple[tuple[int, int, str, str], ...] = ()
    outer: tuple[str, ...] = ()


class Quiet:
    """Asked before each call, in one function."""

    def __init__(self, transfer: Transfer) -> None:
        self._t = transfer
        self._plans = transfer.file.plans

    def call(self, state: State, event: ev.Call) -> Out | None:
        """What is left of a call of which nothing comes; None of any other."""
        plan = self._plans.get(id(event)) or self._plan(event)
        recorder = self._t.recorder
        if not (plan.quiet if recorder is None else plan.unseen) or self._is_anything(state, plan):
            return None
        raised = (state.copy() if plan.apart else state) if plan.raises else None
        if recorder is not None:
            self._t.file.scratch.call(self._t.file, event)
        state.kill(event.dst)
        return state, raised

    def arguments(self, event: ev.Call, row: Row) -> list[Argument]:
        """The arguments of a call by a row, matched once; not to be changed."""
        plan = self._plans.get(id(event)) or self._plan(event)
        for known, args in plan.matched:
            if known is row:
                return args
        plan.matched.append((row, arguments(event, row)))
        return plan.matched[-1][1]

    def _is_anything(self, state: State, plan: Plan) -> bool:
        """Whether anything is known of an operand."""
        index, env = state.index.tree, state.env.tree
        for node, leaf, root, place in plan.places:
            for group in (index[node][leaf].get(root), env[node][leaf].get(root)):
                if group and (
                    place == root or any(known.startswith(place) or place.startswith(known) for known in group)
                ):
                    return True
        if any(self._t.texts.of(state, place, plan.event.site) for place in plan.outer):
            return True
        return plan.commands and state.has_things() and may_remove(self._t.file, self._t.function)

    def _plan(self, event: ev.Call) -> Plan:
        plan = self._plans[id(event)] = Plan(event)
        operands = (*event.args, *[value for _, value in event.kwargs], *event.starred)
        if self._is_own(event) or (self._t.closures and any(map(self._captures, operands))):
            return plan
        policies = self._t.file.policies
        row = self._t.file.row(event.callee)
        if event.callee is None and event.method is not None:
            row = self._t.file.models.method("any", event.method)
        if row is None:
            plan.quiet, plan.raises, plan.commands = True, policies.unknown_call_raises, True
            self._unknown(plan)
        elif not (row.never or row.makes or row.cases or row.text or row.swallows or row.opens is not None):
            plan.quiet = row.name not in policies.handmade and row.name not in policies.proof["containers"]
            self._by_row(plan, row)
        if plan.quiet:
            given = [place for place in operands if isinstance(place, str)]
            called = [place for place in (event.func, event.receiver) if isinstance(place, str)]
            places = dict.fromkeys((*called, *given))
            plan.commands = plan.commands and (bool(given) or isinstance(event.receiver, str))
            plan.places = tuple([(*locate(place), place) for place in places])
            plan.outer = tuple([place for place in places if not self._t.texts.is_own(place)])
        return plan

    def _is_own(self, event: ev.Call) -> bool:
        """Whether a function of the file is called, or a method of what is no place."""
        if event.callee is not None:
            return is_local(event.callee)
        if event.method is None:
            return False
        if event.receiver in ("self", "cls"):
            return self._t.file.method(self._t.function.class_name, event.method) is not None
        return not isinstance(event.receiver, str)

    def _captures(self, operand: ev.Operand) -> bool:
        return isinstance(operand, ev.Dotted) and bool(self._t.closures.get(operand.name.removeprefix(".")))

    def _unknown(self, plan: Plan) -> None:
        """A call without a row."""
        effects, event = self._t.callees.effects, plan.event
        first = event.args[:1]
        plan.unseen = not any(_is_text(operand) and effects.writes(event, operand) for operand in first)
        plan.apart = any(effects.removes(event, operand) for operand in first)

    def _by_row(self, plan: Plan, row: Row) -> None:
        """A call with a row."""
        given = self.arguments(plan.event, row)
        receiver = row.receiver
        if receiver is not None and (plan.event.receiver is None or receiver.does == "below"):
            plan.quiet = False
            return
        args = own_and_given(plan.event, row, given) if receiver is not None else given
        does, sinks = {arg.role.does for arg in given}, {arg.role.sink for arg in given}
        plan.apart = "deletes" in does or ("takes" in does and "write" in sinks)
        plan.raises = row.raises
        plan.commands = "exec" in sinks or (receiver is not None and receiver.sink == "exec")
        plan.quiet = plan.quiet and not any(map(_is_loud, args))
        plan.unseen = plan.quiet and not any(map(_is_noted, args))


def _is_loud(arg: Argument) -> bool:
    """Whether something comes of an argument of which nothing is known."""
    does = arg.role.does
    asks = does == "checks" and arg.role.wants is not None and isinstance(arg.operand, str)
    return does in _LOUD or asks or (does == "same" and _is_text(arg.operand))


def _is_noted(arg: Argument) -> bool:
    """Whether the last pass takes note of such an argument."""
    if arg.role.does in _NOTED or arg.role.sink == "mode":
        return True
    return _is_text(arg.operand) and (arg.role.sink is not None or arg.role.does == "checks")


def _is_text(operand: ev.Operand) -> bool:
    return is_separator(operand) or (isinstance(operand, ev.Const) and isinstance(operand.value, str | bytes))
