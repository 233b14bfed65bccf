"""Whether a function certainly comes back, told from its graph alone: what calls it goes on behind the call.

There must be a way to its end on which nothing can stop flow: no `raise`, no call that never returns, and no test of a
name that may hold a constant, or that is tested more than once. Where there is none, the answer is that nobody knows.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import is_local
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import HANDLES

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Edge, Function

_TESTS = ("truthy", "is-none")
#: So many helpers are looked into, one inside the other.
MOST_DEEP = 12


def comes_back(file: File, name: str, deep: int = 0) -> bool:
    """Whether a function of the file certainly comes back; true for what is none. `deep` helpers are looked into.

    One in which nothing can begin need not be read where its text says that it returns.
    """
    known = file.returning.get(name)
    if known is None:
        if name not in file.units or (not file.units.worth(name) and file.units.returns(name)):
            return True
        file.returning[name] = False  # of one that calls itself nobody knows
        function = file.function(name) if deep <= MOST_DEEP else None
        known = function is not None and (function.is_generator or _Ways(file, function, deep).lead_out())
        file.returning[name] = known
    return known


class _Ways:
    """The ways through one function."""

    def __init__(self, file: File, function: Function, deep: int) -> None:
        self._file = file
        self._function = function
        self._deep = deep
        self._constant: set[str] | None = None
        self._tested: Counter[str] | None = None

    def lead_out(self) -> bool:
        """Whether one leads to the end."""
        function = self._function
        todo, seen = [function.entry], {function.entry}
        while todo:
            number = todo.pop()
            if number == function.exit:
                return True
            block = function.blocks[number]
            if any(self._stops(event) for event in block.events):
                continue
            for edge in block.edges:
                if edge.target not in seen and self._is_open(edge):
                    seen.add(edge.target)
                    todo.append(edge.target)
        return function.over_budget

    def _stops(self, event: ev.Event) -> bool:
        """Whether nothing may come after an event."""
        if not isinstance(event, ev.Call):
            return isinstance(event, ev.Raise)
        file = self._file
        if event.callee is not None:
            if is_local(event.callee):
                own = event.callee[1:]
                name = file.method(own, "__init__") if own in file.units.classes else own
                return name is not None and not comes_back(file, name, self._deep + 1)
            row = file.row(event.callee)
            return row is not None and row.never
        if event.method is not None:
            rows = [file.models.method(handle, event.method) for handle in HANDLES]
            if any(row is not None and row.never for row in rows):
                return True
            if event.receiver in ("self", "cls"):
                name = file.method(self._function.class_name, event.method)
                if name is not None and not comes_back(file, name, self._deep + 1):
                    return True
        return isinstance(event.func, str) and _root(event.func) in self._constants()

    def _is_open(self, edge: Edge) -> bool:
        """Whether an edge can be taken whatever is known."""
        assume = edge.assume
        if assume is None:
            return True
        if assume.test == "swallows":
            return not assume.holds
        if assume.test not in _TESTS or not isinstance(assume.place, str):
            return True
        return self._tests()[assume.place] < 2 and _root(assume.place) not in self._constants()

    def _tests(self) -> Counter[str]:
        """How many blocks end in a test of each place."""
        if self._tested is None:
            places = (
                {edge.assume.place for edge in block.edges if edge.assume is not None and edge.assume.test in _TESTS}
                for block in self._function.blocks
            )
            self._tested = Counter(place for found in places for place in found if isinstance(place, str))
        return self._tested

    def _constants(self) -> set[str]:
        """Variables and temporaries that may hold a constant, or a function."""
        if self._constant is None:
            self._constant = found = set()
            containers = self._file.policies.proof["containers"]
            flows: dict[str, set[str]] = {}
            for block in self._function.blocks:
                for event in block.events:
                    for root, operand in _taken(event, containers):
                        if isinstance(operand, str):
                            flows.setdefault(_root(operand), set()).add(root)
                        elif not (isinstance(operand, ev.Const) and isinstance(operand.value, str | bytes)):
                            found.add(root)
            todo = list(found)
            while todo:
                for root in flows.get(todo.pop(), set()) - found:
                    found.add(root)
                    todo.append(root)
        return self._constant


def _taken(event: ev.Event, containers: frozenset[str]) -> list[tuple[str, object]]:
    """What a variable or temporary may hold after an event, and of which operand it has it."""
    if isinstance(event, ev.Capture):
        return [(_root(event.dst), None)]
    if isinstance(event, ev.Store):
        return [(_root(event.base if isinstance(event.base, str) else str(event.key)), event.src)]
    dst = getattr(event, "dst", None)
    if not isinstance(dst, str):
        return []
    given: list[object] = []
    if isinstance(event, ev.Call):
        # A helper may give back what it was given, but no constant that is written in the call.
        given = [operand for operand in (event.receiver, *event.args, *event.starred) if isinstance(operand, str)]
        given += [o for _, o in event.kwargs if isinstance(o, str) or event.callee in containers]
    elif isinstance(event, ev.Pack):
        given = list(event.items)
    elif isinstance(event, ev.Bind | ev.Unpack):
        given = [event.src]
    elif isinstance(event, ev.Enter):
        given = [event.manager]
    return [(_root(dst), operand) for operand in given]


def _root(place: str) -> str:
    return place.partition(".")[0].partition("[")[0]
