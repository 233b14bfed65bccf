"""Paths of temporary objects that go to another reader while the object is open, perhaps with data still in its buffer.

A callee without a row may flush or close what it is handed: an object that went there counts as clean. A rename moves
the file itself, and what is still in the buffer follows it; a move that may copy loses that. Not seen: data written by
the object's number.

What the program only iterates may be a generator: it reads when it is asked for an element, so that counts as the time
of the hand-over. Generators of the file are not looked into.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import Argument, Target, sink_of
from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.observations import Handed, Place
from tempsafe_lint.flow.places import Names, held
from tempsafe_lint.flow.values import LIVE, Fact, Opened, Resource
from tempsafe_lint.flow.words import remembers
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Row
from tempsafe_lint.records import replace
from tempsafe_lint.source import Site

if TYPE_CHECKING:
    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer

#: Sinks through which somebody else reads, and those that open the path at all.
_READING = frozenset({"open", "read", "exec", "load"})
_OPENING = _READING | {"write"}
#: What else may read it, as far as anybody knows.
_PERHAPS = frozenset({"unknown", "sends", "lends", "yield", "moves"})
#: How the address of a file begins.
_URLS = ("file://", "file:///", "file://localhost", "file://localhost/")
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
#: Statements that a new one can stand before without changing when it runs.
_PLAIN = frozenset({"expr", "assign", "return", "with", "annassign", "augassign"})


def note(state: State, place: ev.Operand | None, names: Names, does: str) -> bool:
    """Data goes into the buffer of an object, or out of it; true if that changed a fact of `names`."""
    if does == "writes":
        atoms = state.env.get(place, frozenset()) if isinstance(place, str) else frozenset()
        if any(isinstance(atom, Opened) and not atom.buffered for atom in atoms):
            return False
    elif does not in ("flushes", "uses", "unknown", "takes", "alias"):
        return False
    changed = False
    for resource, fact, handle in names:
        held_open = handle in ("object", "seed")
        if held_open and fact.dirty != (does == "writes") and fact in state.facts.get(resource, ()):
            state.replace(resource, fact, fact._replace(dirty=does == "writes"))
            changed = True
    return changed


class Handoffs:
    """Looks at the calls of one function, in the last pass."""

    def __init__(self, transfer: Transfer, recorder: Recorder) -> None:
        self._t = transfer
        self._recorder = recorder
        #: By variable: what is handed over when somebody iterates it.
        self._lazy: dict[str, list[Handed]] = {}

    def call(self, state: State, event: ev.Call, target: Target, row: Row, args: list[Argument]) -> None:
        """Paths among the arguments of a call, and the path that a method is called on."""
        what = row.name if not target.unknown else (event.callee or event.method or "")
        if target.receiver and row.receiver is not None:
            sink = sink_of(event, row, row.receiver)
            self._handed(state, target.receiver, sink or row.receiver.does, what, event)
        for arg in args:
            if arg.role.does == "unknown" and remembers(event, self._t.file.policies):
                continue
            names = self._t.names(state, arg.operand) + held(state, arg.operand)
            if not names:
                continue
            how = sink_of(event, row, arg.role) or arg.role.does
            if how == "takes" and arg.role.wants != "device" and any(a.role.sink == "write" for a in args):
                how = "moves"
            url = self._is_url(arg.operand)
            # Who gets the address of a file will open it, whatever the method is called.
            self._handed(state, names, "unknown" if url and how == "borrows" else how, what, event, url=url)

    def yielded(self, state: State, event: ev.Yield) -> None:
        """A path that a generator lends to whoever runs it."""
        if isinstance(event.src, str) and not any(h == "object" for *_, h in self._t.names(state, event.src)):
            self._handed(state, self._t.names(state, event.src), "yield", "yield", event)

    def iterated(self, state: State, event: ev.Load) -> None:
        """What a callee gave that may be a generator is iterated: it reads now."""
        for seen in self._lazy.get(event.src, ()) if isinstance(event.src, str) and event.how == "iterate" else ():
            facts = [fact for carrier in _carriers(state, seen.resource) for fact in state.facts[carrier]]
            if facts and all(fact.state == LIVE for fact in facts) and any(fact.dirty for fact in facts):
                self._recorder.add(seen)

    def _only_iterated(self, event: ev.Event) -> str:
        """The variable that takes the result of a call, if it is iterated and nothing else; else nothing."""
        index = mentions(self._t.file, self._t.function)
        result = str(getattr(event, "dst", ""))
        takers = [index.events[i] for i in index.at.get(result, ())]
        names = {taker.dst for taker in takers if isinstance(taker, ev.Bind) and taker.src == result}
        name = names.pop() if len(names) == 1 else ""
        wanted = [index.events[i] for i in index.at.get(name, ())]
        hows = {other.how for other in wanted if isinstance(other, ev.Load)}
        called = any(isinstance(other, ev.Call) and _on(other.receiver, name) for other in wanted)
        return name if hows == {"iterate"} and not called else ""

    def _is_url(self, operand: ev.Operand) -> bool:
        """Whether a text is the address of a file: whoever gets it opens the path in it."""
        made = self._t.types.binder(operand)
        first = made.parts[0] if isinstance(made, ev.Text) and made.parts else None
        return isinstance(first, ev.Const) and str(first.value).lower() in _URLS

    def _handed(self, state: State, names: Names, how: str, what: str, event: ev.Event, *, url: bool = False) -> None:
        if how not in _OPENING | _PERHAPS:
            return
        wanted = ("path", "mention", "beside") if how == "exec" else ("path", "beside") if url else ("path",)
        for resource in {r: None for r, _, handle in names if handle in wanted}:
            carriers = _carriers(state, resource)
            if not carriers:
                continue
            facts = [f for c in carriers for f in state.facts[c]]
            is_open = all(f.state == LIVE for f in facts)
            reads = is_open and (how in _READING or how not in _OPENING)
            dirty = reads and any(f.dirty for f in facts)
            reopened = is_open and resource.kind == "object" and resource.deletes and how != "moves"
            reopened = reopened and not resource.shareable
            if dirty or (reopened and how != "yield"):
                holder = _holder(facts)
                site = self._before(event, holder) if holder else None
                at = Place(event.site, what)
                sure = all(f.dirty for f in facts)
                seen = Handed(resource, how, at, dirty, sure, reopened and how != "yield", holder, site)
                name = self._only_iterated(event) if how == "unknown" and dirty else ""
                if name:
                    self._lazy.setdefault(name, []).append(seen)
                    seen = replace(seen, dirty=False)
                if seen.dirty or seen.reopened:
                    self._recorder.add(seen)

    def flush_before(self, state: State, event: ev.Call, resource: Resource) -> tuple[str, Site | None]:
        """A name of the object that is dirty on every way here, and the statement that a flush can stand before."""
        facts = [f for carrier in _carriers(state, resource) for f in state.facts[carrier]]
        holder = _holder(facts) if facts and all(f.dirty for f in facts) else ""
        return holder, self._before(event, holder) if holder else None

    def _before(self, event: ev.Event, holder: str) -> Site | None:
        """The statement that a flush can stand before: nothing in it writes to the object itself."""
        statements = self._t.function.statements
        if not 0 <= event.statement < len(statements) or statements[event.statement].kind not in _PLAIN:
            return None
        for block in self._t.function.blocks:
            for other in block.events:
                if other.statement == event.statement and isinstance(other, ev.Call) and other.receiver == holder:
                    return None
        return statements[event.statement].site


def _carriers(state: State, resource: Resource) -> list[Resource]:
    """The objects or descriptors that data on its way to a file goes through: made by the same call."""
    if resource.kind not in ("file", "object"):
        return []
    return [r for r in state.facts if r.site == resource.site and r.kind in ("object", "fd")]


def _on(operand: ev.Operand | None, name: str) -> bool:
    """Whether an operand is a variable or hangs on it."""
    return isinstance(operand, str) and (operand == name or operand.startswith((name + ".", name + "[")))


def _holder(facts: list[Fact]) -> str:
    """A name that certainly holds the object."""
    held_by = [{p for p, h in f.aliases if h == "object"} for f in facts]
    common = set.intersection(*held_by)
    return min((p for p in common if _NAME.fullmatch(p)), key=lambda p: (len(p), p), default="")
