"""A call of a function of the same file: its summary applied to the arguments, as if it were a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow import obligations as duty
from tempsafe_lint.flow.calls import Argument, Target
from tempsafe_lint.flow.effects import observe_sink
from tempsafe_lint.flow.handing import bound_to, parameters
from tempsafe_lint.flow.handoffs import note
from tempsafe_lint.flow.obligations import REMADE
from tempsafe_lint.flow.observations import Place
from tempsafe_lint.flow.places import above, below, everything
from tempsafe_lint.flow.summaries import Effect, Returned, Summary
from tempsafe_lint.flow.told import told_to_remove
from tempsafe_lint.flow.values import LENT, MAYBE, MOVED, UNSURE, Atom, Fact, Handle, Resource
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Role
from tempsafe_lint.records import replace

if TYPE_CHECKING:
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Out, Transfer


class Inferred:
    """The effect of summaries, in one function."""

    def __init__(self, transfer: Transfer) -> None:
        self._t = transfer

    def apply(self, state: State, event: ev.Call, target: Target, summary: Summary) -> Out:
        function = self._t.file.function(target.function or "")
        assert function is not None
        names = parameters(function, target)
        bound = bound_to(function, event, target)
        sites = dict(zip(names, event.arg_sites, strict=False))
        sites |= {name: site for (name, _), site in zip(event.kwargs, event.kwarg_sites, strict=True)}
        at = Place(event.site, target.function or "")
        if self._t.watch is not None:
            self._t.watch.leaving.helper(state, event, bound, summary)
            own: dict[str, ev.Operand] = {"self": "self"} if target.bound and event.receiver == "self" else {}
            outer: dict[str, ev.Operand] = {place: place for place in target.captured}
            self._t.watch.helper(state, event, function, own | outer | bound)
        back: list[tuple[Resource, Fact, str]] = []
        same: list[Atom] = []
        for parameter, operand in bound.items():
            effect = summary.effects.get(parameter, Effect())
            if function.is_generator:
                effect = replace(effect, buffer="cleans")  # nobody knows when its body runs
            self._wanted(state, Argument(parameter, Role(), operand, sites[parameter]), effect, at)
            self._fate(state, event, operand, effect, at)
            duty.move(state, told_to_remove(self._t, state, operand), MAYBE, event.site)
            for suffix, handle in effect.returned:
                if not suffix:
                    given = self._t.names(state, operand)
                    back.extend((r, f, through) for r, f, h in given for through in _through(r, handle, h))
                    same.extend(state.env.get(operand, ()) if isinstance(operand, str) else ())
        for place, effect in summary.effects.items():
            of_self = place.startswith("self.") and target.bound and event.receiver == "self"
            if of_self or place in target.captured:
                self._fate(state, event, place, effect, at)
        extra = (*event.args[len(names) :], *event.starred)
        for operand in extra:
            duty.move(state, everything(state, self._t.file.models, operand), MAYBE, event.site)
        if summary.never:
            return None, state
        raised = state.copy()
        for operand in bound.values():
            duty.not_sure_of(raised, everything(raised, self._t.file.models, operand), event.site)
        self._t.rename(state, event.dst, back, lambda _, handle: handle)
        if same or summary.texts:
            state.env[event.dst] = frozenset(same) | summary.texts | ({UNSURE} if summary.texts else set())
        self._handed_over(state, event, summary, target.function or "", self._instead(summary, bound, target))
        return state, raised

    def _instead(self, summary: Summary, bound: dict[str, ev.Operand], target: Target) -> frozenset[str]:
        """Where a helper that makes something may give back an argument: `def kept(path=None)` with `path = path or
        mkdtemp()` and `return path` makes nothing for who calls `kept(folder)`.
        """
        given = [name for name, operand in bound.items() if not isinstance(operand, ev.Const) or operand.value]
        if not given or not (summary.returned or summary.yields):
            return frozenset()
        effects = (self._t.file.summary(target.function or "") or summary).effects
        returned = (item for name in given if name in effects for item in effects[name].returned)
        return frozenset(suffix for suffix, handle in returned if handle == "seed")

    def _wanted(self, state: State, arg: Argument, effect: Effect, at: Place) -> None:
        """What the helper does with a path that it is given: it also counts for whoever calls this function."""
        recorder = self._t.recorder
        names = self._t.names(state, arg.operand)
        for sink in effect.sinks:
            if recorder is not None:
                recorder.touch([n for n in names if n[2] == "seed"], sink)
            if sink == REMADE:
                duty.remade(names, at, recorder)
        for sink in [sink for sink in effect.sinks if sink != REMADE][:1]:
            observe_sink(self._t, state, arg, sink, at)

    def _fate(self, state: State, event: ev.Call, operand: ev.Operand, effect: Effect, at: Place) -> None:
        through = {"writes": "writes", "cleans": "unknown"}.get(effect.buffer, "")
        note(state, operand, self._t.names(state, operand), through)
        duty.perhaps_remade(state, everything(state, self._t.file.models, operand))
        names = everything(state, self._t.file.models, operand)
        if self._t.recorder is not None and not effect.always:
            self._t.recorder.unsure.update((resource, event.site) for resource, _, _ in names)
        if effect.closes:
            objects = [n for n in names if n[2] in ("fd", "object", "seed", "dirobject")]
            duty.close(state, objects, at, None, self._t.recorder)
            names = everything(state, self._t.file.models, operand)
        if effect.deletes:
            found = [n for n in names if n[2] in ("path", "seed", "dirobject", "wrapped")]
            found += [(r, f, "path") for r, f, h in names if h == "object" and r.kind == "file"]
            duty.delete(state, found, at, self._t.recorder, files=effect.files)
            duty.no_pair(state, names, at)
            names = everything(state, self._t.file.models, operand)
        if effect.folder:
            duty.delete(state, [(r, f, "path") for r, f, h in names if h == "inside"], at, self._t.recorder)
            names = everything(state, self._t.file.models, operand)
        if effect.moves:
            duty.move(state, names, MOVED, event.site)
        elif effect.maybe:
            duty.move(state, names, MAYBE, event.site)
        elif effect.lent:
            duty.move(state, names, LENT, event.site)
            if self._t.recorder is not None:
                self._t.recorder.touch(names, "unknown")
        duty.move(state, self._t.captured(state, operand), MAYBE, event.site)

    def _handed_over(
        self, state: State, event: ev.Call, summary: Summary, function: str, instead: frozenset[str]
    ) -> None:
        """A helper that returns a temp makes one for its caller; `instead` are suffixes of the result at which it may
        give back what it was given.
        """
        seen: dict[tuple[object, ...], list[Returned]] = {}
        for item in (*summary.returned, *summary.yields):
            seen.setdefault((item.resource.site, item.resource.slot), []).append(item)
        for slot, items in enumerate(seen.values()):
            origin = items[0].resource
            lent = items[0] in summary.yields
            kind = "dirobject" if lent else origin.kind
            resource = Resource(
                event.site, slot, kind, f".{function}", origin.duty and not lent, origin.deletes, event.callee_site,
                statement=event.statement, owned=origin.owned, named=origin.named, placed=origin.placed,
                shareable=origin.shareable, told=origin.told,
                claimed=origin.claimed or any(i.claimed or i.suffix in instead for i in items),
            )  # fmt: skip
            aliases = frozenset((event.dst + i.suffix, "dirobject" if lent else i.handle) for i in items)
            state.born(resource, Fact(dirty=items[0].dirty, aliases=aliases))
            if self._t.recorder is not None:
                self._t.recorder.birth(resource)
        for suffix, atoms in summary.sorts:
            if event.dst + suffix not in state.env:
                state.env[event.dst + suffix] = atoms


def _through(resource: Resource, returned: Handle, given: Handle) -> list[Handle]:
    """How the result of a helper holds what it was `given`, if it gives its parameter back as `returned`.

    Nothing where the helper gives what somebody else computed of a path below a directory: that is no path of it.
    """
    if returned == "seed":
        return [given]
    if given == "seed":
        return [returned]
    if returned == "wrapped":
        return ["wrapped"] if given in ("path", "wrapped") else [] if given == "inside" else [given]
    if given not in ("path", "inside"):
        return [given]
    if returned == "folder":
        folder = above(given)
        return [folder] if folder is not None else []
    if returned == "inside":
        return [below(resource, given)]
    return [returned]
