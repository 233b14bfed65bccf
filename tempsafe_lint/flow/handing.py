"""What a call hands to a function of the file: which of its parameters, attributes and outer variables get something of
which anything is known. Of the others nobody asks what becomes of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.provenance import shared
from tempsafe_lint.flow.told import told_to_remove
from tempsafe_lint.flow.values import FnRef, PathText
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tempsafe_lint.flow.calls import Target
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.flow.values import Resource
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.source import Site

#: The places of a function that are asked about; None: all.
Focus = frozenset[str] | None


class Handing:
    """Asked at each call, in one function. Of its own seeds only those in `focus` count."""

    def __init__(self, transfer: Transfer, focus: Focus) -> None:
        self._t = transfer
        self._focus = focus

    def is_anything(self, state: State, event: ev.Call, target: Target) -> bool:
        """Whether a call hands on anything of which something is known."""
        operands = (*event.args, *(value for _, value in event.kwargs))
        others = (*event.starred, *target.captured)
        if any(self._is_known(state, operand, event.site) for operand in (*operands, *others)):
            return True
        if target.bound and self._attributes(state):
            return True
        told = any(isinstance(operand, str) and operand in state.env for operand in operands)
        if told and self._gives_back(target.function or ""):
            return True
        return any(told_to_remove(self._t, state, operand) for operand in operands)

    def focus(self, state: State, event: ev.Call, target: Target, function: Function) -> frozenset[str]:
        """The places of the function that get something."""
        found = {
            name
            for name, operand in bound_to(function, event, target).items()
            if (isinstance(operand, str) and operand in state.env) or self._is_known(state, operand, event.site)
        }
        found.update(place for place in target.captured if self._is_known(state, place, event.site))
        return frozenset(found | (self._attributes(state) if target.bound else set()))

    def _is_known(self, state: State, operand: ev.Operand, site: Site) -> bool:
        """Whether anything is known of an operand that somebody may do something with."""
        if isinstance(operand, ev.Dotted):
            return bool(self._t.closures.get(operand.name.removeprefix(".")))
        directories = self._t.file.policies.directories
        if isinstance(operand, str):
            if self._counts(r for found in state.index.group(operand).values() for r in found):
                return True
            for _, atoms in state.env.below(operand):
                for atom in atoms:
                    # A method of something (`f.close`) stands for that.
                    if isinstance(atom, FnRef) and (not atom.dotted or atom.bound):
                        return True
                    if isinstance(atom, PathText) and shared(atom, directories) is not None:
                        return True
        return any(shared(text, directories) is not None for text in self._t.texts.of(state, operand, site))

    def _gives_back(self, name: str) -> bool:
        """Whether a function may return what it is given."""
        file = self._t.file
        if name not in file.units or (not file.is_met(name) and file.units.returns(name)):
            return True
        function = file.function(name)
        return function is None or file.interest is None or file.interest.listening.to(function).returns

    def _attributes(self, state: State) -> set[str]:
        """Attributes of `self` that have something."""
        held = [place for place, found in state.index.group("self").items() if self._counts(found)]
        held += [p for p, atoms in state.env.group("self").items() if any(isinstance(atom, FnRef) for atom in atoms)]
        return {"self." + place[5:].partition(".")[0].partition("[")[0] for place in held}

    def _counts(self, resources: Iterable[Resource]) -> bool:
        focus = self._focus
        return any(focus is None or r.kind != "seed" or r.maker in focus for r in resources)


def bound_to(function: Function, event: ev.Call, target: Target) -> dict[str, ev.Operand]:
    """What the parameters of a function of the file are given by a call."""
    return dict(zip(parameters(function, target), event.args, strict=False)) | dict(event.kwargs)


def parameters(function: Function, target: Target) -> list[str]:
    """The names of its parameters in order, without that for the object that a method is called on."""
    names = [p.name for p in function.params if p.kind in ("positional", "keyword")]
    return names[1:] if target.bound else names
