"""What a call does: find the row (written, or inferred from the file), apply it to the arguments, make the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import Target, arguments, is_local, method_of
from tempsafe_lint.flow.effects import Effects
from tempsafe_lint.flow.handmade import HandMade
from tempsafe_lint.flow.inferred import Inferred
from tempsafe_lint.flow.owners import MODULE
from tempsafe_lint.flow.places import everything
from tempsafe_lint.flow.results import Results
from tempsafe_lint.flow.summaries import Summary
from tempsafe_lint.flow.values import FnRef
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Role, Row

if TYPE_CHECKING:
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Out, Transfer

_UNKNOWN = Row("?.?", args={"*": Role("unknown")})
#: Which rows to look for when the receiver is a parameter of which nothing is known.
_SEED_HANDLES = ("object", "path", "dirobject")


class Callees:
    """The effect of calls in one function."""

    def __init__(self, transfer: Transfer) -> None:
        self._t = transfer
        self._effects = Effects(transfer)
        self._results = Results(transfer)
        self._inferred = Inferred(transfer)
        self._handmade = HandMade(transfer)
        name = transfer.function.name
        #: Nothing begins in this function itself: what it calls matters only where it hands something on.
        self._onlooker = name == MODULE or not transfer.file.units.worth(name)

    def call(self, state: State, event: ev.Call) -> Out:
        target = self._target(state, event)
        if self._onlooker and target.function is not None and self._is_idle(state, event, target):
            failed = state.copy()
            self._t.rename(state, event.dst, [], lambda _, handle: handle)
            return state, failed
        summary = self._summary(target)
        if summary is not None:
            return self._inferred.apply(state, event, target, summary)
        row = target.row or _UNKNOWN
        before = self._results.texts(state, event, row, target)
        given_args = arguments(event, row)
        if self._t.watch is not None:
            self._t.watch.call(state, event, target, row, given_args)
        raised = self._effects.apply(state, event, row, target, given_args)
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

    def _is_idle(self, state: State, event: ev.Call, target: Target) -> bool:
        """Whether a call gives nothing to a function in which nothing begins: that need not be read if it may return.
        What sort of value it returns is not seen then.
        """
        file, name = self._t.file, target.function or ""
        if name not in file.units or file.units.worth(name) or target.captured or not file.units.returns(name):
            return False
        own = ("self",) if target.bound else ()
        for operand in (*event.args, *(value for _, value in event.kwargs), *event.starred, *own):
            if self._t.texts.of(state, operand, event.site):
                return False
            # A method of something (`f.close`) stands for that.
            if isinstance(operand, str) and state.env.below(operand):
                return False
            if isinstance(operand, str) and everything(state, file.models, operand.split(".")[0].split("[")[0]):
                return False
        return True

    def _summary(self, target: Target) -> Summary | None:
        if target.function is None:
            return None
        return self._t.file.summary(target.function)
