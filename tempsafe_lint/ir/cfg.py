"""Blocks, edges, functions, and the readable dump that the tests compare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from tempsafe_lint.ir import events as ev
from tempsafe_lint.records import dataclass, field
from tempsafe_lint.source import Site

#: More blocks than this in one function and flow stays silent about it: copies of `finally` grow with nesting.
NODE_BUDGET = 6000


@dataclass(slots=True)
class Edge:
    """A way from one block to the next; `assume` holds on it."""

    target: int
    assume: ev.Assume | None = None


@dataclass(slots=True)
class Block:
    """Events in order, then the ways on.

    `handler` is the block where an exception of any of its events goes (an exception dispatch, a `finally` copy, a
    `with` exit, or the function's exceptional exit). A block's events all have the same handler.
    """

    number: int
    handler: int
    events: list[ev.Event] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    note: str = ""

    def go(self, target: int, assume: ev.Assume | None = None) -> None:
        self.edges.append(Edge(target, assume))


@dataclass(slots=True)
class Function:
    """One function body, or the module's own body (`<module>`), as a graph.

    `name` is the qualified name in the file (`outer.<locals>.inner`, `Class.method`). `exit` is reached by falling off
    the end and by every return; `raised` by an exception that nobody caught. `variables` are the names bound in it.
    `decorators` are full dotted names where they resolve, else the text as written.
    """

    name: str
    site: Site
    blocks: list[Block]
    entry: int
    exit: int
    raised: int
    params: tuple[ev.Parameter, ...] = ()
    decorators: tuple[str, ...] = ()
    variables: frozenset[str] = frozenset()
    class_name: str | None = None
    is_generator: bool = False
    is_async: bool = False
    outer: str | None = None
    statements: list[ev.Statement] = field(default_factory=list)
    over_budget: bool = False


@dataclass(slots=True, frozen=True)
class ClassInfo:
    """A class of the file: `bases` are full dotted names (`.Base` for one of this file), `methods` qualified names."""

    name: str
    bases: tuple[str, ...]
    methods: tuple[str, ...]


class Units(Protocol):
    """How flow asks the front for more of the file; a function is lowered when it is asked for, once."""

    @property
    def functions(self) -> tuple[str, ...]:
        """Qualified names of all functions of the file in source order; the first is `<module>`."""

    def __contains__(self, name: object) -> bool:
        """Whether the file has a function of that name."""

    def worth(self, name: str) -> bool:
        """Whether a function can have anything to say by itself: false is certain, true is not."""

    def returns(self, name: str) -> bool:
        """Whether it is certain without reading a function that it may return."""

    def holding(self, words: Iterable[str], also: Iterable[str] | None = None) -> list[str]:
        """Functions whose text holds one of the words, and one of `also` where that is given; and maybe more."""

    @property
    def classes(self) -> dict[str, ClassInfo]:
        """Classes of the file by qualified name."""

    @property
    def taken(self) -> frozenset[str]:
        """Full names that are taken out of a module (`from m import n`): each may be a module, or any other object."""

    def lower(self, name: str) -> Function:
        """The graph of one function; KeyError if the file has none of that name."""


def dump(function: Function) -> str:
    """The graph as text: what `tests/cfg/*.md` compare. Blocks in order of first visit from the entry."""
    order = _reachable(function)
    label = {number: f"b{i}" for i, number in enumerate(order)}
    label.setdefault(function.exit, "exit")
    label.setdefault(function.raised, "raised")
    lines = [f"def {function.name}({', '.join(_parameter(p) for p in function.params)})"]
    for number in order:
        block = function.blocks[number]
        head = {function.exit: " exit", function.raised: " raised"}.get(number, "")
        note = f" ; {block.note}" if block.note else ""
        lines.append(f"{label[number]}:{head}{note}")
        lines.extend(f"    {show(event)}" for event in block.events)
        if block.events and number not in (function.exit, function.raised):
            lines.append(f"    raises -> {label.get(block.handler, '?')}")
        for edge in block.edges:
            when = f" if {_assume(edge.assume)}" if edge.assume else ""
            lines.append(f"    -> {label[edge.target]}{when}")
    return "\n".join(lines) + "\n"


def _reachable(function: Function) -> list[int]:
    order: list[int] = []
    seen: set[int] = set()
    stack = [function.entry]
    while stack:
        number = stack.pop()
        if number in seen:
            continue
        seen.add(number)
        order.append(number)
        block = function.blocks[number]
        follow = [edge.target for edge in block.edges]
        if block.events:
            follow.append(block.handler)
        stack.extend(reversed(follow))
    return order


def _parameter(parameter: ev.Parameter) -> str:
    star = parameter.kind if parameter.kind.startswith("*") else ""
    return f"{star}{parameter.name}" + (f"={operand(parameter.default)}" if parameter.default is not None else "")


def operand(value: ev.Operand | None) -> str:
    """An operand as the dump writes it."""
    if value is None:
        return "-"
    if isinstance(value, ev.Const):
        return repr(value.value)
    if isinstance(value, ev.Dotted):
        return f"<{value.name}>"
    if isinstance(value, ev.Flags):
        return "|".join([*sorted(value.names), *([oct(value.bits)] if value.bits else [])])
    return value


def _assume(assume: ev.Assume) -> str:
    value = f" {operand(assume.value)}" if assume.value is not None else ""
    return f"{'' if assume.holds else 'not '}{operand(assume.place)} {assume.test}{value}"


def show(event: ev.Event) -> str:
    """One event as the dump writes it."""
    if isinstance(event, ev.Call):
        parts = [operand(a) for a in event.args]
        parts += [f"{name}={operand(value)}" for name, value in event.kwargs]
        parts += [f"*{operand(value)}" for value in event.starred]
        what = f"<{event.callee}>" if event.callee else operand(event.func)
        return f"{event.dst} = {'await ' if event.awaited else ''}call {what}({', '.join(parts)})"
    if isinstance(event, ev.Bind):
        return f"{event.dst} = {operand(event.src)}"
    if isinstance(event, ev.Unpack):
        index = ("*" if event.width is None else f":{event.width}") if event.index is None else repr(event.index)
        return f"{event.dst} = {operand(event.src)}[{index}]"
    if isinstance(event, ev.Pack):
        return f"{event.dst} = {event.kind}({', '.join(operand(item) for item in event.items)})"
    if isinstance(event, ev.Text):
        return f"{event.dst} = text {event.how} ({', '.join(operand(part) for part in event.parts)})"
    if isinstance(event, ev.Load):
        return f"load {operand(event.src)}" + ("" if event.how == "use" else f" ; {event.how}")
    if isinstance(event, ev.Store):
        base = f"{operand(event.base)}" if event.base is not None else event.kind
        return f"store {event.kind} {base}[{event.key!r}] = {operand(event.src)}"
    if isinstance(event, ev.Return):
        return f"return {operand(event.src)}"
    if isinstance(event, ev.Yield):
        return f"{event.dst} = yield{' from' if event.whole else ''} {operand(event.src)}"
    if isinstance(event, ev.Raise):
        return f"{event.kind} {operand(event.src)}"
    if isinstance(event, ev.Enter):
        return f"{event.dst} = enter {operand(event.manager)}"
    if isinstance(event, ev.Exit):
        return f"exit {operand(event.manager)}" + (" ; raised" if event.raised else "")
    if isinstance(event, ev.Capture):
        return f"{event.dst} = capture {event.function}({', '.join(event.places)})"
    if isinstance(event, ev.Delete):
        return f"del {event.place}"
    return type(event).__name__
