"""A descriptor that nobody closes: where its number is, and where a close can stand.

Limits: only a pair that is taken apart in the statement that makes it, into plain variables. What else happens to the
pair, or to the number in another block than the creation's, is not followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.mentions import mentions, roots
from tempsafe_lint.flow.observations import Lost, Place
from tempsafe_lint.flow.owners import MODULE
from tempsafe_lint.flow.spills import spills_here
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.values import Resource
    from tempsafe_lint.ir.cfg import Function


def lost(file: File, function: Function, resource: Resource) -> Lost | Place | None:
    """What has to be known to close the descriptor; a Place with the reason where it cannot be told."""
    row = file.models.get(resource.maker)
    made = row.makes[resource.slot] if row is not None and resource.slot < len(row.makes) else None
    if made is None or made.closer is None or made.index is None or resource.statement < 0:
        return None
    table, index = function.statements, mentions(file, function)
    statement = table[resource.statement]
    results = {event.dst for event in index.calls.get(resource.site, ())}
    names: set[str] = set()
    for number in sorted({n for result in results for n in index.at.get(result, ())}):
        event = index.events[number]
        if isinstance(event, ev.Call) and event.dst in results:
            continue
        if not isinstance(event, ev.Unpack) or event.statement != resource.statement or event.index not in (0, 1):
            return Place(event.site, "the pair is kept together")
        if event.index == made.index:
            names.add(event.dst)
    shown = next((event for event in index.events if isinstance(event, ev.Call) and spills_here(file, event)), None)
    if shown is not None and all(not name.strip("_") for name in names):
        return Place(shown.site, "a new name would be shown here")
    if not names:
        return Lost(statement.site, resource.site, "", made.closer, statement.site, True)
    name = names.pop()
    if names or name.startswith("%") or "." in name:
        return Place(statement.site, "the descriptor is stored where others can use it")
    if function.name == MODULE or name not in function.variables:
        return Place(statement.site, "others can use the name of the descriptor")
    return _named(file, function, statement, resource, name, made.closer)


def _named(
    file: File, function: Function, statement: ev.Statement, resource: Resource, name: str, closer: str
) -> Lost | Place:
    """After the last mention of the name, which is in the suite of the creation."""
    table, last = function.statements, statement
    index = mentions(file, function)
    for number in index.at.get(name, ()):
        event = index.events[number]
        if name not in roots(event, written=False) and not isinstance(event, ev.Capture):
            continue
        current = table[event.statement] if event.statement >= 0 else None
        while current is not None and current.suite != statement.suite:
            current = table[current.parent] if current.parent is not None else None
        if current is None or current.index <= statement.index or isinstance(event, ev.Capture):
            return Place(event.site, "the descriptor is used here")
        if current.index > last.index:
            last = current
    if last.kind in ("return", "raise", "break", "continue"):
        return Place(last.site, "the descriptor is used here")
    return Lost(statement.site, resource.site, name, closer, last.site, last is statement)
