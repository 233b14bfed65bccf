"""What a call does: find the row (written, or inferred from the file), apply it to the arguments, make the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tempsafe_lint.flow import obligations as duty
from tempsafe_lint.flow.calls import Argument, arguments, given, makes, sink_of
from tempsafe_lint.flow.observations import PathSink, Place
from tempsafe_lint.flow.places import Names, above, below, everything
from tempsafe_lint.flow.provenance import ROOT, shared, tail
from tempsafe_lint.flow.summaries import Effect, Returned, Summary
from tempsafe_lint.flow.values import (
    KEPT,
    MAYBE,
    MOVED,
    REGISTERED,
    SHOWN,
    Asked,
    Fact,
    FnRef,
    Hole,
    Known,
    PathText,
    Resource,
)
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Made, Role, Row
from tempsafe_lint.source import Site

if TYPE_CHECKING:
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Out, Transfer

_UNKNOWN = Row("?.?", args={"*": Role("unknown")})
#: Which rows to look for when the receiver is a parameter of which nothing is known.
_SEED_HANDLES = ("object", "path", "dirobject")
#: Sinks that make what they are given, and those that need it to be there.
_MAKING, _NEEDING = ("create", "write", "bind"), ("read", "list", "open", "load", "exec", "mode")


@dataclass(slots=True)
class Target:
    """What is called: a written row, or a function of the file; and what the receiver names, if it has one."""

    row: Row | None = None
    function: str | None = None
    bound: bool = False
    receiver: Names | None = None
    captured: tuple[str, ...] = ()


class Callees:
    """The effect of calls in one function."""

    def __init__(self, transfer: Transfer) -> None:
        self._t = transfer

    def call(self, state: State, event: ev.Call) -> Out:
        target = self._target(state, event)
        summary = self._summary(target)
        if summary is not None:
            return self._inferred(state, event, target, summary)
        row = target.row or _UNKNOWN
        before = self._texts_of_result(state, event, row, target)
        given_args = arguments(event, row)
        raised = self._effects(state, event, row, target, given_args)
        if row.never:
            return None, raised
        if row.makes or row.cases:
            raised = raised.copy() if raised is not None else None
        self._result(state, event, row, target, given_args)
        if before:
            state.env[event.dst] = before
        return state, raised

    # -- finding the row ---------------------------------------------------------------------------------------------

    def _target(self, state: State, event: ev.Call) -> Target:
        file = self._t.file
        if event.callee is not None:
            if not event.callee.startswith("."):
                return Target(row=file.models.get(event.callee))
            name = event.callee[1:]
            if name in file.units.classes:
                return Target(function=file.method(name, "__init__"), bound=True)
            return Target(function=name, captured=self._t.closures.get(name, ()))
        for atom in state.env.get(event.func, ()) if isinstance(event.func, str) else ():
            if isinstance(atom, FnRef):
                if atom.dotted:
                    return Target(row=file.models.get(atom.name))
                return Target(function=atom.name, captured=atom.captured or self._t.closures.get(atom.name, ()))
        if event.method is not None:
            return self._method(state, event)
        return Target()

    def _method(self, state: State, event: ev.Call) -> Target:
        models, method = self._t.file.models, event.method or ""
        names = self._t.names(state, event.receiver)
        handles: list[str] = []
        for _, _, handle in names:
            handles.extend(_SEED_HANDLES if handle == "seed" else ["path" if handle == "inside" else handle])
        for handle in handles:
            row = models.method(handle, method)
            if row is not None:
                return Target(row=row, receiver=names)
        if event.receiver in ("self", "cls"):
            found = self._t.file.method(self._t.function.class_name, method)
            if found is not None:
                return Target(function=found, bound=True)
        if self._t.texts.of(state, event.receiver, event.site):
            row = models.method("path", method)
            if row is not None:
                return Target(row=row, receiver=names)
        return Target(row=models.method("any", method), receiver=names)

    def _summary(self, target: Target) -> Summary | None:
        if target.function is None:
            return None
        from tempsafe_lint.flow.analysis import summary_of

        return summary_of(self._t.file, target.function)

    # -- what it does to its arguments -------------------------------------------------------------------------------

    def _effects(self, state: State, event: ev.Call, row: Row, target: Target, args: list[Argument]) -> State | None:
        """Apply roles; the state in which the call raises (None if its row says that it does not)."""
        what = row.name if row is not _UNKNOWN else (event.callee or event.method or "")
        if target.receiver is not None and row.receiver is not None:
            place = event.receiver if event.receiver is not None else ev.Const(None)
            self._apply(state, event, row, Argument("self", row.receiver, place, event.site), what, target.receiver)
        elif target.receiver and (row is _UNKNOWN or row.name.startswith("any.")):
            seeds = [n for n in target.receiver if n[2] == "seed"]
            duty.move(state, seeds if row is _UNKNOWN else [], MAYBE, event.site)
        for argument in args:
            self._apply(state, event, row, argument, what, None)
        # Wrapping a descriptor that is open fails for a wrong mode only: no way out that matters.
        wraps = any(
            a.role.does == "alias" and any(h == "fd" for *_, h in self._t.names(state, a.operand)) for a in args
        )
        return state if row.raises and not wraps else None

    def _apply(self, state: State, event: ev.Call, row: Row, arg: Argument, what: str, known: Names | None) -> None:
        names = known if known is not None else self._t.names(state, arg.operand)
        does = arg.role.does
        at = Place(event.site, what)
        recorder = self._t.recorder
        sink = sink_of(event, row, arg.role)
        if sink is not None and recorder is not None:
            self._observe_sink(state, event, arg, sink, at)
        if sink in _MAKING and duty.recreate(state, names, at, recorder):
            return
        if recorder is not None:
            recorder.touch(names, sink or does)
            self._observe_use(state, arg, names, does, sink, at)
        if does == "unknown":
            duty.move(state, self._t.names(state, arg.operand) + _held(state, arg.operand), MAYBE, event.site)
            duty.move(state, self._t.captured(state, arg.operand), MAYBE, event.site)
        elif does == "closes":
            duty.close(state, names, at, self._statement_site(event), recorder)
        elif does == "deletes":
            duty.delete(state, names, at, recorder)
        elif does == "takes":
            duty.move(state, everything(state, self._t.file.models, arg.operand), MOVED, event.site)
        elif does in ("registers", "enters"):
            self._register(state, arg, recorder, at)
        elif does == "shows":
            duty.move(state, names, SHOWN, event.site)
        elif does == "sends" or (sink == "exec" and self._launches(state, arg)):
            duty.move(state, names + _held(state, arg.operand), MAYBE, event.site)
            duty.move(state, self._t.captured(state, arg.operand), MAYBE, event.site)
        elif does == "lends":
            self._lend(state, names + _held(state, arg.operand), event)
        elif does == "holds":
            self._hold(state, event, arg)

    def _launches(self, state: State, arg: Argument) -> bool:
        """Whether a command only starts a program that goes on by itself: policy.toml, launchers."""
        first = f"{arg.operand}[0]"
        texts = self._t.texts.of(state, first if first in state.env else arg.operand, arg.site)
        words = {part.split()[0] for text in texts for part in text.parts[:1] if isinstance(part, str) and part.split()}
        return bool(words & self._t.file.launchers)

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
            return
        names = everything(state, self._t.file.models, arg.operand)
        root = base.split(".")[0].split("[")[0]
        own = root in self._t.function.variables and "." not in base
        own = own and root not in {p.name for p in self._t.function.params}
        for resource, fact, handle in names:
            state.add_alias(resource, self._t.current(state, resource, fact), f"{base}[*]", handle)
        if not own:
            fresh = everything(state, self._t.file.models, f"{base}[*]")
            duty.move(state, fresh, KEPT if root == "self" else MOVED, event.site)
            duty.move(state, self._t.captured(state, arg.operand), MOVED, event.site)

    def _statement_site(self, event: ev.Event) -> Site | None:
        statements = self._t.function.statements
        if 0 <= event.statement < len(statements):
            return statements[event.statement].site
        return None

    # -- what can be seen --------------------------------------------------------------------------------------------

    def _observe_use(self, state: State, arg: Argument, names: Names, does: str, sink: str | None, at: Place) -> None:
        """A use of something that is closed or gone; showing or checking it is none."""
        if does in ("shows", "checks", "closes", "deletes", "same", "below", "above", "mentions", "registers", "holds"):
            return
        how = sink or does
        objects = [n for n in names if n[2] == "object"] if does in ("uses", "writes", "flushes", "alias") else []
        paths = [n for n in names + _held(state, arg.operand) if n[2] in ("path", "inside")]
        if sink is None and does != "takes":
            paths = []
        if sink in _MAKING:
            paths = [n for n in paths if n[2] == "inside"]
        duty.uses(objects + paths, how, at, self._t.recorder)

    def _observe_sink(self, state: State, event: ev.Call, arg: Argument, sink: str, at: Place) -> None:
        operand = arg.operand
        if sink == "exec" and isinstance(operand, str) and f"{operand}[0]" in state.env:
            operand = f"{operand}[0]"
        texts = self._t.texts.of(state, operand, arg.site)
        atoms = state.env.get(operand, ()) if isinstance(operand, str) else ()
        sure = len(texts) == 1 and len(atoms) <= 1
        recorder = self._t.recorder
        for text in texts:
            found = shared(text, self._t.file.directories)
            if found is None or recorder is None:
                continue
            directory, rest, literal = found
            recorder.add(PathSink(text, directory, literal, tail(rest), sink, at, sure))

    # -- what it gives back ------------------------------------------------------------------------------------------

    def _texts_of_result(self, state: State, event: ev.Call, row: Row, target: Target) -> frozenset[PathText | Known]:
        """The texts that the result is; looked up before the effects, while the arguments still name what they
        named.
        """
        if row.text == "temp-root":
            return frozenset({PathText((ROOT,), event.site)})
        if row.text in ("guessable", "unguessable"):
            return frozenset({Known(Hole(row.text))})
        if row.swallows:
            return frozenset({Known("swallows")})
        if any(argument.role.does == "above" for argument in arguments(event, row)):
            return frozenset({Known("parent")})
        if row.text == "join":
            return frozenset(self._t.texts.join(state, event.args, event.site)) if not event.star else frozenset()
        for arg in arguments(event, row):
            if arg.role.does == "same":
                return frozenset(self._t.texts.of(state, arg.operand, arg.site))
        if row.receiver is not None and row.receiver.does in ("same", "below"):
            operands = (event.receiver or "", *event.args) if row.receiver.does == "below" else (event.receiver or "",)
            return frozenset(self._t.texts.join(state, operands, event.site))
        return frozenset()

    def _result(self, state: State, event: ev.Call, row: Row, target: Target, args: list[Argument]) -> None:
        wanted: list[tuple[Resource, Fact, str]] = []
        components = len(event.args) + len(event.starred)
        pairs = [(a.role.does, self._t.names(state, a.operand), a.operand) for a in args]
        if row.receiver is not None and target.receiver is not None:
            pairs.append((row.receiver.does, self._t.names(state, event.receiver), event.receiver or ""))
            components += 1
        if row.receiver is None:
            wanted.extend(n for n in self._t.names(state, event.receiver) if n[2] == "seed")
        asked: str | None = None
        for does, names, operand in pairs:
            for resource, fact, handle in names:
                given_handle = _given_back(does, resource, handle, components)
                if given_handle is not None:
                    wanted.append((resource, fact, given_handle))
            if does == "checks" and isinstance(operand, str):
                asked = operand
            if does == "enters":
                wanted.extend((r, f, "path" if h == "dirobject" else h) for r, f, h in names)
        same = [operand for does, names, operand in pairs if does == "same" and isinstance(operand, str)]
        if same and not wanted and not isinstance(same[0], ev.Const):
            state.assign(event.dst, same[0])
        else:
            self._t.rename(state, event.dst, wanted, lambda _, handle: handle)
        if asked is not None:
            state.env[event.dst] = frozenset({Asked(asked)})
        self._birth(state, event, row)

    def _birth(self, state: State, event: ev.Call, row: Row) -> None:
        made, case, sure = makes(event, row)
        if not made:
            return
        owned = self._parent_given(state, event, row)
        instead = case.instead if case is not None and case.instead else (row.instead if case is None else None)
        for slot, item in enumerate(made):
            resource = self._resource(event, row, slot, item, item.duty and sure, instead)
            resource = resource._replace(owned=owned and item.kind in ("file", "dir"))
            if case is not None:
                resource = resource._replace(arguments=case.arguments, positions=_positions(row, case.arguments))
            handle = {"file": "object" if item.index is None else "path", "dir": "path", "name": "path"}.get(
                item.kind, item.kind
            )
            suffix = "" if item.index is None else f"[{item.index}]"
            state.born(resource, Fact(aliases=frozenset({(event.dst + suffix, handle)})))
            if self._t.recorder is not None:
                self._t.recorder.births[resource] = None
                self._t.recorder.born_in[resource] = self._t.recorder.under_way[0]

    def _resource(self, event: ev.Call, row: Row, slot: int, item: Made, ends: bool, instead: str | None) -> Resource:
        return Resource(
            event.site,
            slot,
            item.kind,
            row.name,
            ends,
            item.deletes,
            event.callee_site,
            instead,
            statement=event.statement,
        )

    def _parent_given(self, state: State, event: ev.Call, row: Row) -> bool:
        """Whether the caller named the directory, and it is not a shared one: policy.toml, parent-given."""
        for parameter in row.parent:
            operand = given(event, row, parameter)
            if operand is None or (isinstance(operand, ev.Const) and operand.value is None):
                continue
            texts = self._t.texts.of(state, operand, event.site)
            if parameter == "prefix":
                if any("/" in part for text in texts for part in text.parts if isinstance(part, str)):
                    return not all(_is_shared(text, self._t.file.directories) for text in texts)
                continue
            if texts and all(_is_shared(text, self._t.file.directories) for text in texts):
                continue
            known = state.env.get(operand, frozenset()) if isinstance(operand, str) else frozenset()
            if Known(None) in known or Known("parent") in known:
                # The folder of a target is nobody's to clear away.
                continue
            return True
        return False

    # -- functions of this file --------------------------------------------------------------------------------------

    def _inferred(self, state: State, event: ev.Call, target: Target, summary: Summary) -> Out:
        function = self._t.file.function(target.function or "")
        assert function is not None
        names = [p.name for p in function.params if p.kind in ("positional", "keyword")]
        if target.bound:
            names = names[1:]
        bound = dict(zip(names, event.args, strict=False)) | dict(event.kwargs)
        at = Place(event.site, target.function or "")
        back: list[tuple[Resource, Fact, str]] = []
        for parameter, operand in bound.items():
            effect = summary.effects.get(parameter, Effect())
            self._fate(state, event, operand, effect, at)
            for suffix, _ in effect.returned:
                if not suffix:
                    back.extend(self._t.names(state, operand))
        for place, effect in summary.effects.items():
            own = place.startswith("self.") and target.bound and event.receiver == "self"
            if own or place in target.captured:
                self._fate(state, event, place, effect, at)
        extra = (*event.args[len(names) :], *event.starred)
        for operand in extra:
            duty.move(state, everything(state, self._t.file.models, operand), MAYBE, event.site)
        if summary.never:
            return None, state
        raised = state.copy()
        self._t.rename(state, event.dst, back, lambda _, handle: handle)
        self._handed_over(state, event, summary, target.function or "")
        return state, raised

    def _fate(self, state: State, event: ev.Call, operand: ev.Operand, effect: Effect, at: Place) -> None:
        names = everything(state, self._t.file.models, operand)
        if effect.closes:
            objects = [n for n in names if n[2] in ("fd", "object", "seed", "dirobject")]
            duty.close(state, objects, at, None, self._t.recorder)
            names = everything(state, self._t.file.models, operand)
        if effect.deletes:
            found = [n for n in names if n[2] in ("path", "seed", "dirobject")]
            found += [(r, f, "path") for r, f, h in names if h == "object" and r.kind == "file"]
            duty.delete(state, found, at, self._t.recorder)
            names = everything(state, self._t.file.models, operand)
        if effect.moves:
            duty.move(state, names, MOVED, event.site)
        elif effect.maybe:
            duty.move(state, names, MAYBE, event.site)
        duty.move(state, self._t.captured(state, operand), MAYBE, event.site)

    def _handed_over(self, state: State, event: ev.Call, summary: Summary, function: str) -> None:
        """A helper that returns a temp makes one for its caller."""
        seen: dict[tuple[object, ...], list[Returned]] = {}
        for item in (*summary.returned, *summary.yields):
            seen.setdefault((item.resource.site, item.resource.slot), []).append(item)
        for slot, items in enumerate(seen.values()):
            origin = items[0].resource
            lent = items[0] in summary.yields
            kind = "dirobject" if lent else origin.kind
            resource = Resource(
                event.site, slot, kind, f".{function}", origin.duty and not lent, origin.deletes, event.callee_site,
                statement=event.statement,
            )  # fmt: skip
            aliases = frozenset((event.dst + i.suffix, "dirobject" if lent else i.handle) for i in items)
            state.born(resource, Fact(aliases=aliases))
            if self._t.recorder is not None:
                self._t.recorder.births[resource] = None
                self._t.recorder.born_in[resource] = self._t.recorder.under_way[0]


def _given_back(does: str, resource: Resource, handle: str, components: int) -> str | None:
    """How the result of a call holds an argument, by the argument's role."""
    if does == "same":
        return handle
    if does == "below":
        if components <= 1:
            return handle
        return below(resource, handle) if handle in ("path", "inside", "seed") else None
    if does == "above":
        return above(handle)
    if does == "mentions" and handle in ("path", "inside", "mention", "beside", "seed"):
        return "mention"
    if does == "alias" and handle in ("fd", "object", "seed"):
        return "seed" if handle == "seed" else "object"
    return None


def _is_shared(text: PathText, directories: tuple[str, ...]) -> bool:
    """Whether a text names a shared directory itself, or a file name in one."""
    found = shared(text, directories)
    return found is not None and not any("/" in part.strip("/") for part in found[1] if isinstance(part, str))


def _held(state: State, operand: ev.Operand) -> Names:
    return state.held(operand) if isinstance(operand, str) else []


def _positions(row: Row, wanted: tuple[tuple[str, str], ...]) -> tuple[tuple[str, int], ...]:
    return tuple((name, row.params.index(name)) for name, _ in wanted if name in row.params)
