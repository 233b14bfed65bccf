"""What a call with a row does to its arguments and its receiver, and what can be seen while it does."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from tempsafe_lint.flow import obligations as duty
from tempsafe_lint.flow.attempts import handles_opening, is_attempt
from tempsafe_lint.flow.calls import Argument, Target, given, sink_of
from tempsafe_lint.flow.handoffs import note
from tempsafe_lint.flow.modes import mask
from tempsafe_lint.flow.observations import PathSink, Place
from tempsafe_lint.flow.outputs import written
from tempsafe_lint.flow.places import Names, everything, held
from tempsafe_lint.flow.provenance import shared, tail
from tempsafe_lint.flow.removals import spares
from tempsafe_lint.flow.throwaway import happens
from tempsafe_lint.flow.told import promises, told_to_remove
from tempsafe_lint.flow.values import KEPT, LENT, MAYBE, MOVED, REGISTERED, SHOWN, PathText, Resource
from tempsafe_lint.flow.verified import verifies
from tempsafe_lint.flow.words import all_words, last_name, split, words_of
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Row
from tempsafe_lint.source import Site

if TYPE_CHECKING:
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer

#: One container is followed into so many things that were put into it one by one; what comes after may have an owner.
MOST_HELD = 40
#: What somebody does who makes a thing only where there is nothing.
CLAIMS = "claims"
#: Sinks that make what they are given.
_MAKING = ("create", "write", "bind")
#: Roles that change more than what an argument names, and those that the last pass takes note of by themselves.
_ANYHOW = frozenset({"masks", "holds"})
_NOTED = frozenset({"writes", "deletes", "checks"})


class Effects:
    """The effect of rows on arguments, in one function."""

    def __init__(self, transfer: Transfer) -> None:
        self._t = transfer

    def apply(self, state: State, event: ev.Call, row: Row, target: Target, args: list[Argument]) -> State | None:
        """Apply roles; the state in which the call raises (None if its row says that it does not)."""
        what = row.name if not target.unknown else (event.callee or event.method or "")
        if target.receiver is not None and row.receiver is not None:
            place = event.receiver if event.receiver is not None else ev.Const(None)
            self._apply(state, event, row, Argument("self", row.receiver, place, event.site), what, target.receiver)
            if row.receiver.does == "writes":
                self._told_to_remove(state, event, {resource for resource, _, _ in target.receiver})
        elif target.receiver and (target.unknown or row.name.startswith("any.")):
            seeds = [n for n in target.receiver if n[2] == "seed"]
            duty.move(state, seeds if target.unknown else [], MAYBE, event.site)
            # What only a name says may be something else: an object that has methods.
            duty.move(state, [n for n in target.receiver if not n[0].told and n[2] == "fd"], MAYBE, event.site)
            # An object that was given the path is told to end: it may take the path with it.
            if split(event.method or "") & (self._t.file.policies.removers | self._t.file.policies.closers):
                duty.move(state, [n for n in target.receiver if n[2] == "wrapped"], MAYBE, event.site)
        hanging = held(state, event.receiver) if row.receiver is None else []
        if hanging:
            self._asked(state, event, hanging)
        # A rename that fails leaves the thing where it was: this one hand-over is not done when it raises.
        roles = [arg.role.does for arg in args]
        moves = "takes" in roles and any(arg.role.sink == "write" for arg in args)
        before = state.copy() if moves and row.raises else None
        for argument in args:
            self._apply(state, event, row, argument, what, None)
        if before is not None:
            return before
        # Wrapping a descriptor that is open fails for a wrong mode only: no way out that matters.
        wraps = "alias" in roles and any(
            a.role.does == "alias" and any(h == "fd" for *_, h in self._t.names(state, a.operand)) for a in args
        )
        raises = self._t.file.policies.unknown_call_raises if target.unknown else row.raises
        if not raises or wraps:
            return None
        ending = [
            arg
            for arg, does in zip(args, roles, strict=True)
            if does == "deletes" or (does == "unknown" and self.removes(event, arg.operand))
        ]
        if not ending:
            return state
        raised = state.copy()
        for argument in ending:
            duty.not_sure_of(raised, self._t.names(raised, argument.operand), event.site)
        return raised

    @cached_property
    def _raised(self) -> set[ev.Operand | None]:
        """What `raise` is given somewhere in the function: a call that makes it tells whoever catches it."""
        events = (event for block in self._t.function.blocks for event in block.events)
        return {event.src for event in events if isinstance(event, ev.Raise) and event.kind == "raise"}

    def _apply(self, state: State, event: ev.Call, row: Row, arg: Argument, what: str, known: Names | None) -> None:
        names = known if known is not None else self._t.names(state, arg.operand)
        if not names and self._is_nothing(state, event, arg):
            return
        does = arg.role.does
        at = Place(event.site, what)
        recorder = self._t.recorder
        sink = sink_of(event, row, arg.role)
        if sink is not None or does == "deletes":
            duty.no_pair(state, held(state, arg.operand), at)
        if recorder is not None:
            self._t.file.scratch.note(self._t, state, arg, sink, does, at)
        if sink is not None and recorder is not None:
            observe_sink(self._t, state, arg, sink, at)
        exclusive = self._is_exclusive(event, row, arg)
        happens(self._t, state, event, row, arg, sink, claimed=exclusive)
        if sink in _MAKING and duty.recreate(state, names, at, recorder, exclusive=exclusive):
            return
        if recorder is not None:
            recorder.touch(names, sink or does)
            if sink in _MAKING:
                recorder.touch(names, CLAIMS if exclusive and row.name in self._t.file.policies.links else "makes")
            if does == "writes" and row.name in self._t.file.policies.proof["newline"]:
                recorder.touch(names, "newline")
            if does in ("writes", "deletes") and is_attempt(self._t.file, self._t.function, event):
                recorder.attempts.add(event.site)
            self._observe_use(state, arg, names, does, sink, at)
        if note(state, arg.operand, names, does):
            names = self._t.names(state, arg.operand)
        if does == "unknown" and recorder is not None and self.writes(event, arg.operand):
            observe_sink(self._t, state, arg, "given", at)
        if does == "unknown":
            duty.perhaps_remade(state, self._t.names(state, arg.operand) + held(state, arg.operand))
            names = self._t.names(state, arg.operand)
        if does == "unknown" and self.removes(event, arg.operand):
            duty.delete(state, names, at, recorder)
        elif does == "unknown" and self._with_remover(state, event, arg):
            self._register(state, arg, recorder, at)
        elif does == "unknown":
            handed = self._t.names(state, arg.operand) + held(state, arg.operand)
            owns = _is_special(event) or bool(all_words(event) & self._t.file.policies.keepers)
            how = MAYBE if owns or promises(self._t, event) else LENT
            if handed and event.dst in self._raised and self._t.file.policies.shown_announces:
                how = SHOWN
            duty.move(state, handed, how, event.site)
            inside = self._t.captured(state, arg.operand)
            if inside and recorder is not None:
                recorder.touch(inside, "unknown")  # whoever calls that may end it
            duty.move(state, inside, MAYBE, event.site)
        elif does == "closes":
            duty.close(state, names, at, self._statement_site(event), recorder)
        elif does == "deletes":
            files = arg.role.wants == "file" and spares(self._t.file, self._t.function, event)
            duty.delete(state, names, at, recorder, files=files)
        elif does == "takes":
            duty.move(state, everything(state, self._t.file.models, arg.operand), MOVED, event.site)
        elif does in ("registers", "enters"):
            self._register(state, arg, recorder, at)
        elif does == "shows" and self._t.file.policies.shown_announces:
            duty.move(state, names, SHOWN, event.site)
        elif does == "sends" or (sink == "exec" and self._launches(state, arg)):
            duty.move(state, names + held(state, arg.operand), MAYBE, event.site)
            duty.move(state, self._t.captured(state, arg.operand), MAYBE, event.site)
        elif does == "lends":
            self._lend(state, names + held(state, arg.operand), event)
        elif does == "masks":
            mask(state, arg.operand, event.site)
        elif does == "holds":
            self._hold(state, event, arg)
        if sink == "exec" or does == "unknown":
            duty.move(state, told_to_remove(self._t, state, arg.operand), MAYBE, event.site)

    def _is_nothing(self, state: State, event: ev.Call, arg: Argument) -> bool:
        """Whether nobody cares what a callee does with an argument that names nothing: most are so."""
        does, sink, operand = arg.role.does, arg.role.sink, arg.operand
        if does in _ANYHOW or held(state, operand) or self._t.captured(state, operand):
            return False
        if self._t.recorder is not None and (sink is not None or does in _NOTED):
            return False
        if does == "unknown" and self._t.recorder is not None and self.writes(event, arg.operand):
            return False
        return not (sink == "exec" or does == "unknown") or not told_to_remove(self._t, state, operand)

    def _asked(self, state: State, event: ev.Call, hanging: Names) -> None:
        """A method of an object that has something in its attributes: the object borrows that, or may end it."""
        policies = self._t.file.policies
        paths = [
            n
            for n in hanging
            if n[2] == "path" and any(p.rpartition(".")[0] == event.receiver for p, _ in n[1].aliases)
        ]
        ends = split(event.method or "") & (policies.removers | policies.closers)
        duty.move(state, paths, MAYBE if ends else LENT, event.site)

    def _is_exclusive(self, event: ev.Call, row: Row, arg: Argument) -> bool:
        """Whether a call fails where there is something already: policy.toml, exclusive."""
        policies = self._t.file.policies
        how = given(event, row, arg.role.mode) if arg.role.mode is not None else None
        if isinstance(how, ev.Const) and isinstance(how.value, str):
            return not policies.opening.isdisjoint(how.value)
        if isinstance(how, ev.Flags):
            return not policies.opening.isdisjoint(name.rpartition(".")[2] for name in how.names)
        told = any(name in policies.not_exclusive and value != ev.Const(False) for name, value in event.kwargs)
        return row.name in policies.exclusive and not told and not event.starred and len(event.args) <= 2

    def _told_to_remove(self, state: State, event: ev.Call, written: set[Resource]) -> None:
        """A script that has its own path behind a word that removes: whoever runs it ends it."""
        for operand in event.args:
            own = [(r, f, "path") for r, f, h in self._t.names(state, operand) if r in written and h == "mention"]
            if own and self._t.types.words(operand) & self._t.file.policies.removers:
                duty.move(state, own, MAYBE, event.site)

    def removes(self, event: ev.Call, operand: ev.Operand) -> bool:
        """Whether a callee without a row says by its name that it removes its first argument: policy.toml, removers."""
        if not event.args or operand is not event.args[0]:
            return False
        words = self._t.file.policies.removers
        return _are_said(words_of(event), words) or _are_said(self._t.types.key(event.func), words)

    def writes(self, event: ev.Call, operand: ev.Operand) -> bool:
        """Whether an imported function without a row says by its name that it writes to the path that it is given
        first: policy.toml, writers. A method may do so on another machine.
        """
        first = event.args[0] if event.args else None
        return event.callee is not None and operand is first and bool(words_of(event) & self._t.file.policies.writers)

    def _with_remover(self, state: State, event: ev.Call, arg: Argument) -> bool:
        """Whether a function that removes is handed over beside the path: whoever gets both will call it."""
        for operand in (*event.args, *(value for _, value in event.kwargs)):
            row = self._t.file.models.get(operand.name) if isinstance(operand, ev.Dotted) else None
            if row is not None and any(role.does in ("deletes", "closes") for role in row.args.values()):
                return operand is not arg.operand
        return False

    def _launches(self, state: State, arg: Argument) -> bool:
        """Whether a command only starts a program that goes on by itself: policy.toml, launchers."""
        first = f"{arg.operand}[0]"
        texts = self._t.texts.of(state, first if first in state.env else arg.operand, arg.site)
        words = {part.split()[0] for text in texts for part in text.parts[:1] if isinstance(part, str) and part.split()}
        return bool(words & self._t.file.policies.launchers)

    def _lend(self, state: State, names: Names, event: ev.Call) -> None:
        """Somebody who may outlive the function has it, but will not end it."""
        for resource, fact, _ in names:
            current = self._t.current(state, resource, fact)
            if current.left is None:
                state.replace(resource, current, current._replace(left=event.site))

    def _register(self, state: State, arg: Argument, recorder: duty.Recorder | None, at: Place) -> None:
        whole = everything(state, self._t.file.models, arg.operand) + self._t.captured(state, arg.operand)
        duty.move(state, whole, REGISTERED, at.site)
        if recorder is not None:
            for resource, _, handle in whole:
                if handle != "inside":
                    recorder.clean(resource, at)

    def _hold(self, state: State, event: ev.Call, arg: Argument) -> None:
        """Put something into a container: held there if the container is this function's own, else handed on."""
        base = event.receiver
        if not isinstance(base, str):
            # A container of another module: who drains it ends what is in it.
            duty.move(state, everything(state, self._t.file.models, arg.operand), MOVED, event.site)
            duty.move(state, self._t.captured(state, arg.operand), MOVED, event.site)
            return
        names = everything(state, self._t.file.models, arg.operand)
        root = base.split(".")[0].split("[")[0]
        own = root in self._t.function.variables and "." not in base
        parameters = {p.name for p in self._t.function.params}
        own = own and root not in parameters
        if len({resource for resource, _, _ in held(state, base)}) > MOST_HELD:
            duty.move(state, names, MAYBE, event.site)
            return
        for resource, fact, handle in names:
            state.add_alias(resource, self._t.current(state, resource, fact), f"{base}[*]", handle)
        if not own:
            fresh = everything(state, self._t.file.models, f"{base}[*]")
            words = split(root) & self._t.file.policies.command_lines
            kept = KEPT if root == "self" else LENT if words else MAYBE if root in parameters else MOVED
            duty.move(state, fresh, kept, event.site)
            duty.move(state, self._t.captured(state, arg.operand), MOVED, event.site)

    def _statement_site(self, event: ev.Event) -> Site | None:
        statements = self._t.function.statements
        function = self._t.function
        if not 0 <= event.statement < len(statements) or is_attempt(self._t.file, function, event):
            return None
        if handles_opening(self._t.file, function, event):
            return None
        return statements[event.statement].site

    # -- what can be seen --------------------------------------------------------------------------------------------

    def _observe_use(self, state: State, arg: Argument, names: Names, does: str, sink: str | None, at: Place) -> None:
        """A use of something that is closed or gone; showing or checking it is none."""
        if does in ("shows", "checks", "closes", "deletes", "same", "below", "above", "mentions", "registers", "holds"):
            return
        how = sink or does
        objects = [n for n in names if n[2] == "object"] if does in ("uses", "writes", "flushes", "alias") else []
        paths = [n for n in names + held(state, arg.operand) if n[2] in ("path", "inside")]
        if sink is None and does != "takes":
            paths = []
        if sink in _MAKING:
            paths = [n for n in paths if n[2] == "inside"]
        duty.uses(objects + paths, how, at, self._t.recorder)


def observe_sink(t: Transfer, state: State, arg: Argument, sink: str, at: Place) -> None:
    """A text in a shared directory reaches a call that wants a path."""
    operand = arg.operand
    if sink == "exec":
        for text in written(t.texts, state, operand, arg.site, t.file.policies.outputs):
            _observe(t, text, "write", at, False)
    if sink == "exec" and isinstance(operand, str) and f"{operand}[0]" in state.env:
        operand = f"{operand}[0]"
    texts = t.texts.of(state, operand, arg.site)
    atoms = state.env.get(operand, ()) if isinstance(operand, str) else ()
    sure = len(texts) == 1 and len(atoms) <= 1
    for text in texts:
        _observe(t, text, sink, at, sure)


def _observe(t: Transfer, text: PathText, sink: str, at: Place, sure: bool) -> None:
    found = shared(text, t.file.policies.directories)
    if found is not None and t.recorder is not None and not verifies(t.file, t.function):
        directory, rest, literal = found
        t.recorder.add(PathSink(text, directory, literal, tail(rest), sink, at, sure))


@lru_cache(maxsize=4096)
def _are_said(said: frozenset[str], words: frozenset[str]) -> bool:
    """Whether one of the words is among those said; a long one counts with any ending (`remover`, `removed`)."""
    long = tuple(word for word in words if len(word) > 4)
    return any(part in words or part.startswith(long) for part in said)


def _is_special(event: ev.Call) -> bool:
    """Whether an unknown callee is a special method: a base class that is given a path in `__init__` may own it."""
    return last_name(event).startswith("__")


def is_constructor(event: ev.Call, words: frozenset[str]) -> bool:
    """Whether an unknown callee is spelled as a class's method that makes an object of it (`Place.from_path`)."""
    owner = (event.callee or "").rpartition(".")[0].rpartition(".")[2]
    return owner[:1].isupper() and not owner.isupper() and bool(words_of(event) & words)


def is_class(event: ev.Call) -> bool:
    """Whether an unknown callee is spelled as a class: what it gives keeps what it is given."""
    name = last_name(event)
    return name == "cls" or name.lstrip("_")[:1].isupper()
