"""What a call does: find the row (written, or inferred from the file), apply it to the arguments, make the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import UNKNOWN, Target, is_local, method_of
from tempsafe_lint.flow.effects import Effects
from tempsafe_lint.flow.handing import Handing
from tempsafe_lint.flow.handmade import HandMade
from tempsafe_lint.flow.inferred import Inferred
from tempsafe_lint.flow.quiet import Quiet
from tempsafe_lint.flow.results import Results
from tempsafe_lint.flow.returning import comes_back
from tempsafe_lint.flow.summaries import Summary
from tempsafe_lint.flow.values import FnRef
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Out, Transfer

#: Which rows to look for when the receiver is a parameter of which nothing is known.
_SEED_HANDLES = ("object", "path", "dirobject")


class Callees:
    """The effect of calls in one function."""

    def __init__(self, transfer: Transfer) -> None:
        self._t = transfer
        self.effects = Effects(transfer)
        self._results = Results(transfer)
        self._inferred = Inferred(transfer)
        self._handmade = HandMade(transfer)
        self._handing = Handing(transfer, transfer.file.focus)
        self._quiet = Quiet(transfer)

    def call(self, state: State, event: ev.Call) -> Out:
        nothing = self._quiet.call(state, event)
        if nothing is not None:
            return nothing
        target = self._target(state, event)
        if target.function is not None:
            given = self._handing.is_anything(state, event, target)
            if not given and self._is_idle(state, event, target.function):
                failed = state.copy()
                self._t.rename(state, event.dst, [], lambda _, handle: handle)
                return state, failed
            summary = self._summary(state, event, target)
            if summary is not None:
                return self._inferred.apply(state, event, target, summary)
        row = target.row or UNKNOWN
        given_args = self._quiet.arguments(event, row)
        before = self._results.texts(state, event, row, target, given_args)
        if self._t.recorder is not None:
            self._t.file.scratch.call(self._t.file, event)
        if self._t.watch is not None:
            self._t.watch.call(state, event, target, row, given_args)
        raised = self.effects.apply(state, event, row, target, given_args)
        if row.never:
            return None, raised
        if row.makes or row.cases:
            raised = raised.copy() if raised is not None else None
        self._results.bind(state, event, row, target, given_args)
        self._handmade.call(state, event, row, target, given_args)
        if before:
            state.env[event.dst] = before
            self._results.pieces(state, event, row)
        return state, raised

    # -- finding the row ---------------------------------------------------------------------------------------------

    def _target(self, state: State, event: ev.Call) -> Target:
        file = self._t.file
        if event.callee is not None:
            if not is_local(event.callee):
                return Target(row=file.row(event.callee))
            name = event.callee[1:]
            if name in file.units.classes:
                return Target(function=file.method(name, "__init__"), bound=True)
            return Target(function=name, captured=self._t.closures.get(name, ()))
        known = state.env.get(event.func, frozenset()) if isinstance(event.func, str) else frozenset()
        # Of several that a variable may hold, the one that has something to do here: a clean-up, not its stand-in.
        for atom in sorted((a for a in known if isinstance(a, FnRef)), key=lambda a: (not a.captured, a.name)):
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
            one = "path" if handle in ("inside", "folder") else handle
            handles.extend(_SEED_HANDLES if handle == "seed" else [one])
        for handle in handles:
            row = method_of(models, handle, event)
            if row is not None:
                return Target(row=row, receiver=names)
        if event.receiver in ("self", "cls"):
            found = self._t.file.method(self._t.function.class_name, method)
            if found is not None:
                return Target(function=found, bound=True)
        if self._t.texts.of(state, event.receiver, event.site):
            row = method_of(models, "path", event)
            if row is not None:
                return Target(row=row, receiver=names)
        return Target(row=models.method("any", method), receiver=names)

    def _is_idle(self, state: State, event: ev.Call, name: str) -> bool:
        """Whether a call of a function of the file that is handed nothing changes nothing but that its result is bound:
        nothing comes back. Such a function need not be solved, nor even read if its text says that nothing begins in
        it. What sort of value it returns is not seen then.
        """
        file = self._t.file
        if name not in file.units or name in file.under_way or file.interest is None:
            return False
        return not (file.is_met(name) and file.interest.may_give(name)) and comes_back(file, name)

    def _summary(self, state: State, event: ev.Call, target: Target) -> Summary | None:
        file, name = self._t.file, target.function or ""
        function = file.function(name)
        return file.summary(name, self._handing.focus(state, event, target, function)) if function is not None else None
