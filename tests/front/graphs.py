"""What holds of every graph, whatever the program."""

from __future__ import annotations

from collections.abc import Iterator

from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Function, dump
from tempsafe_lint.records import fields

#: Fields of events that hold operands, alone or in tuples.
_OPERANDS = ("func", "receiver", "args", "kwargs", "starred", "src", "items", "parts", "base", "manager", "place")


def check(function: Function) -> None:
    """Edges and handlers lead somewhere, statements are known, temporaries are assigned before they are used."""
    numbers = range(len(function.blocks))
    for i, block in enumerate(function.blocks):
        assert block.number == i
        assert block.handler in numbers
        assert all(edge.target in numbers for edge in block.edges)
        assert all(0 <= event.statement < len(function.statements) for event in block.events)
    for i, statement in enumerate(function.statements):
        assert statement.number == i
        assert statement.parent is None or 0 <= statement.parent < i
    _defined(function)
    assert dump(function).startswith(f"def {function.name}(")


def _defined(function: Function) -> None:
    """Each temporary is assigned on every way to its use; an exception keeps what was assigned before the event."""
    known: dict[int, frozenset[str]] = {function.entry: frozenset()}
    pending = [function.entry]
    while pending:
        block = function.blocks[pending.pop()]
        have = set(known[block.number])
        for event in block.events:
            _merge(known, pending, block.handler, have)
            _assign(event, have)
        for edge in block.edges:
            _merge(known, pending, edge.target, have)
    for number, before in known.items():
        block = function.blocks[number]
        have = set(before)
        for event in block.events:
            for operand in _operands(event):
                assert _is_known(operand, have), (function.name, operand, event)
            _assign(event, have)
        for edge in block.edges:
            assert edge.assume is None or _is_known(edge.assume.place, have), (function.name, edge)


def _merge(known: dict[int, frozenset[str]], pending: list[int], target: int, have: set[str]) -> None:
    old = known.get(target)
    new = frozenset(have) if old is None else old & have
    if new != old:
        known[target] = new
        pending.append(target)


def _assign(event: ev.Event, have: set[str]) -> None:
    dst = getattr(event, "dst", None)
    if isinstance(dst, str) and dst.startswith("%"):
        have.add(dst)


def _is_known(operand: object, have: set[str]) -> bool:
    return not isinstance(operand, str) or not operand.startswith("%") or operand.partition(".")[0] in have


def _operands(event: ev.Event) -> Iterator[object]:
    for field in fields(event):
        if field.name in _OPERANDS:
            value = getattr(event, field.name)
            if not isinstance(value, tuple):
                yield value
                continue
            for item in value:
                yield item[1] if isinstance(item, tuple) else item
