"""Whether a value is text or bytes, where that is written down in the function.

A variable counts only if it is bound once in the whole function; a parameter, a value from elsewhere and arithmetic
on unknown values are None.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.words import last_name, split
from tempsafe_lint.ir import events as ev
from tempsafe_lint.source import Site

if TYPE_CHECKING:
    from tempsafe_lint.flow.transfer import Transfer

#: Values are followed through this many events.
_DEPTH = 6


class TypeOf:
    """Answers for one function; the index of what binds each place is made when it is first asked."""

    def __init__(self, transfer: Transfer) -> None:
        self._t = transfer
        self._bound: dict[str, list[ev.Event]] | None = None

    def of(self, operand: ev.Operand | None, depth: int = 0) -> str | None:
        """`str`, `bytes`, or None where it cannot be told."""
        if isinstance(operand, ev.Const):
            return "str" if isinstance(operand.value, str) else "bytes" if isinstance(operand.value, bytes) else None
        if not isinstance(operand, str) or depth > _DEPTH:
            return None
        bound = self._binders().get(operand, [])
        return self._made(bound[0], depth + 1) if len(bound) == 1 else None

    def binder(self, operand: ev.Operand) -> ev.Event | None:
        """The one event of the function that makes what a place holds, through plain assignments."""
        for _ in range(_DEPTH):
            bound = self._binders().get(operand, []) if isinstance(operand, str) else []
            if len(bound) != 1 or not isinstance(bound[0], ev.Bind):
                return bound[0] if len(bound) == 1 else None
            operand = bound[0].src
        return None

    def key(self, operand: ev.Operand) -> frozenset[str]:
        """The words of the constant key under which what a place holds stands in a table (`TOOLS["file.remove"]`)."""
        is_result = isinstance(operand, str) and operand.startswith("%") and "." not in operand
        made = self.binder(operand) if is_result else None
        index = made.index if isinstance(made, ev.Unpack) else None
        return split(index.rpartition(".")[2]) if isinstance(index, str) else frozenset()

    def is_secret(self, *operands: ev.Operand) -> bool:
        """Whether a name on the way to one of these values says that nobody else knows it: policy.toml, secrets."""
        named = [said for operand in operands for said in self._named(operand)]
        return any(words <= said for words in self._t.file.policies.secrets for said in named)

    def _named(self, operand: ev.Operand | None, depth: int = 0) -> list[frozenset[str]]:
        """The words of each name and key by which a value is come by."""
        if isinstance(operand, ev.Const):
            return [_spelled(operand.value)] if isinstance(operand.value, str) else []
        if isinstance(operand, ev.Dotted):
            return [_spelled(part) for part in operand.name.split(".")]
        if not isinstance(operand, str) or depth > _DEPTH:
            return []
        found = [_spelled(part) for part in operand.split(".")]
        made = self.binder(operand)
        if isinstance(made, ev.Unpack):
            found += [_spelled(str(made.index)), *self._named(made.src, depth + 1)]
        elif isinstance(made, ev.Call):
            found += [_spelled(last_name(made)), *self._named(made.receiver, depth + 1)]
            found += [said for argument in made.args for said in self._named(argument, depth + 1)]
        elif isinstance(made, ev.Text):
            found += [said for part in made.parts for said in self._named(part, depth + 1)]
        return found

    def words(self, operand: ev.Operand, depth: int = 0) -> set[str]:
        """The words of all constant texts that what a place holds may be made of, whichever of its bindings it has."""
        if isinstance(operand, ev.Const):
            return set(re.findall(r"\w+", operand.value)) if isinstance(operand.value, str) else set()
        found: set[str] = set()
        binders = mentions(self._t.file, self._t.function).binders
        for event in binders.get(operand, []) if isinstance(operand, str) and depth < _DEPTH else ():
            parts = (event.src,) if isinstance(event, ev.Bind) else event.parts if isinstance(event, ev.Text) else ()
            for part in parts:
                found |= self.words(part, depth + 1)
        return found

    def _made(self, event: ev.Event, depth: int) -> str | None:
        if isinstance(event, ev.Bind):
            return self.of(event.src, depth)
        if isinstance(event, ev.Text):
            return self._text(event, depth)
        if isinstance(event, ev.Call):
            row = self._t.file.models.get(event.callee)
            if row is None and event.callee is None and event.method is not None:
                row = self._t.file.models.method("any", event.method)
            if row is None:
                return None
            if row.value == "receiver":
                return self.of(event.receiver if event.receiver is not None else next(iter(event.args), None), depth)
            return row.value
        return None

    def _text(self, event: ev.Text, depth: int) -> str | None:
        """Text and bytes never mix; an f-string is text whatever stands in it, and so is what `format` makes; `%`
        gives what is constant in its pattern.
        """
        if event.how in ("f", "format"):
            return "str"
        if event.how == "/":
            return None
        pattern = event.how == "%"
        parts = [p for p in event.parts if isinstance(p, ev.Const)] if pattern else event.parts
        sorts = {self.of(part, depth) for part in parts} - {None}
        return sorts.pop() if len(sorts) == 1 else None

    def _binders(self) -> dict[str, list[ev.Event]]:
        if self._bound is None:
            self._bound = {}
            parameters = {p.name for p in self._t.function.params}
            seen: set[tuple[type, Site, str]] = set()
            for block in self._t.function.blocks:
                for event in block.events:
                    dst = getattr(event, "dst", None)
                    if not isinstance(dst, str) or dst in parameters:
                        continue
                    # A `finally` body stands in the graph once for each way out: one binding all the same.
                    key = (type(event), event.site, dst)
                    if key not in seen:
                        seen.add(key)
                        self._bound.setdefault(dst, []).append(event)
        return self._bound


def _spelled(name: str) -> frozenset[str]:
    """The words of a name, or of a constant's."""
    return split(name.lower() if name.isupper() else name)
