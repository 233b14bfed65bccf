"""Temporaries that are renamed to their final place, and paths that were looked for before they are made.

Whether two places are on one device cannot be read from a program; only a temporary made where no directory was named,
and a target that is not beside it, count. A rename whose failure is caught and survived has another way to the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import Argument, Target, arguments, sink_of
from tempsafe_lint.flow.observations import Checked, Place, Renamed
from tempsafe_lint.flow.provenance import UNGUESSABLE, shared, tail
from tempsafe_lint.flow.values import Resource, Typed
from tempsafe_lint.flow.ways import survives
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Row

if TYPE_CHECKING:
    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer

_MAKING = ("create", "write", "bind")


class Renames:
    """Looks at the calls of one function, in the last pass."""

    def __init__(self, transfer: Transfer, recorder: Recorder) -> None:
        self._t = transfer
        self._recorder = recorder

    def call(self, state: State, event: ev.Call, target: Target, row: Row, args: list[Argument]) -> None:
        """A rename of a temporary, and a creation of what was looked for."""
        receiver = row.receiver
        moved = event.receiver if receiver is not None and receiver.wants == "device" and len(event.args) == 1 else None
        # Plain text has a method of the same name as a path's.
        if isinstance(moved, str) and state.env.get(moved) != frozenset({Typed("str")}):
            self._renamed(state, event, row, moved, event.args[0])
        for arg in args:
            goals = [other.operand for other in args if other is not arg and other.role.sink == "write"]
            if arg.role.wants == "device" and len(goals) == 1:
                self._renamed(state, event, row, arg.operand, goals[0])
            # What is renamed takes the place whole, whoever was there first.
            renamed = any(other.role.wants == "device" for other in args)
            if sink_of(event, row, arg.role) in _MAKING and not renamed and moved is None:
                self._made(state, event, row, arg.operand)
        if receiver is not None and target.receiver is not None and sink_of(event, row, receiver) in _MAKING:
            self._made(state, event, row, event.receiver)

    def _renamed(self, state: State, event: ev.Call, row: Row, source: ev.Operand, goal: ev.Operand) -> None:
        names = self._t.names(state, source)
        resources: dict[Resource, None] = {r: None for r, _, h in names if h == "path" and r.kind in ("file", "dir")}
        directories = self._t.file.policies.directories
        beside = bool(self._t.names(state, goal)) or any(
            shared(text, directories) for text in self._t.texts.of(state, goal, event.site)
        )
        if beside or len(resources) != 1:
            return
        for resource in resources:
            at = Place(event.site, row.name)
            self._recorder.add(Renamed(resource, at, self.survives(), self._read_before(event, goal)))

    def survives(self) -> bool:
        """Whether a failure at the place under way leads on to the function's normal end."""
        function = self._t.function
        return survives(function, function.blocks[self._recorder.under_way[0]].handler)

    def _read_before(self, event: ev.Call, goal: ev.Operand) -> bool:
        """Whether the function reads the target too: others do, then."""
        for block in self._t.function.blocks:
            for other in block.events:
                if isinstance(other, ev.Call) and other is not event and self._reads(other, goal):
                    return True
        return False

    def _reads(self, event: ev.Call, place: ev.Operand) -> bool:
        row = self._t.file.models.get(event.callee)
        if row is None:
            return False
        return any(a.operand == place and sink_of(event, row, a.role) == "read" for a in arguments(event, row))

    def _made(self, state: State, event: ev.Call, row: Row, place: ev.Operand | None) -> None:
        """Something is made at a path in a shared directory that was certainly looked for, and not there."""
        if not isinstance(place, str) or state.env.get(f"{place}.{GONE}") != frozenset({Typed("absent")}):
            return
        for text in self._t.texts.of(state, place, event.site):
            found = shared(text, self._t.file.policies.directories)
            # Where a part of it cannot be guessed nobody is faster, whatever becomes of the directory it is in.
            if found is not None and tail(found[1]) in ("fixed", "guessable") and UNGUESSABLE not in text.parts:
                self._recorder.add(Checked(text, Place(event.site, row.name)))
                return


#: What hangs on a place after it was looked for and is not there.
GONE = "@gone"
