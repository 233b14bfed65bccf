"""Removals that take files only: what they are given stays, and they fail, where it is a directory.

Where a handler around such a call removes something too, or hands it to somebody unknown, the two together count as a
removal. So does one under a condition of its own: that may ask what there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.words import words_of
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.values import Resource
    from tempsafe_lint.ir.cfg import Function


def spares(file: File, function: Function, event: ev.Event) -> bool:
    """Whether nothing around a removal of files removes a directory in its place when it fails."""
    return not any(_removes(file, other) for number in _tries(function, event) for other in _handling(function, number))


def sure_to_fail(function: Function, event: ev.Event, resource: Resource) -> bool:
    """Whether a removal is carried out wherever its resource is made, and nobody catches what it raises."""
    conditions = {number for number, kind in _above(function, event.statement) if kind in ("if", "match")}
    around = {number for number, _ in _above(function, resource.statement)}
    return conditions <= around and not list(_tries(function, event))


def _above(function: Function, number: int) -> Iterator[tuple[int, str]]:
    """The statements that a statement stands in, and their kinds."""
    while 0 <= number < len(function.statements):
        parent = function.statements[number].parent
        if parent is None:
            return
        yield parent, function.statements[parent].kind
        number = parent


def _tries(function: Function, event: ev.Event) -> Iterator[int]:
    """The `try` statements with handlers, and the `with` statements, in the body of which an event stands."""
    rows, number = function.statements, event.statement
    handled = {row.parent for row in rows if row.part.startswith("handler")}
    while 0 <= number < len(rows):
        parent, part = rows[number].parent, rows[number].part
        if parent is None:
            return
        if part == "body" and (parent in handled or rows[parent].kind == "with"):
            yield parent
        number = parent


def _handling(function: Function, number: int) -> Iterator[ev.Call]:
    """The calls in the handlers of a `try`."""
    inside: set[int | None] = {row.number for row in function.statements if _handles(row.parent, row.part, number)}
    for row in function.statements:
        if row.parent in inside:
            inside.add(row.number)
    for block in function.blocks:
        yield from (event for event in block.events if isinstance(event, ev.Call) and event.statement in inside)


def _handles(parent: int | None, part: str, number: int) -> bool:
    return parent == number and part.startswith("handler")


def _removes(file: File, event: ev.Call) -> bool:
    row = file.row(event.callee)
    if row is not None:
        return any(role.does == "deletes" for role in row.args.values())
    return bool(event.args) or bool(words_of(event) & file.policies.removers)
