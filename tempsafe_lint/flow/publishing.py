"""A temporary that is written in one `with` and renamed at once: what one call that publishes can take the place of.

Two shapes: the `with` makes it and the next statement renames it; or a descriptor and a path are made, the next
statement enters the opened descriptor, and the one behind it renames the path.

Limits: all of them are siblings that follow one another; nothing else may mention the path or the descriptor, so code
with a clean-up of its own around it is left. Whether the target is text or bytes is not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import arguments, given, sink_of
from tempsafe_lint.flow.mentions import mentions, roots
from tempsafe_lint.flow.observations import Place, Published
from tempsafe_lint.flow.owners import MODULE
from tempsafe_lint.flow.stretch import Blocked, Look
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.values import Resource
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.models.schema import Row
    from tempsafe_lint.source import Site

_JUMPS = frozenset({"return", "break", "continue"})


def published(file: File, function: Function, resource: Resource) -> Published | Place | None:
    """What has to be known to publish the file in one call; a Place with the reason where it cannot be told.

    None where the code has not the shape.
    """
    if resource.kind != "file" or resource.statement < 0 or function.name == MODULE:
        return None
    try:
        return _Shape(file, function, resource).found()
    except Blocked as blocked:
        return blocked.place


class _Shape:
    """The statements around one creation."""

    def __init__(self, file: File, function: Function, resource: Resource) -> None:
        self.file, self.function, self.resource = file, function, resource
        self.look = Look(file, function, resource, frozenset())
        self.words = file.policies.publishing

    def found(self) -> Published | None:
        made = self.look.made
        block = made if made.kind == "with" else self._next(made)
        if block is None or block.kind != "with" or (block is not made and made.kind != "assign"):
            return None
        rename = self._next(block)
        enters = {(e.manager, e.dst, e.is_async) for e in self._of(block) if isinstance(e, ev.Enter)}
        if rename is None or rename.kind != "expr" or len(enters) != 1:
            return None
        ((manager, name, waits),) = enters
        opener = next((e for e in self._of(block) if isinstance(e, ev.Call) and e.dst == manager), None)
        if opener is None or opener.callee is None or waits or name not in self.function.variables:
            return None
        pair = self._pair(made) if block is not made else ("", "")
        if pair is None or (block is made) != (opener.site == self.resource.site):
            return None
        target = self._target(rename, pair[1], name)
        if target is None or target[0].split(".")[0] in (*pair, name):
            return None
        header = set().union(*(roots(self.file, event) for event in self._of(block)))
        if block is not made and (pair[1] in header or pair[0] not in opener.args[:1]):
            return None
        self._alone(made, block, rename, {name, *pair} - {""}, opener)
        self._body(block, name, target[0])
        keeps, mode = self._arguments(opener, pair[0])
        if block is not made:
            self._dropped(made, {*pair})
        syncs = any(isinstance(e, ev.Call) and e.callee in self.words["syncs"] for e in self._events(block))
        gone = made.site if block is not made else None
        (to,) = self.words["call"]
        return Published(gone, opener.site, target[1], keeps, mode, rename.site, to, syncs)

    def _of(self, statement: ev.Statement) -> list[ev.Event]:
        return list(self.look.events({statement.number}))

    def _events(self, statement: ev.Statement) -> list[ev.Event]:
        """Events of a statement and of all in it."""
        return list(self.look.events(self.look.inside([statement])))

    def _next(self, one: ev.Statement) -> ev.Statement | None:
        return next((s for s in self.look.table if s.suite == one.suite and s.index == one.index + 1), None)

    def _pair(self, made: ev.Statement) -> tuple[str, str] | None:
        """The variables of the descriptor and of the path."""
        results = {event.dst for event in mentions(self.file, self.function).calls.get(self.resource.site, ())}
        unpacked = {(e.index, e.dst) for e in self._of(made) if isinstance(e, ev.Unpack) and e.src in results}
        names = dict(unpacked)
        plain = len(unpacked) == 2 and set(names) == {0, 1} and set(names.values()) <= self.function.variables
        return (names[0], names[1]) if plain and names[0] != names[1] else None

    def _target(self, rename: ev.Statement, path: str, name: str) -> tuple[str, Site] | None:
        """The place that the path is renamed to, and where it is written."""
        calls = {event.site: event for event in self._of(rename) if isinstance(event, ev.Call)}
        if len(calls) != 1:
            return None
        (call,) = calls.values()
        row = self.file.models.get(call.callee)
        args = arguments(call, row) if row is not None else []
        if len(args) != 2 or call.star or call.starred or call.awaited:
            return None
        moved = next((a for a in args if a.role.wants == "device" and a.role.does == "takes"), None)
        goal = next((a for a in args if a is not moved and a.role.sink == "write"), None)
        if moved is None or goal is None or not isinstance(goal.operand, str) or not isinstance(moved.operand, str):
            return None
        if moved.operand != path:
            base, _, attribute = moved.operand.rpartition(".")
            known = self.file.models.method("object", attribute) if base == name and not path else None
            if known is None or known.gives != "path":
                return None
        if set(goal.operand) & set("%[@"):
            raise Blocked("the target is more than a name", goal.site)
        return goal.operand, goal.site

    def _alone(
        self, made: ev.Statement, block: ev.Statement, rename: ev.Statement, names: set[str], opener: ev.Call
    ) -> None:
        """Raises Blocked where something else mentions the path, the descriptor or the object."""
        inside = self.look.inside([block])
        file = {e.dst for e in self._of(block) if isinstance(e, ev.Enter)}
        for event in mentions(self.file, self.function).events:
            met = roots(self.file, event) & names
            if event.statement in (made.number, block.number, rename.number):
                continue
            if event.statement in inside:
                met -= file
            if met:
                raise Blocked("it is mentioned again here", event.site)
        bound = self.look.bound({made.number, block.number, rename.number})
        if bound != names:
            raise Blocked("more than the file gets a name here", opener.site)

    def _body(self, block: ev.Statement, name: str, target: str) -> None:
        """Raises Blocked where the body does what is different when the target is named before it."""
        inner = self.look.inside([block]) - {block.number}
        for number in inner:
            if self.look.table[number].kind in _JUMPS:
                raise Blocked("it is not moved to its place on this way", self.look.table[number].site)
        parts = target.split(".")
        if self.look.bound(self.look.inside([block])) & set(parts):
            raise Blocked("the target is named in the block", block.site)
        if self.look.moves([block]):
            raise Blocked("the block changes the current directory", block.site)
        for event in self.look.events(inner):
            if isinstance(event, ev.Call) and event.callee in self.file.policies.proof["frames"]:
                raise Blocked("every name is shown here", event.site)
            met = roots(self.file, event)
            if name in met and not self._plain_use(event, name):
                raise Blocked("the file is more than written to here", event.site)
            if isinstance(event, ev.Yield) or (len(parts) > 1 and parts[0] in met and not isinstance(event, ev.Load)):
                raise Blocked("the target may be another one after this", event.site)
            row = self.file.models.get(event.callee) if isinstance(event, ev.Call) else None
            if row is not None and isinstance(event, ev.Call):
                sinks = {sink_of(event, row, arg.role) for arg in arguments(event, row)}
                if sinks & {"mode", "create", "bind"}:
                    raise Blocked("a mode is set, or something else made, in the block", event.site)

    def _plain_use(self, event: ev.Event, name: str) -> bool:
        """Whether the object is only called on or handed to a call."""
        if isinstance(event, ev.Load):
            return event.src == name
        if not isinstance(event, ev.Call):
            return False
        given_to = (event.receiver, *event.args, *event.starred, *(value for _, value in event.kwargs))
        return not any(isinstance(one, str) and one.startswith((f"{name}.", f"{name}[")) for one in given_to)

    def _arguments(self, opener: ev.Call, handle: str) -> tuple[tuple[tuple[str, Site], ...], str]:
        """What the opening call is given that goes on, and the mode that it has by default."""
        row = self.file.models.get(opener.callee)
        if row is None or row.opens is None or opener.star or opener.starred:
            raise Blocked("what opens it is not known", opener.site)
        mode = given(opener, row, "mode") or ev.Const(row.opens)
        if not isinstance(mode, ev.Const) or mode.value not in self.words["modes"]:
            raise Blocked("it is not opened for writing alone", opener.site)
        keeps = []
        for argument in arguments(opener, row):
            if argument.parameter in self.words["keeps"]:
                keeps.append((argument.parameter, argument.site))
            elif argument.parameter not in self.words["drops"] and argument.operand != handle:
                raise Blocked(f"`{argument.parameter}` has no counterpart", argument.site)
        self._known(opener, row)
        return tuple(keeps), "" if any(name == "mode" for name, _ in keeps) else str(mode.value)

    def _dropped(self, made: ev.Statement, pair: set[str]) -> None:
        """Raises Blocked where the statement that goes does more than to make the file."""
        for event in self._of(made):
            if isinstance(event, ev.Call):
                row = self.file.models.get(event.callee)
                if row is None:
                    raise Blocked("what is called here is not known", event.site)
                if event.site == self.resource.site:
                    self._known(event, row)
            elif isinstance(event, (ev.Store, ev.Yield)):
                raise Blocked("it is made as a part of this statement", made.site)

    def _known(self, call: ev.Call, row: Row) -> None:
        if call.star or call.starred or any(arg.parameter == "*" for arg in arguments(call, row)):
            raise Blocked("it is not known what is asked for here", call.site)
