"""How long an object is wanted: from where it is made to the last statement that may have something of it.

Limits: only an object with one plain name, whose mentions all stand in the suite that makes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.observations import Behind, Held, Place, UsedIn
from tempsafe_lint.flow.owners import MODULE
from tempsafe_lint.flow.stretch import Look
from tempsafe_lint.ir import events as ev
from tempsafe_lint.records import replace

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.values import Resource
    from tempsafe_lint.ir.cfg import Function


def held(file: File, function: Function, resource: Resource) -> Held | Place | None:
    """The statements that want the object; a Place with the reason where that cannot be told."""
    if resource.statement < 0 or resource.kind not in ("object", "dirobject"):
        return None
    look = Look(file, function, resource, frozenset())
    made = look.made
    if made.kind not in ("assign", "annassign") or function.name == MODULE:
        return Place(made.site, "it is made as a part of this statement")
    names = look.bound(look.inside([made]))
    plain = [name for name in names if name in function.variables]
    if len(names) != 1 or not plain:
        return Place(made.site, "it has no name of its own")
    results = {event.dst for event in mentions(file, function).calls.get(resource.site, ())}
    direct = [e for e in look.events({made.number}) if isinstance(e, ev.Bind) and e.dst == plain[0]]
    helped = file.models.get(resource.maker) is None  # a helper may give nothing on some way
    if helped or not direct or any(event.src not in results for event in direct):
        return Place(made.site, "it may be something else, or nothing")
    rest = sorted(
        (s for s in look.table if s.suite == made.suite and s.index > made.index), key=lambda statement: statement.index
    )
    carried = look.carried(names, rest)
    wanted = [s for s in rest if any(look.reads(event) & carried for event in look.events(look.inside([s])))]
    if not wanted:
        return Place(made.site, "nothing is done with it")
    inside = look.inside([made, *rest])
    for event in mentions(file, function).events:
        if event.statement not in inside and look.reads(event) & carried:
            return Place(event.site, "something of it is used outside the block that makes it")
    body = look.inside([s for s in rest if s.index <= wanted[-1].index])
    again = next((e for e in look.events(body) if _binds(e, plain[0])), None)
    if again is not None:
        return Place(again.site, "its name means something else from here on")
    return Held(made.site, rest[0].site, wanted[-1].site, plain[0])


def _binds(event: ev.Event, name: str) -> bool:
    return getattr(event, "dst", None) == name or (isinstance(event, ev.Delete) and event.place == name)


_SIMPLE = frozenset({"expr", "assign", "annassign", "augassign", "return"})


def behind(file: File, function: Function, seen: UsedIn) -> UsedIn:
    """The use with what could move into the `with` that ended the resource, where both stand in one suite."""
    resource = seen.resource
    if resource.statement < 0 or seen.statement < 0:
        return seen
    look = Look(file, function, resource, frozenset())
    top = next((s for s in look.above(seen.statement) if s.suite == look.made.suite), None)
    if look.made.kind != "with" or top is None or top.index <= look.made.index:
        return seen
    moved = [s for s in look.table if s.suite == look.made.suite and look.made.index < s.index <= top.index]
    around = {holder.kind for holder in list(look.above(look.made.number))[1:]}
    alone = len(moved) == 1 and not around & {"try", "with"}
    alone = alone and len(look.managers(look.made)) == 1
    moved.sort(key=lambda s: s.index)
    carried = look.carried(look.bound({look.made.number}), [look.made])
    earlier = look.inside(moved[:-1])
    if top.kind not in _SIMPLE or any(look.reads(event) & carried for event in look.events(earlier)):
        return seen  # what looks at it in between may count on its end
    first = moved[0]
    names = look.bound({look.made.number})
    name = names.pop() if len(names) == 1 else ""
    return replace(seen, behind=Behind(look.made.site, first.site, top.site, alone, name))
