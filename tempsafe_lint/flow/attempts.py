"""Statements that stand where they may fail on purpose: a fix that takes the failure away changes what happens next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.source import Site


def is_attempt(file: File, function: Function, event: ev.Event) -> bool:
    """Whether an event's statement is all that a `try` with handlers has in its body, or a `with` that may look for the
    exception.
    """
    statements = function.statements
    if not 0 <= event.statement < len(statements):
        return False
    own = statements[event.statement]
    if own.parent is None or own.part != "body" or statements[own.parent].kind not in ("try", "with"):
        return False
    siblings = [s for s in statements if s.parent == own.parent]
    if sum(s.part == "body" for s in siblings) != 1:
        return False
    if statements[own.parent].kind == "with":
        return _expects(file, function, own.parent)
    return any(s.part.startswith("handler") for s in siblings)


def _expects(file: File, function: Function, number: int) -> bool:
    """Whether a manager of a `with` is made by a call that nobody knows, or one that swallows exceptions."""
    events = [event for block in function.blocks for event in block.events if event.statement == number]
    managers = {event.manager for event in events if isinstance(event, ev.Enter)}
    for event in events:
        if isinstance(event, ev.Call) and event.dst in managers:
            row = file.models.get(event.callee)
            if row is None or row.swallows:
                return True
    return False


def last_call(function: Function, number: int) -> Site | None:
    """The last call in the body of a `with` that asks for an exception, where its last statement makes it: what it
    would make is not made, for then the `with` itself would fail.

    Limit: that something without a call in the same statement fails behind it is not seen.
    """
    body = [s for s in function.statements if s.parent == number and s.part == "body"]
    if not body:
        return None
    inside = {body[-1].number}
    for row in function.statements:
        if row.parent in inside:
            inside.add(row.number)
    ending = [event for block in function.blocks for event in block.events if event.statement in inside]
    calls = [event.site for event in ending if isinstance(event, ev.Call)]
    return calls[-1] if calls else None


def handles_opening(file: File, function: Function, event: ev.Event) -> bool:
    """Whether an event stands in a handler of a `try` that makes a file object of a descriptor: where that fails, the
    descriptor is still open.
    """
    tries = set(_handled(function, event.statement))
    if not tries:
        return False
    for block in function.blocks:
        for other in block.events:
            if not isinstance(other, ev.Call) or other.statement < 0:
                continue
            row = file.models.get(other.callee)
            opens = row is not None and any(role.does == "alias" for role in row.args.values())
            if opens and tries & set(_inside(function, other.statement)):
                return True
    return False


def _handled(function: Function, number: int) -> Iterator[int]:
    """The `try` statements in a handler of which a statement stands."""
    while 0 <= number < len(function.statements):
        row = function.statements[number]
        if row.parent is not None and row.part.startswith("handler"):
            yield row.parent
        number = -1 if row.parent is None else row.parent


def _inside(function: Function, number: int) -> Iterator[int]:
    """The statements in the body of which a statement stands."""
    while 0 <= number < len(function.statements):
        row = function.statements[number]
        if row.parent is not None and row.part == "body":
            yield row.parent
        number = -1 if row.parent is None else row.parent
