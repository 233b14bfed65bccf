"""Calls that cannot work because they are given another handle of a temporary than they want.

Only what is certain counts: the place must hold one value of a known sort on every way that leads there. A value that
came through a parameter, a container of unknown make or another file's function is silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import Argument, Target, arguments, given
from tempsafe_lint.flow.observations import CannotWork, Dropped, Place, WrongHandle, Wrote
from tempsafe_lint.flow.removals import sure_to_fail
from tempsafe_lint.flow.values import HERE, LIVE, Fact, Opened, Resource, Typed
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Row

if TYPE_CHECKING:
    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.places import Names
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer

#: A mode of `open` that nobody would take for a suffix: two characters or more.
_MODE = re.compile(r"[rwax](?:b|t|\+|b\+|\+b|t\+|\+t)")
#: Roles that want a path even where the row names no sink.
_ON_PATHS = ("deletes", "checks", "below", "above")
#: Sinks that take a list of arguments or a number as well as a path.
_ANYTHING = ("exec",)


class Handles:
    """Looks at the events of one function, in the last pass."""

    def __init__(self, transfer: Transfer, recorder: Recorder) -> None:
        self._t = transfer
        self._recorder = recorder

    # -- what is seen at a call --------------------------------------------------------------------------------------

    def call(self, state: State, event: ev.Call, target: Target, row: Row, args: list[Argument]) -> None:
        """Everything that is wrong with the handles that a call is given."""
        for arg in args:
            if arg.role.does == "deletes":
                self._deletes(state, event, row, arg)
            if arg.role.wants == "fd":
                self._wants_number(state, event, row, arg)
            if arg.role.does == "writes":
                self._writes(state, event, arg.operand, arg.role.value, row.name)
            self._tuple(state, event, row, arg)
            self._nameless(state, event, row, arg)
        if event.method is not None:
            self._method(state, event)
            if row.receiver is not None and row.receiver.does == "writes":
                value = self._t.types.of(event.args[0]) if event.args else None
                self._writes(state, event, event.receiver, value, row.name)
        if row.never:
            self._unreached(state, event)

    def _unreached(self, state: State, event: ev.Call) -> None:
        """Removals that stand behind a call that does not return, in the same row of statements."""
        events = self._t.function.blocks[self._recorder.under_way[0]].events
        start = next((i for i, other in enumerate(events) if other is event), len(events))
        for other in events[start + 1 :]:
            row = self._t.file.models.get(other.callee) if isinstance(other, ev.Call) else None
            for arg in arguments(other, row) if isinstance(other, ev.Call) and row is not None else ():
                paths = [r for r, _, h in self._t.names(state, arg.operand) if h == "path" and r.kind != "seed"]
                if arg.role.does == "deletes" and paths:
                    at = Place(other.site, row.name if row is not None else "")
                    self._recorder.add(CannotWork(paths[0], "unreached", at, None, False))

    def _deletes(self, state: State, event: ev.Call, row: Row, arg: Argument) -> None:
        """A removal that is given the object, or the number, where it wants the path."""
        found = self._certain(state, arg.operand)
        if found is None:
            return
        resource, handle = found
        if handle in ("object", "dirobject", "fd"):
            at = Place(event.site, row.name)
            self._recorder.add(CannotWork(resource, handle, at, arg.site, handle != "fd" and resource.named))
        elif arg.role.wants == "file" and resource.kind == "dir" and self._stays(state, event, arg.operand):
            self._recorder.add(CannotWork(resource, "dir", Place(event.site, row.name), None, False))

    def _stays(self, state: State, event: ev.Call, operand: ev.Operand) -> bool:
        """Whether what removes files only is given a directory, on every way, and nobody catches what it raises."""
        names = self._t.names(state, operand)
        as_made = all(f.state == LIVE and not f.by and h == "path" for _, f, h in names)
        return as_made and all(sure_to_fail(self._t.function, event, r) for r, _, _ in names)

    def _wants_number(self, state: State, event: ev.Call, row: Row, arg: Argument) -> None:
        found = self._certain(state, arg.operand)
        if found is not None and found[1] in ("path", "object"):
            use = "path-as-number" if found[1] == "path" else "object-as-number"
            self._recorder.add(WrongHandle(found[0], use, row.name, Place(event.site, row.name)))

    def _tuple(self, state: State, event: ev.Call, row: Row, arg: Argument) -> None:
        """The pair of descriptor and path where a path is wanted."""
        wanted = (arg.role.sink is not None and arg.role.sink not in _ANYTHING) or arg.role.does in _ON_PATHS
        if wanted and arg.parameter != "*" and isinstance(arg.operand, str):
            resource = self._pair(state, arg.operand)
            if resource is not None:
                self._recorder.add(WrongHandle(resource, "tuple", row.name, Place(event.site, row.name)))

    def _pair(self, state: State, place: str) -> Resource | None:
        """The descriptor's resource if a place is certainly what the maker returned: both results of one call."""
        if state.named(place) or place in state.env:
            return None
        first, second = state.named(f"{place}[0]"), state.named(f"{place}[1]")
        sorts = state.env.get(f"{place}[0]"), state.env.get(f"{place}[1]")
        if sorts != (frozenset({Typed("fd")}), frozenset({Typed("str")})):
            return None
        sites = {r.site for r, _, _ in first + second}
        return first[0][0] if first and second and len(sites) == 1 else None

    def _nameless(self, state: State, event: ev.Call, row: Row, arg: Argument) -> None:
        """`name` of an object that has no path. Whoever only asks whether it is there may ask by the number, too."""
        if arg.role.sink is None and (arg.role.does not in _ON_PATHS or arg.role.does == "checks"):
            return
        names = self._t.names(state, arg.operand)
        is_number = bool(names) and all(handle == "number" for *_, handle in names)
        if is_number and not self._sorted(arg.operand):
            self._recorder.add(WrongHandle(names[0][0], "no-path", row.name, Place(event.site, row.name)))

    def _sorted(self, operand: ev.Operand) -> bool:
        """Whether the function asks what sort of value it is: it can tell a number from a path."""
        sorts = self._t.file.policies.proof["sorts"]
        events = (event for block in self._t.function.blocks for event in block.events)
        return any(isinstance(e, ev.Call) and e.callee in sorts and e.args[:1] == (operand,) for e in events)

    def _method(self, state: State, event: ev.Call) -> None:
        """A method that the value does not have."""
        found = self._certain(state, event.receiver)
        if found is None:
            return
        resource, handle = found
        models, method = self._t.file.models, event.method or ""
        at = Place(event.site, method)
        if handle == "fd" and models.method("object", method) is not None and not hasattr(0, method):
            self._recorder.add(WrongHandle(resource, "number-method", method, at))
        elif handle == "path" and not hasattr("", method):
            known = [models.method(kind, method) for kind in ("path", "object", "dirobject")]
            if any(row is not None for row in known):
                self._recorder.add(WrongHandle(resource, "text-method", method, at))

    def arguments(self, event: ev.Call, row: Row) -> None:
        """What is wrong with the arguments of a maker by themselves: a mode where it wants a suffix."""
        if not row.makes or row.opens is not None:
            return
        suffix = given(event, row, "suffix")
        if isinstance(suffix, ev.Const) and isinstance(suffix.value, str) and _MODE.fullmatch(suffix.value):
            made = Resource(event.site, 0, row.makes[0].kind, row.name)
            self._recorder.add(WrongHandle(made, "mode-as-suffix", suffix.value, Place(event.site, row.name)))

    def _writes(self, state: State, event: ev.Call, operand: ev.Operand | None, value: str | None, what: str) -> None:
        """What is written to an object, beside the mode that it was opened in."""
        names = [n for n in self._t.names(state, operand) if n[2] == "object"]
        if not names:
            return
        atoms = state.env.get(operand) if isinstance(operand, str) else None
        resource = names[0][0]
        at = Place(event.site, what)
        opened = next(iter(atoms)) if atoms is not None and len(atoms) == 1 else None
        if not isinstance(opened, Opened):
            self._recorder.writes.setdefault(resource, set()).add(None)
            return
        if not set(opened.mode) & set("wax+"):
            self._recorder.add(WrongHandle(resource, "read-only", opened.mode, at))
            return
        self._recorder.writes.setdefault(resource, set()).add(value)
        wanted = "bytes" if "b" in opened.mode else "str"
        if value in ("str", "bytes") and value != wanted:
            self._recorder.add(Wrote(resource, value, opened.mode, at, opened.site, opened.position))

    # -- what is seen elsewhere --------------------------------------------------------------------------------------

    def load(self, state: State, event: ev.Load) -> None:
        """`.name` of plain text; the name of an object that nobody holds."""
        if not isinstance(event.src, str) or "." not in event.src:
            return
        base, _, attribute = event.src.rpartition(".")
        if base.startswith("%") and event.how not in ("compare", "test") and not self._only_mentioned(event):
            for resource in dropped(self._t.names(state, event.src), base):
                self._recorder.add(Dropped(resource, attribute, Place(event.site, attribute)))
        found = self._certain(state, base)
        if found is None:
            return
        resource, handle = found
        rows = [self._t.file.models.method(kind, attribute) for kind in ("object", "dirobject")]
        gives = any(row is not None and row.gives is not None for row in rows)
        if handle == "path" and gives and not hasattr("", attribute):
            self._recorder.add(WrongHandle(resource, "text-attribute", attribute, Place(event.site, attribute)))

    def _only_mentioned(self, event: ev.Load) -> bool:
        """Whether the next event that has the place makes another text of it, shows it or asks for it."""
        events = self._t.function.blocks[self._recorder.under_way[0]].events
        start = next((i for i, other in enumerate(events) if other is event), len(events))
        for other in events[start + 1 :]:
            if isinstance(other, ev.Call) and event.src in (*other.args, *(v for _, v in other.kwargs)):
                row = self._t.file.models.get(other.callee)
                roles = {a.role.does for a in arguments(other, row) if a.operand == event.src} if row else set()
                return bool(roles) and roles <= {"mentions", "shows", "checks"}
            if isinstance(other, ev.Call) and other.receiver == event.src:
                row = self._t.file.models.method("path", other.method or "")
                return row is not None and row.receiver is not None and row.receiver.does in ("mentions", "checks")
        return False

    def divided(self, state: State, event: ev.Text) -> None:
        """`text / "x"`: only a path object can be divided."""
        found = self._certain(state, event.parts[0]) if event.how == "/" and event.parts else None
        second = event.parts[1] if len(event.parts) > 1 else None
        if found is not None and found[1] == "path" and isinstance(second, ev.Const) and isinstance(second.value, str):
            self._recorder.add(WrongHandle(found[0], "text-divided", "/", Place(event.site, "/")))

    def enter(self, state: State, event: ev.Enter) -> None:
        """A number or a pair as a context manager."""
        if not isinstance(event.manager, str):
            return
        pair = self._pair(state, event.manager)
        found = self._certain(state, event.manager)
        if pair is not None:
            self._recorder.add(WrongHandle(pair, "context", "tuple", Place(event.site, "with")))
        elif found is not None and found[1] in ("fd", "path"):
            self._recorder.add(WrongHandle(found[0], "context", found[1], Place(event.site, "with")))

    def _certain(self, state: State, operand: ev.Operand | None) -> tuple[Resource, str] | None:
        """What an operand is on every way that leads here: one resource, held one way, of a sort that is known."""
        if not isinstance(operand, str):
            return None
        atoms = state.env.get(operand)
        if atoms is None or len(atoms) != 1:
            return None
        names = self._t.names(state, operand)
        if not names:
            return None
        sort = next(iter(atoms))
        handles = {handle for *_, handle in names}
        wanted = {"str": {"path"}, "fd": {"fd"}, "dirobject": {"dirobject"}}.get(
            sort.sort if isinstance(sort, Typed) else "", {"object"} if isinstance(sort, Opened) else set()
        )
        return (names[0][0], next(iter(handles))) if handles == wanted else None


def dropped(names: Names, place: str) -> Iterator[Resource]:
    """Resources whose path is asked of an object that only a temporary holds: it is gone when the path is known."""
    for resource, fact, handle in names:
        if handle == "path" and _gone_with_it(resource, fact, place):
            yield resource


def _gone_with_it(resource: Resource, fact: Fact, place: str) -> bool:
    if not (resource.kind == "dirobject" or (resource.kind == "object" and resource.deletes)):
        return False
    if fact.moved != HERE or fact.entered or not resource.duty:
        return False
    holders = {p for p, h in fact.aliases if h in ("object", "dirobject")}
    return bool(holders) and holders == {place}
