"""A temporary that is written in one `with` and renamed at once: what one call that publishes can take the place of.

Three shapes: the `with` makes it and the next statement renames it; or a descriptor and a path are made, the next
statement enters the opened descriptor, and the one behind it renames the path; or these two stand in a `try` whose only
handler removes the path and raises again. Without a `try`, a statement of its own may give the file a mode, between
the two or as the last of the block.

Limits: all of them are siblings that follow one another; nothing else may mention the path or the descriptor. The mode
is a number or a name, since it is asked for before the block then.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import Argument, arguments, given, sink_of
from tempsafe_lint.flow.mentions import mentions, roots
from tempsafe_lint.flow.observations import Place, Published
from tempsafe_lint.flow.owners import MODULE
from tempsafe_lint.flow.spills import spills_here
from tempsafe_lint.flow.stretch import Blocked, Look
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        #: Variables of which the target is an attribute: who has one can change what the target is.
        self.deep: set[str] = set()

    def found(self) -> Published | None:
        made = self.look.made
        block = made if made.kind == "with" else self._next(made)
        guard = block if block is not None and block is not made and block.kind == "try" else None
        if guard is not None:
            block = self._guarded(guard)
        if block is None or block.kind != "with" or (block is not made and made.kind != "assign"):
            return None
        rename, between = self._behind(block)
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
        change = between or (self._last_in(block) if guard is None else None)
        perms = self._mode(change, block, pair[1], name) if change is not None else None
        if perms is None and between is not None:
            return None
        shown = next((e for e in self._all() if isinstance(e, ev.Call) and spills_here(self.file, e)), None)
        if shown is not None:
            raise Blocked("every name is shown here", shown.site)
        target = self._target(rename, pair[1], name)
        if target is None or target[0] & {*pair, name}:
            return None
        header = set().union(*(roots(event) for event in self._of(block)))
        if block is not made and (pair[1] in header or pair[0] not in opener.args[:1]):
            return None
        handler = self._undoing(guard, pair[1]) if guard is not None else frozenset[int]()
        if handler is None:
            return None
        left = frozenset({change.number}) if change is not None and perms is not None else frozenset[int]()
        self._alone(made, block, rename, {name, *pair} - {""}, opener, handler | left)
        plain = self._body(block, name, target[0], left)
        keeps, mode = self._arguments(opener, pair[0])
        if block is not made:
            self._dropped(made, {*pair})
        syncs = any(isinstance(e, ev.Call) and e.callee in self.words["syncs"] for e in self._events(block))
        gone = made.site if block is not made else None
        (to,) = self.words["call"]
        same = plain and not left and block is not made and self._beside(target[2]) and self._replaces(rename)
        around = None if guard is None else (guard.site, block.site)
        asked = (perms, change.site) if change is not None and perms is not None else None
        return Published(gone, opener.site, target[1], keeps, mode, rename.site, to, syncs, around, same, asked)

    def _behind(self, block: ev.Statement) -> tuple[ev.Statement | None, ev.Statement | None]:
        """The statement that has to be the rename, and the one before it that changes a mode, if there is one."""
        after = self._next(block)
        if after is None or after.kind != "expr" or not self._changes(after):
            return after, None
        return self._next(after), after

    def _last_in(self, block: ev.Statement) -> ev.Statement | None:
        """The last statement of the block, if it changes a mode and is not all that the block has."""
        body = [s for s in self.look.table if s.parent == block.number and s.part == "body"]
        last = max(body, key=lambda s: s.index, default=block)
        return last if len(body) > 1 and last.kind == "expr" and self._changes(last) else None

    def _changes(self, statement: ev.Statement) -> dict[Site, tuple[ev.Call, Argument]]:
        """The calls of a statement that change a mode, each with the argument that says of what."""
        return {call.site: (call, of) for call in self._calls(statement) for of in self._changed(call)}

    def _calls(self, statement: ev.Statement) -> Iterator[ev.Call]:
        return (event for event in self._of(statement) if isinstance(event, ev.Call))

    def _changed(self, call: ev.Call) -> list[Argument]:
        row = self.file.models.get(call.callee)
        args = arguments(call, row) if row is not None else []
        return [arg for arg in args if row is not None and sink_of(call, row, arg.role) == "mode"]

    def _mode(self, change: ev.Statement, block: ev.Statement, path: str, name: str) -> Site | None:
        """Where the mode is written that a statement gives to the file, which is all it does; None if it is not so.

        Raises Blocked where the mode may be another one before the block.
        """
        (call, what), *others = self._changes(change).values()
        row = self.file.models.get(call.callee)
        rest = [arg for arg in arguments(call, row) if arg.site != what.site] if row is not None else []
        asks = next((e for e in self._calls(change) if e.dst == what.operand), None)
        extra = [e for e in self._of(change) if e.site != call.site and not isinstance(e, ev.Load) and e is not asks]
        if others or extra or call.star or call.starred or call.awaited or [arg.parameter for arg in rest] != ["mode"]:
            return None
        inside = change.suite != block.suite
        if what.operand != path and not self._is_file(what.operand, asks, name, path, inside=inside):
            return None
        mode = rest[0].operand
        number = isinstance(mode, ev.Const) and type(mode.value) is int
        named = isinstance(mode, ev.Dotted) or (isinstance(mode, str) and mode.isidentifier())
        held = self._inside(block) | {self.look.made.number}
        if not number and not named:
            raise Blocked("the mode is computed here", rest[0].site)
        if isinstance(mode, ev.Const) and isinstance(mode.value, int) and mode.value & stat.S_IWOTH:
            raise Blocked("everybody may write to it by this mode", rest[0].site)  # to be told, not to be hidden
        if named and (mode in self.look.bound(held) or any(self.look.table[n].kind == "import" for n in held)):
            raise Blocked("the mode gets its name in the block", rest[0].site)
        return rest[0].site

    def _is_file(self, what: ev.Operand, asks: ev.Call | None, name: str, path: str, *, inside: bool) -> bool:
        """Whether it is the path, or the descriptor while that is open, as the object `name` tells it."""
        if asks is not None:
            row = self.file.models.method("object", asks.method or "")
            plain = asks.receiver == name and not (asks.args or asks.kwargs or asks.star or asks.starred)
            return inside and plain and row is not None and row.value == "fd"
        base, _, attribute = what.rpartition(".") if isinstance(what, str) else ("", "", "")
        known = self.file.models.method("object", attribute) if base == name and (inside or not path) else None
        return known is not None and known.gives == "path"

    def _guarded(self, guard: ev.Statement) -> ev.Statement | None:
        """The `with` in a `try` that holds it and the statement behind it, and has one handler and nothing else."""
        inner = [s for s in self.look.table if s.parent == guard.number]
        body = sorted((s for s in inner if s.part == "body"), key=lambda s: s.index)
        parts = {s.part for s in inner}
        return body[0] if len(body) == 2 and len(parts) == 2 and any(p.startswith("handler") for p in parts) else None

    def _undoing(self, guard: ev.Statement, path: str) -> frozenset[int] | None:
        """The statements of a handler that removes the path and raises again; None where it does more, or less."""
        inner = [s for s in self.look.table if s.parent == guard.number and s.part != "body"]
        inner.sort(key=lambda s: s.index)
        handler = frozenset(n for s in inner for n in self._inside(s))
        raises = [e for e in self._of(inner[-1]) if isinstance(e, ev.Raise)]
        again = inner[-1].kind == "raise" and all(e.src in (None, ev.EXCEPTION) for e in raises)
        caught = [e for e in self._of(guard) if isinstance(e, ev.Bind) and e.src == ev.EXCEPTION]
        calls = [e for e in self.look.events(handler) if isinstance(e, ev.Call)]
        removing = {e.site for e in calls if self._removes(e, path)}
        quiet = {e.site for e in calls if e.callee in self.words["quiet"]}
        if not again or caught or len(removing) != 1 or {e.site for e in calls} - removing - quiet:
            return None
        return handler

    def _under(self, number: int, tops: set[int]) -> bool:
        return any(statement.number in tops for statement in self.look.above(number))

    def _removes(self, call: ev.Call, path: str) -> bool:
        row = self.file.models.get(call.callee)
        args = arguments(call, row) if row is not None else []
        return len(args) == 1 and args[0].operand == path and args[0].role.does == "deletes"

    def _replaces(self, rename: ev.Statement) -> bool:
        """Whether the call takes the place of what is there on every system."""
        return any(isinstance(e, ev.Call) and e.callee in self.words["replaces"] for e in self._of(rename))

    def _beside(self, target: ev.Operand) -> bool:
        """Whether the temporary is made in the directory of the target, and that is all that is said about it."""
        for event in self.look.events({self.look.made.number}):
            row = self.file.models.get(event.callee) if isinstance(event, ev.Call) else None
            if not isinstance(event, ev.Call) or event.site != self.resource.site or row is None:
                continue
            asked = mentions(self.file, self.function).binders.get(str(given(event, row, "dir")), [])
            return bool(asked) and all(
                isinstance(e, ev.Call) and e.callee in self.words["parents"] and e.args == (target,) for e in asked
            )
        return False

    def _of(self, statement: ev.Statement) -> list[ev.Event]:
        return list(self.look.events({statement.number}))

    def _events(self, statement: ev.Statement) -> list[ev.Event]:
        """Events of a statement and of all in it."""
        return list(self.look.events(self._inside(statement)))

    def _all(self) -> list[ev.Event]:
        return mentions(self.file, self.function).events

    def _inside(self, statement: ev.Statement) -> frozenset[int]:
        """Numbers of a statement and of all in it."""
        return frozenset(s.number for s in self.look.table if self._under(s.number, {statement.number}))

    def _next(self, one: ev.Statement) -> ev.Statement | None:
        return next((s for s in self.look.table if s.suite == one.suite and s.index == one.index + 1), None)

    def _pair(self, made: ev.Statement) -> tuple[str, str] | None:
        """The variables of the descriptor and of the path."""
        results = {event.dst for event in mentions(self.file, self.function).calls.get(self.resource.site, ())}
        unpacked = {(e.index, e.dst) for e in self._of(made) if isinstance(e, ev.Unpack) and e.src in results}
        names = dict(unpacked)
        plain = len(unpacked) == 2 and set(names) == {0, 1} and set(names.values()) <= self.function.variables
        return (names[0], names[1]) if plain and names[0] != names[1] else None

    def _target(self, rename: ev.Statement, path: str, name: str) -> tuple[set[str], Site, ev.Operand] | None:
        """The names in what the path is renamed to, where that is written, and its operand."""
        events = self._of(rename)
        calls = {event.site: event for event in events if isinstance(event, ev.Call)}
        found = [(c, *how) for c in calls.values() if (how := self._renames(c, path, name)) is not None]
        if len(found) != 1:
            return None
        ((call, goal, site),) = found
        if call.star or call.starred or call.awaited or not isinstance(goal, str):
            return None
        wrapped = call.receiver if self._is_path(call.receiver, path) else None
        moved = {*path.split("."), *name.split(".")} - {""}
        names = {part for part in goal.split("[")[0].split(".") if part[0] not in "%@"}
        for event in events:
            if event is call or getattr(event, "dst", None) == wrapped or event.site == call.site:
                continue
            row = self.file.models.get(event.callee) if isinstance(event, ev.Call) else None
            met = {root for root in roots(event, written=False) if root[0] not in "%@"}
            if not isinstance(event, ev.Load):
                if (not isinstance(event, ev.Text) and (row is None or row.text is None)) or met & moved:
                    raise Blocked("the target is more than a path that is there before", site)
            elif isinstance(event.src, str) and "." in event.src:
                self.deep.add(event.src.split(".")[0])
            names |= met - moved
        return names, site, goal

    def _renames(self, call: ev.Call, path: str, name: str) -> tuple[ev.Operand, Site] | None:
        """What the path is renamed to by a call, and where that is written; None if it does not."""
        row = self.file.models.get(call.callee)
        if row is None and call.method is not None and self._is_path(call.receiver, path):
            row = self.file.models.method("path", call.method)
            if row is None or row.receiver is None or row.receiver.wants != "device" or call.kwargs:
                return None
            return (call.args[0], call.arg_sites[0]) if len(call.args) == 1 else None
        args = arguments(call, row) if row is not None else []
        moved = next((a for a in args if a.role.wants == "device" and a.role.does == "takes"), None)
        goal = next((a for a in args if a is not moved and a.role.sink == "write"), None)
        if len(args) != 2 or moved is None or goal is None or not isinstance(moved.operand, str):
            return None
        if moved.operand != path:
            base, _, attribute = moved.operand.rpartition(".")
            known = self.file.models.method("object", attribute) if base == name and not path else None
            if known is None or known.gives != "path":
                return None
        return goal.operand, goal.site

    def _is_path(self, receiver: ev.Operand | None, path: str) -> bool:
        """Whether a value is a path object that is made of the path in this expression."""
        made = mentions(self.file, self.function).binders.get(receiver, []) if isinstance(receiver, str) else []
        return bool(path and made) and all(
            isinstance(e, ev.Call) and e.callee in self.words["paths"] and e.args == (path,) for e in made
        )

    def _alone(
        self,
        made: ev.Statement,
        block: ev.Statement,
        rename: ev.Statement,
        names: set[str],
        opener: ev.Call,
        handler: frozenset[int],
    ) -> None:
        """Raises Blocked where something else mentions the path, the descriptor or the object."""
        inside = self._inside(block)
        file = {e.dst for e in self._of(block) if isinstance(e, ev.Enter)}
        for event in mentions(self.file, self.function).events:
            met = roots(event) & names
            if event.statement in (made.number, block.number, rename.number) or event.statement in handler:
                continue
            if event.statement in inside:
                met -= file
            if met:
                raise Blocked("it is mentioned again here", event.site)
        bound = self.look.bound({made.number, block.number, rename.number})
        if bound != names:
            raise Blocked("more than the file gets a name here", opener.site)

    def _body(self, block: ev.Statement, name: str, parts: set[str], left: frozenset[int]) -> bool:
        """Raises Blocked where the body, without what is `left` out, does what is different when the target is named
        before it.

        True where it does nothing but write to the file.
        """
        plain = True
        inner = self._inside(block) - {block.number} - left
        for number in inner:
            if self.look.table[number].kind in _JUMPS:
                raise Blocked("it is not moved to its place on this way", self.look.table[number].site)
        if self.look.bound(self._inside(block)) & parts:
            raise Blocked("the target is named in the block", block.site)
        moving = self.file.policies.proof["changes-directory"]
        if any(isinstance(event, ev.Call) and event.callee in moving for event in self._events(block)):
            raise Blocked("the block changes the current directory", block.site)
        for event in self.look.events(inner):
            met = roots(event)
            if name in met and not self._plain_use(event, name):
                raise Blocked("the file is more than written to here", event.site)
            if isinstance(event, ev.Yield) or (met & self.deep and not isinstance(event, ev.Load)):
                raise Blocked("the target may be another one after this", event.site)
            row = self.file.models.get(event.callee) if isinstance(event, ev.Call) else None
            if row is not None and isinstance(event, ev.Call):
                sinks = {sink_of(event, row, arg.role) for arg in arguments(event, row)}
                if sinks & {"mode", "create", "bind"}:
                    raise Blocked("a mode is set, or something else made, in the block", event.site)
            plain = plain and (not isinstance(event, ev.Call) or event.receiver == name or row is not None)
        return plain

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
