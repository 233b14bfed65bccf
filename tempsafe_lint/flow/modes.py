"""Permissions that are given to a temporary: the bits of a mode, as far as they are written down.

Names of bits (`S_IWOTH`) are looked up in Python's own module `stat`. Of a mode that is joined to an unknown one
(`st_mode | S_IWOTH`) only the bits that are written count, and only those that let everybody write; a mode that is
computed in any other way is unknown. A mask of the process counts in the function that sets it, until it is set again.
"""

from __future__ import annotations

import re
import stat
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import Argument, Target, given, sink_of
from tempsafe_lint.flow.commands import mode_change
from tempsafe_lint.flow.observations import Mode, Place
from tempsafe_lint.flow.places import held
from tempsafe_lint.flow.provenance import shared, tail
from tempsafe_lint.flow.values import Atom, FnRef, Known
from tempsafe_lint.flow.verified import verifies
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Row

if TYPE_CHECKING:
    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.places import Names
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.source import Site

_PARAMETER = "mode"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MAKING = ("create", "write", "bind")
#: The place that stands for the mask of the process.
MASK = "@mask"
_SYMBOLIC = re.compile(r"([ugoa]*)([+=])([rwxXst]*)")


def mask(state: State, operand: ev.Operand, site: Site) -> None:
    """The process' mask is set: to something unknown where that is no number."""
    known = isinstance(operand, ev.Const) and type(operand.value) is int
    state.env[MASK] = frozenset({Known((operand.value, site) if known and isinstance(operand, ev.Const) else None)})


class Modes:
    """Looks at the calls of one function, in the last pass."""

    def __init__(self, transfer: Transfer, recorder: Recorder) -> None:
        self._t = transfer
        self._recorder = recorder

    def call(self, state: State, event: ev.Call, target: Target, row: Row, args: list[Argument]) -> None:
        """A change of mode, a creation with one, and flags that let somebody else's file through."""
        if row.receiver is not None and row.receiver.sink == "mode":
            self._changed(state, event, row, event.receiver)
        elif row.receiver is not None and target.receiver is not None:
            self._made(state, event, row, event.receiver, sink_of(event, row, row.receiver))
        for arg in args:
            sink = sink_of(event, row, arg.role)
            if sink == "mode":
                self._changed(state, event, row, arg.operand)
            elif sink == "exec":
                self._by_child(state, event, row, arg)
            else:
                self._made(state, event, row, arg.operand, sink)
            if arg.role.mode == "flags" and arg.role.sink is not None:
                self._opened(state, event, row, arg)

    # -- changes -----------------------------------------------------------------------------------------------------

    def _changed(self, state: State, event: ev.Call, row: Row, place: ev.Operand | None) -> None:
        operand = given(event, row, _PARAMETER)
        bits = self._bits(state, operand)
        if not bits or not bits & _OTHERS:
            return
        names = [n for n in self._held(state, place) if n[2] in ("path", "fd") and n[0].kind != "seed"]
        if not names and not self._in_shared(state, place, event):
            return
        exact = isinstance(operand, ev.Const | ev.Flags | ev.Dotted)
        position = row.params.index(_PARAMETER)
        resource = names[0][0] if names else None
        self._recorder.add(Mode(resource, "bits", bits, Place(event.site, row.name), exact, position))

    def _held(self, state: State, place: ev.Operand | None) -> Names:
        """What a path or a number names; the number may be asked of the object in the call itself."""
        made = self._t.types.binder(place) if place is not None else None
        asked = made if isinstance(made, ev.Call) and made.method is not None else None
        row = self._t.file.models.method("object", asked.method or "") if asked is not None else None
        if asked is not None and row is not None and row.value == "fd":
            return [(r, f, "fd") for r, f, h in self._t.names(state, asked.receiver) if h == "object"]
        return self._t.names(state, place)

    def _by_child(self, state: State, event: ev.Call, row: Row, arg: Argument) -> None:
        """A program that changes modes is started on the path."""
        change = mode_change(self._t, state, arg)
        bits = _written(change.mode) if change is not None else 0
        if change is None or not bits & _OTHERS:
            return
        wanted = ("path", "mention", "beside") if change.whole else ("path",)
        found = self._t.names(state, arg.operand) + held(state, arg.operand)
        names = [n for n in found if n[2] in wanted and n[0].kind != "seed"]
        if names or any(self._shared_literal(word) for word in change.paths):
            resource = names[0][0] if names else None
            self._recorder.add(Mode(resource, "bits", bits, Place(event.site, row.name), False, -1))

    # -- creations ---------------------------------------------------------------------------------------------------

    def _made(self, state: State, event: ev.Call, row: Row, place: ev.Operand | None, sink: str | None) -> None:
        """Something is made in a shared directory with a mode of its own, or under a mask that keeps nobody out."""
        if sink not in _MAKING or not self._in_shared(state, place, event, everything=True):
            return
        operand = given(event, row, _PARAMETER) if row.opens is None and _PARAMETER in row.params else None
        bits = self._bits(state, operand)
        atoms = state.env.get(MASK, frozenset())
        values = [atom.value for atom in atoms if isinstance(atom, Known) and isinstance(atom.value, tuple)]
        if len(atoms) == len(values) == 1:
            number, site = values[0]
            if not number & stat.S_IWOTH and (bits is None or bits & stat.S_IWOTH):
                self._recorder.add(Mode(None, "masks", number, Place(site, row.name), True, 0, event.site))
        elif bits and bits & stat.S_IWOTH and not bits & stat.S_ISVTX:
            exact, position = isinstance(operand, ev.Const), row.params.index(_PARAMETER)
            self._recorder.add(Mode(None, "asks", bits, Place(event.site, row.name), exact, position))

    def _opened(self, state: State, event: ev.Call, row: Row, arg: Argument) -> None:
        """Flags that create, but not exclusively, below a shared directory."""
        flags = given(event, row, "flags")
        names = self._names(state, flags)
        if "O_CREAT" not in names or names & {"O_EXCL", "O_NOFOLLOW", "O_TMPFILE", "?"}:
            return
        if self._in_shared(state, arg.operand, event) and not verifies(self._t.file, self._t.function):
            self._recorder.add(Mode(None, "shares", 0, Place(event.site, row.name), False, -1))

    def _in_shared(self, state: State, place: ev.Operand | None, event: ev.Call, *, everything: bool = False) -> bool:
        """Whether a path certainly is one in a shared directory: one that can be guessed, or `everything` there."""
        texts = self._t.texts.of(state, place, event.site)
        found = [shared(text, self._t.file.policies.directories) for text in texts]
        kinds = ("fixed", "guessable", *(("partly", "unguessable") if everything else ()))
        return bool(found) and all(f is not None and tail(f[1]) in kinds for f in found)

    def _shared_literal(self, word: str) -> bool:
        plain = word.strip("'\"")
        return plain.startswith(tuple(f"{name}/" for name in self._t.file.policies.directories if name[:1] == "/"))

    # -- values ------------------------------------------------------------------------------------------------------

    def _names(self, state: State, operand: ev.Operand | None) -> set[str]:
        """Last parts of the names of flags; `?` where there are others that cannot be known."""
        if isinstance(operand, ev.Flags):
            return {name.rpartition(".")[2] for name in operand.names}
        if isinstance(operand, ev.Dotted):
            return {operand.name.rpartition(".")[2]}
        atom = self._constant(state, operand) if isinstance(operand, str) else None
        if isinstance(atom, Known) and isinstance(atom.value, ev.Flags):
            return self._names(state, atom.value)
        if isinstance(atom, FnRef) and atom.dotted:
            return {atom.name.rpartition(".")[2]}
        return {"?"}

    def _constant(self, state: State, place: str) -> Atom | None:
        """The one value that a place has: a variable, a name of the module, or a constant of the class."""
        atoms = state.env.get(place)
        outer = self._t.file.constants.env if self._t.file.constants is not None else None
        if atoms is None and outer is not None:
            head, _, rest = place.partition(".")
            owner = self._t.function.class_name
            if rest and head in ("self", "cls") and owner and rest.isupper():
                atoms = outer.get(f"{owner}.{rest}")
            elif head not in self._t.function.variables:
                atoms = outer.get(place)
        return next(iter(atoms)) if atoms is not None and len(atoms) == 1 else None

    def _bits(self, state: State, operand: ev.Operand | None, depth: int = 0) -> int | None:
        """The bits that a mode certainly has; None where nothing is known."""
        if isinstance(operand, ev.Const):
            return operand.value if type(operand.value) is int else None
        if isinstance(operand, ev.Dotted):
            return _named(operand.name)
        if isinstance(operand, ev.Flags):
            found = [bits for bits in map(_named, operand.names) if bits is not None]
            return reduce(or_, found, operand.bits) if len(found) == len(operand.names) else None
        if not isinstance(operand, str) or depth > 1:
            return None
        atom = self._constant(state, operand)
        if isinstance(atom, FnRef) and atom.dotted:
            return _named(atom.name)
        if isinstance(atom, Known):
            value = atom.value if isinstance(atom.value, ev.Flags) else ev.Const(atom.value)
            return self._bits(state, value, 2)
        return self._joined(state, self._t.types.binder(operand), depth)

    def _joined(self, state: State, made: ev.Event | None, depth: int) -> int | None:
        """The sum of bits, or what is written of a mode that is joined to another one."""
        if isinstance(made, ev.Text) and made.how == "+":
            parts = [self._bits(state, part, depth + 1) for part in made.parts]
            return sum(bits for bits in parts if bits is not None) if None not in parts else None
        if isinstance(made, ev.Pack) and made.kind == "|":
            known = [bits for bits in (self._bits(state, item, depth + 1) for item in made.items) if bits is not None]
            return reduce(or_, known, 0) & stat.S_IWOTH or None
        return None


def _named(name: str) -> int | None:
    """The value of a permission bit by its name."""
    last = name.rpartition(".")[2]
    value = getattr(stat, last, None) if last.startswith("S_I") else None
    return value if isinstance(value, int) else None


def _written(mode: str) -> int:
    """The bits for group and others in a mode as a shell has it: `0777`, `a+rw`; 0 where it gives none."""
    if re.fullmatch(r"0?[0-7]{3,4}", mode):
        return int(mode, 8)
    bits = 0
    for clause in mode.split(","):
        found = _SYMBOLIC.fullmatch(clause)
        if found is None:
            return 0
        who, _, what = found.groups()
        each = ("r" in what) * 4 | ("w" in what) * 2 | bool(set(what) & set("xX")) * 1
        bits |= (each << 3 if set(who) & set("ga") else 0) | (each if set(who) & set("oa") else 0)
    return bits
