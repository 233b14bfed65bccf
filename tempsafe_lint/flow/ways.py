"""Ways out of a function on which something is still owed, and which of them do not count.

Clean-up under a condition that says nothing of the resource (`if not keep: rmtree(folder)`) is a decision of the
program: the other branch keeps the thing on purpose, as long as nothing else removes it later on. Such an edge is
*excused*. Limit: the condition is not read, so a condition that is simply wrong is excused too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tempsafe_lint.ir.cfg import Function

Owes = Callable[[int], bool]
Leads = Callable[[int], Iterable[int]]


def excused(function: Function, created: int, releases: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Edges (block, target) that leave out a conditional clean-up on purpose.

    `created` is the statement that makes the resource, `releases` are (block, statement) pairs that end it.
    """
    releasing = list(releases)
    blocks = {block for block, _ in releasing}
    above_creation = set(ancestors(function, created))
    edges: set[tuple[int, int]] = set()
    guards = {a for _, s in releasing for a in ancestors(function, s) if function.statements[a].kind == "if"}
    for guard in guards - above_creation:
        inside = _descendants(function, guard)
        for block in function.blocks:
            if not block.events or block.events[-1].statement != guard or len(block.edges) < 2:
                continue
            for edge in block.edges:
                if not _reaches(function, edge.target, blocks, inside) and not _reaches(function, edge.target, blocks):
                    edges.add((block.number, edge.target))
    return edges


def finals(function: Function, statement: int) -> set[int]:
    """The `try` statements in whose `finally` a statement stands."""
    found: set[int] = set()
    number: int | None = statement if 0 <= statement < len(function.statements) else None
    while number is not None:
        row = function.statements[number]
        if row.part == "finalbody" and row.parent is not None:
            found.add(row.parent)
        number = row.parent
    return found


def ancestors(function: Function, statement: int) -> Iterable[int]:
    """The statements around one, the innermost first."""
    parent = function.statements[statement].parent if 0 <= statement < len(function.statements) else None
    while parent is not None:
        yield parent
        parent = function.statements[parent].parent


def _descendants(function: Function, statement: int) -> set[int]:
    found = {statement}
    for row in function.statements:
        if row.parent in found:
            found.add(row.number)
    return found


def _reaches(function: Function, start: int, wanted: set[int], within: set[int] | None = None) -> bool:
    """Whether normal edges lead from a block to one that is wanted, through the statements `within` alone."""
    todo, seen = [start], set()
    while todo:
        number = todo.pop()
        if number in seen:
            continue
        seen.add(number)
        block = function.blocks[number]
        if within is not None and any(event.statement not in within for event in block.events):
            continue
        if number in wanted:
            return True
        todo.extend(edge.target for edge in block.edges)
    return False


def reachable(
    starts: list[int], leads: Leads, owes: Owes, raising: Iterable[tuple[int, int]], excused: set[tuple[int, int]]
) -> set[int]:
    """Blocks that owing ways lead to from some blocks: along edges that carry the duty (`leads`) and are not excused,
    and along `raising` (block, handler) pairs.
    """
    handlers: dict[int, set[int]] = {}
    for block, handler in raising:
        handlers.setdefault(block, set()).add(handler)
    seen: set[int] = set()
    todo = starts.copy()
    while todo:
        number = todo.pop()
        if number in seen:
            continue
        seen.add(number)
        todo.extend(target for target in leads(number) if (number, target) not in excused)
        todo.extend(handler for handler in handlers.get(number, ()) if owes(handler))
    return seen


def survives(function: Function, handler: int) -> bool:
    """Whether a failure that goes to a handler leads on to the function's normal end."""
    todo, seen = [handler], set[int]()
    while todo:
        number = todo.pop()
        if number == function.exit:
            return True
        if number not in seen and number != function.raised:
            seen.add(number)
            todo.extend(edge.target for edge in function.blocks[number].edges)
    return False
