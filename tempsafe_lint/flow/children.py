"""Programs that go on by themselves with a path that is removed as soon as they are started.

Only what follows the start without a fork in the way is looked at, up to the first call that may wait: for the child,
for a person, for a while. Whoever gets the open descriptor (`stdout=file`) needs no path: silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import Argument, arguments
from tempsafe_lint.flow.commands import goes_on
from tempsafe_lint.flow.observations import Place, UsedIn
from tempsafe_lint.flow.places import held
from tempsafe_lint.flow.state import in_order
from tempsafe_lint.flow.values import DELETED, LIVE, Resource
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.models.schema import Row
    from tempsafe_lint.source import Site

_HANDLES = ("path", "inside", "mention", "beside")
#: Removes its path with its end.
_OBJECTS = ("object", "dirobject")


class Children:
    """Looks at the calls of one function, in the last pass."""

    def __init__(self, transfer: Transfer, recorder: Recorder) -> None:
        self._t = transfer
        self._recorder = recorder

    def call(self, state: State, event: ev.Call, row: Row, args: list[Argument]) -> None:
        """Something is started on a path, and does not end with the call."""
        for arg in args:
            if arg.role.wants != "child" and not (arg.role.sink == "exec" and goes_on(self._t, state, arg)):
                continue
            names = self._t.names(state, arg.operand) + held(state, arg.operand)
            wanted = {r for r, f, h in names if h in _HANDLES and f.state == LIVE and r.kind not in ("fd", "seed")}
            for resource in in_order(frozenset(wanted)):
                ended = self._removed_at_once(state, event, resource)
                if ended is not None:
                    site, scope = ended
                    at = Place(event.site, row.name)
                    self._recorder.add(UsedIn(resource, DELETED, "path", "outlives", at, site, scope, sure=True))

    def _removed_at_once(self, state: State, event: ev.Call, resource: Resource) -> tuple[Site, bool] | None:
        """Where the path goes, and whether that is the end of its `with`."""
        for other in self._following(event):
            if isinstance(other, ev.Exit):
                held_by = [(r, h) for r, _, h in self._t.names(state, other.manager)]
                if any(r == resource and h in _OBJECTS for r, h in held_by):
                    deletes = resource.kind == "dirobject" or resource.deletes
                    return (other.site, True) if deletes else None
                if other.manager == event.dst or not held_by:
                    return None  # leaving it may wait
            elif isinstance(other, ev.Enter | ev.Yield | ev.Raise):
                return None
            elif isinstance(other, ev.Call):
                row = self._row(state, other)
                if row is not None and self._ends(state, other, row, resource):
                    return other.site, False
                if row is None or row.raises or row.never or row.name in self._t.file.policies.waiting:
                    return None
        return None

    def _row(self, state: State, call: ev.Call) -> Row | None:
        if call.callee is not None:
            return self._t.file.models.get(call.callee)
        for _, _, handle in self._t.names(state, call.receiver):
            row = self._t.file.models.method(handle, call.method or "")
            if row is not None:
                return row
        return None

    def _ends(self, state: State, call: ev.Call, row: Row, resource: Resource) -> bool:
        """Whether a call removes the path, or closes the object that removes it."""
        deletes = [arg.operand for arg in arguments(call, row) if arg.role.does == "deletes"]
        if row.receiver is not None and row.receiver.does == "deletes":
            deletes.append(call.receiver or "")
        if any(r == resource and h in ("path", "dirobject") for o in deletes for r, _, h in self._t.names(state, o)):
            return True
        closes = row.receiver is not None and row.receiver.does == "closes" and resource.deletes
        return closes and any(r == resource and h == "object" for r, _, h in self._t.names(state, call.receiver))

    def _following(self, event: ev.Call) -> Iterator[ev.Event]:
        """The events behind a call, as long as there is only one way."""
        blocks = self._t.function.blocks
        number = self._recorder.under_way[0]
        start = next((i for i, other in enumerate(blocks[number].events) if other is event), 0) + 1
        for _ in range(len(blocks)):
            yield from blocks[number].events[start:]
            if len(blocks[number].edges) != 1:
                return
            number, start = blocks[number].edges[0].target, 0
