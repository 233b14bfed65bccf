"""Permissions that are given to a temporary: the bits of a mode, as far as they are written down.

Names of bits (`S_IWOTH`) are looked up in Python's own module `stat`. A mode that is computed (`0o666 & ~mask`,
`mode | S_IXUSR`) is unknown.
"""

from __future__ import annotations

import stat
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import Argument, Target, given
from tempsafe_lint.flow.observations import Mode, Place
from tempsafe_lint.flow.provenance import shared, tail
from tempsafe_lint.flow.values import FnRef, Known
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Row

if TYPE_CHECKING:
    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer

_PARAMETER = "mode"


class Modes:
    """Looks at the calls of one function, in the last pass."""

    def __init__(self, transfer: Transfer, recorder: Recorder) -> None:
        self._t = transfer
        self._recorder = recorder

    def call(self, state: State, event: ev.Call, target: Target, row: Row, args: list[Argument]) -> None:
        """A change of mode, and a creation whose flags let somebody else's file through."""
        if row.receiver is not None and row.receiver.sink == "mode":
            self._changed(state, event, row, event.receiver)
        for arg in args:
            if arg.role.sink == "mode":
                self._changed(state, event, row, arg.operand)
            elif arg.role.mode == "flags" and arg.role.sink is not None:
                self._opened(state, event, row, arg)

    def _changed(self, state: State, event: ev.Call, row: Row, place: ev.Operand | None) -> None:
        operand = given(event, row, _PARAMETER)
        bits = self._bits(state, operand)
        if not bits or not bits & (stat.S_IRWXG | stat.S_IRWXO):
            return
        names = [n for n in self._t.names(state, place) if n[2] in ("path", "fd") and n[0].kind != "seed"]
        found = self._in_shared(state, place, event)
        if not names and not found:
            return
        exact = isinstance(operand, ev.Const)
        position = row.params.index(_PARAMETER)
        resource = names[0][0] if names else None
        self._recorder.add(Mode(resource, "bits", bits, Place(event.site, row.name), exact, position))

    def _opened(self, state: State, event: ev.Call, row: Row, arg: Argument) -> None:
        """Flags that create, but not exclusively, below a shared directory."""
        flags = given(event, row, "flags")
        names = self._names(state, flags)
        if "O_CREAT" not in names or names & {"O_EXCL", "O_NOFOLLOW", "O_TMPFILE", "?"}:
            return
        if self._in_shared(state, arg.operand, event):
            self._recorder.add(Mode(None, "shares", 0, Place(event.site, row.name), False, -1))

    def _in_shared(self, state: State, place: ev.Operand | None, event: ev.Call) -> bool:
        """Whether a path certainly is a guessable one in a shared directory."""
        texts = self._t.texts.of(state, place, event.site)
        found = [shared(text, self._t.file.policies.directories) for text in texts]
        return bool(found) and all(f is not None and tail(f[1]) in ("fixed", "guessable") for f in found)

    def _names(self, state: State, operand: ev.Operand | None) -> set[str]:
        """Last parts of the names of flags; `?` where there are others that cannot be known."""
        if isinstance(operand, ev.Flags):
            return {name.rpartition(".")[2] for name in operand.names}
        if isinstance(operand, ev.Dotted):
            return {operand.name.rpartition(".")[2]}
        atoms = state.env.get(operand, frozenset()) if isinstance(operand, str) else frozenset()
        atom = next(iter(atoms)) if len(atoms) == 1 else None
        if isinstance(atom, Known) and isinstance(atom.value, ev.Flags):
            return self._names(state, atom.value)
        if isinstance(atom, FnRef) and atom.dotted:
            return {atom.name.rpartition(".")[2]}
        return {"?"}

    def _bits(self, state: State, operand: ev.Operand | None, depth: int = 0) -> int | None:
        """The bits that a mode certainly has; None where nothing is known."""
        if isinstance(operand, ev.Const):
            return operand.value if type(operand.value) is int else None
        if isinstance(operand, ev.Dotted):
            return _named(operand.name)
        if isinstance(operand, ev.Flags):
            found = [bits for bits in map(_named, operand.names) if bits is not None]
            return reduce(or_, found, operand.bits) if len(found) == len(operand.names) else None
        if not isinstance(operand, str) or depth:
            return None
        atoms = state.env.get(operand)
        if atoms is None and self._t.file.constants is not None and operand not in self._t.function.variables:
            atoms = self._t.file.constants.env.get(operand)
        atom = next(iter(atoms)) if atoms is not None and len(atoms) == 1 else None
        if isinstance(atom, FnRef) and atom.dotted:
            return _named(atom.name)
        if not isinstance(atom, Known):
            return None
        value = atom.value if isinstance(atom.value, ev.Flags) else ev.Const(atom.value)
        return self._bits(state, value, 1)


def _named(name: str) -> int | None:
    """The value of a permission bit by its name."""
    last = name.rpartition(".")[2]
    value = getattr(stat, last, None) if last.startswith("S_I") else None
    return value if isinstance(value, int) else None
