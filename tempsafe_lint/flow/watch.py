"""What the last pass looks at beside duties: handles, hand-overs, modes, places. Nothing here changes a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tempsafe_lint.flow.calls import Argument, Target
from tempsafe_lint.flow.children import Children
from tempsafe_lint.flow.escapes import Escapes
from tempsafe_lint.flow.handles import Handles
from tempsafe_lint.flow.handoffs import Handoffs
from tempsafe_lint.flow.inside import Inside
from tempsafe_lint.flow.leaving import Leaving
from tempsafe_lint.flow.modes import Modes
from tempsafe_lint.flow.renames import Renames
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.ir.cfg import Function

#: Events by which something may leave.
_LEAVING = frozenset({ev.Return, ev.Yield, ev.Store, ev.Capture})


class Watch:
    """Asked before an event takes effect; says what it sees to the recorder."""

    def __init__(self, transfer: Transfer, recorder: Recorder) -> None:
        self._handles = Handles(transfer, recorder)
        self._handoffs = Handoffs(transfer, recorder)
        self._escapes = Escapes(transfer, recorder)
        self._modes = Modes(transfer, recorder)
        self._renames = Renames(transfer, recorder)
        self.leaving = Leaving(transfer, recorder)
        self._children = Children(transfer, recorder)
        self._inside = Inside(transfer, recorder, self._handoffs, self._renames)
        # No method of its own: it would hold itself.
        self._looks: dict[type, tuple[Callable[[State, Any], None], ...]] = {
            ev.Load: (self._handles.load, self._handoffs.iterated),
            ev.Text: (self._handles.divided,),
            ev.Enter: (self._handles.enter,),
            ev.Return: (self._escapes.returned,),
            ev.Store: (self._escapes.stored,),
            ev.Yield: (self._handoffs.yielded,),
        }

    def call(self, state: State, event: ev.Call, target: Target, row: Row, args: list[Argument]) -> None:
        """A call whose row says what it does, or that nobody knows."""
        if state.has_things():
            self._handles.call(state, event, target, row, args)
            self._handoffs.call(state, event, target, row, args)
            self._children.call(state, event, row, args)
        self._handles.arguments(event, row)
        self._modes.call(state, event, target, row, args)
        self._renames.call(state, event, target, row, args)
        self.leaving.call(state, event, target)

    def helper(self, state: State, event: ev.Call, function: Function, bound: dict[str, ev.Operand]) -> None:
        """A call of a function of the file; `bound` says what its names stand for here."""
        self._inside.call(state, event, function, bound)

    def event(self, state: State, event: ev.Event) -> None:
        """Any other event."""
        if type(event) in _LEAVING:
            self.leaving.event(state, event)
        looks = self._looks.get(type(event))
        if looks is not None and state.has_things():
            for look in looks:
                look(state, event)
