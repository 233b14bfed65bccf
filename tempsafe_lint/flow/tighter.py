"""What a name from `mktemp` is first wanted for, where one call that also makes it can take the place of both.

A folder that is made, or a file that is opened for writing, by a statement of the same suite, with nothing that may
fail in between. Limits: a name in one plain variable of a function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import given
from tempsafe_lint.flow.mentions import mentions, roots
from tempsafe_lint.flow.observations import Tighter
from tempsafe_lint.flow.owners import MODULE
from tempsafe_lint.flow.spills import spills_here
from tempsafe_lint.flow.stretch import Look
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.values import Resource
    from tempsafe_lint.ir.cfg import Function


def tighter(file: File, function: Function, resource: Resource) -> Tighter | None:
    """How the thing could be made by the call that gives the name; None where that cannot be told."""
    if resource.statement < 0 or function.name == MODULE:
        return None
    look, index = Look(file, function, resource, frozenset()), mentions(file, function)
    words, made = file.policies.tighter, look.made
    results = {event.dst for event in index.calls.get(resource.site, ())}
    binds = [e for e in look.events({made.number}) if isinstance(e, ev.Bind) and e.src in results]
    if made.kind != "assign" or len(binds) != 1 or binds[0].dst not in function.variables:
        return None
    name = binds[0].dst
    rest = sorted((s for s in look.table if s.suite == made.suite and s.index > made.index), key=lambda s: s.index)
    for statement in rest:
        events = list(look.events(look.inside([statement])))
        if any(name in roots(event) for event in events):
            return _used(file, function, look, statement, name)
        if look.raises(statement) or words["kinds"].isdisjoint({statement.kind}):
            return None
    return None


def _used(file: File, function: Function, look: Look, statement: ev.Statement, name: str) -> Tighter | None:
    """The first statement that mentions the name."""
    words, index = file.policies.tighter, mentions(file, function)
    calls = {e.site: e for e in look.events({statement.number}) if isinstance(e, ev.Call)}
    first = next((call for call in calls.values() if call.args[:1] == (name,)), None)
    if first is None or first.star or first.starred or first.awaited:
        return None
    (folder,), (file_call,) = words["dir"], words["file"]
    if first.callee in words["makes"] and statement.kind == "expr" and len(calls) == 1:
        alone = len(first.args) == 1 and not first.kwargs
        return Tighter(look.made.site, folder, statement.site, None) if alone else None
    row = file.models.get(first.callee)
    mode = given(first, row, "mode") if row is not None else None
    if first.callee not in words["opens"] or not isinstance(mode, ev.Const) or mode.value not in words["modes"]:
        return None
    shown = any(isinstance(e, ev.Call) and spills_here(file, e) for e in index.events)
    again = sum(name in roots(e, written=False) for e in look.events({statement.number}))
    named = any(isinstance(e, ev.Load) and str(e.src).endswith(".name") for e in index.events)
    if shown or named or len(calls) != 1 or again > 2 or statement.kind not in ("with", "assign"):
        return None
    return Tighter(look.made.site, file_call, None, first.arg_sites[0])
