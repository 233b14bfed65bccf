"""Which functions are worth solving, told from their events before anything is followed.

A function can have something to say if something begins in it (a call or mention of a maker or a source, a text that
names a shared directory), or if it meets what began elsewhere: a helper, a constant, an attribute, a default, a
variable of the function around it. Whatever else it does with files concerns nobody here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import is_local
from tempsafe_lint.flow.provenance import constant, shared
from tempsafe_lint.flow.values import PathText
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function

_ONE = ("src", "base", "manager", "receiver", "func", "value")
_MANY = ("args", "starred", "items", "parts")


def tells(file: File, text: PathText) -> bool:
    """Whether a path is one of which something is said: in a shared directory, or a scratch file's fixed name."""
    if shared(text, file.policies.directories) is not None:
        return True
    name = constant(text)
    return name is not None and name.startswith(file.policies.scratch)


class Interest:
    """What functions of one file may meet; made when the module's own body is solved."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._giving: dict[str, bool] = {}
        self._directories = tuple(name.replace("\\", "/").lower() for name in file.policies.directories)
        self._scratch = tuple(name.lower() for name in file.policies.scratch)
        self._starting = file.models.words_of("starts", "masks") | set(file.policies.wrappers)
        self._methods = {
            name.rpartition(".")[2].partition("#")[0] for name in file.units.functions if file.units.worth(name)
        }
        self._constants = {
            place.rpartition(".")[2]
            for place, atoms in (file.constants.env.items() if file.constants is not None else ())
            if any(isinstance(a, PathText) and tells(file, a) for a in atoms)
        }

    def in_function(self, function: Function) -> bool:
        """Whether a function can have something to say."""
        file = self._file
        if file.outer.get(function.name) or file.defaults.get(function.name):
            return True
        return any(self._in_event(event, function) for block in function.blocks for event in block.events)

    def _in_event(self, event: ev.Event, function: Function) -> bool:
        if isinstance(event, ev.Call) and (self._is_called(event.callee) or self._is_method(event, function)):
            return True
        return any(self._is_telling(operand) for operand in _operands(event))

    def _is_called(self, callee: str | None) -> bool:
        if callee is None:
            return False
        if is_local(callee):
            name = callee[1:]
            if name in self._file.units.classes:
                name = self._file.method(name, "__init__") or ""
            return self._gives(name)
        row = self._file.row(callee)
        return row is not None and (row.starts or any(role.does == "masks" for role in row.args.values()))

    def _gives(self, name: str) -> bool:
        """Whether a function of the file may give its caller something."""
        if name not in self._file.units or not self._file.units.worth(name):
            return False
        known = self._giving.get(name)
        if known is None:
            summary = self._file.summary(name)
            known = summary is None or bool(summary.returned or summary.yields or summary.texts)
            self._giving[name] = known
        return known

    def _is_method(self, event: ev.Call, function: Function) -> bool:
        if event.method is None or event.method in self._starting:
            return event.method is not None
        if event.receiver not in ("self", "cls") or event.method not in self._methods:
            return False
        return self._gives(self._file.method(function.class_name, event.method) or "")

    def _is_telling(self, operand: object) -> bool:
        if isinstance(operand, ev.Const):
            return isinstance(operand.value, str | bytes) and self._is_shared(operand.value)
        if isinstance(operand, ev.Dotted):
            return self._is_called(operand.name)
        if not isinstance(operand, str) or operand.startswith("%"):
            return False
        words = set(operand.replace("[", ".").split("."))
        return not words.isdisjoint(self._constants) or not words.isdisjoint(self._file.filled)

    def _is_shared(self, value: str | bytes) -> bool:
        text = value if isinstance(value, str) else value.decode("latin-1")
        plain = text.replace("\\", "/").lower()
        return plain.startswith(self._scratch) or any(name in plain for name in self._directories)


def _operands(event: ev.Event) -> Iterator[object]:
    for name in _ONE:
        yield getattr(event, name, None)
    for name in _MANY:
        yield from getattr(event, name, ())
    for _, value in getattr(event, "kwargs", ()):
        yield value
    if isinstance(event, ev.Capture):
        for _, value, _ in event.defaults:
            yield value
