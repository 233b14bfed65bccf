"""What the last pass looks at beside duties: handles, hand-overs, modes, places. Nothing here changes a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.ir.cfg import Function


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
        self.leaving.event(state, event)
        if not state.has_things():
            return
        if isinstance(event, ev.Load):
            self._handles.load(state, event)
            self._handoffs.iterated(state, event)
        elif isinstance(event, ev.Text):
            self._handles.divided(state, event)
        elif isinstance(event, ev.Enter):
            self._handles.enter(state, event)
        elif isinstance(event, ev.Return):
            self._escapes.returned(state, event)
        elif isinstance(event, ev.Store):
            self._escapes.stored(state, event)
        elif isinstance(event, ev.Yield):
            self._handoffs.yielded(state, event)
