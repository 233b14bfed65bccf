"""A path that some ways give to the caller and others leave behind: where it is given, so that those can keep it.

Limits: only a path with one name, which is returned by that name, alone or in a tuple or list; nobody else has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.observations import Kept, Place
from tempsafe_lint.flow.stretch import Blocked
from tempsafe_lint.flow.undoing import Gap
from tempsafe_lint.flow.values import DELETED, HERE, LENT, SHOWN, Fact, Resource
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Collection

    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.source import Site


def kept(file: File, function: Function, resource: Resource, facts: Collection[Fact]) -> Kept | Place | None:
    """Where the path is returned; a Place with the reason where that is not all; None where it is not given away."""
    gone = {f.left for f in facts if f.moved not in (HERE, LENT, SHOWN) and f.left is not None}
    if any(f.state == DELETED for f in facts):
        return None  # then it may be its name alone that is returned
    if resource.kind not in ("file", "dir") or resource.instead is None or resource.statement < 0 or not gone:
        return None
    try:
        path = Gap(file, function, resource, ()).path(facts, everywhere=True)
        if path.split(".")[0] in {parameter.name for parameter in function.params}:
            raise Blocked("its name may also be what the caller gave", function.statements[resource.statement].site)
        if not _is_given(path, {e.dst for e in mentions(file, function).calls.get(resource.site, ())}, file, function):
            raise Blocked("what is returned is made of the path", function.statements[resource.statement].site)
        return Kept(_returned(file, function, path, gone), file.policies.undoing["kept"][0])
    except Blocked as blocked:
        return blocked.place


def _is_given(place: str, results: set[str], file: File, function: Function) -> bool:
    """Whether a place has a path as the call gave it: what is made of it may be no text, or another spelling."""
    head, _, attribute = place.partition(".")
    if attribute:
        return attribute == "name" and _is_given(head, results, file, function)
    made = mentions(file, function).binders.get(head, [])
    sources = {e.manager if isinstance(e, ev.Enter) else getattr(e, "src", None) for e in made}
    if not made or not all(isinstance(e, ev.Bind | ev.Unpack | ev.Enter) for e in made) or len(sources) != 1:
        return False
    (source,) = sources
    if source in results:
        return True
    return isinstance(source, str) and source != place and _is_given(source, results, file, function)


def _returned(file: File, function: Function, path: str, gone: set[Site]) -> tuple[Site, ...]:
    """The places where the path is written in what the function returns."""
    index = mentions(file, function)
    found: set[Site] = set()
    for event in index.events:
        if isinstance(event, ev.Return) and _gives(event, path, index.binders):
            mentioned = {e.site for e in index.of[event.statement] if isinstance(e, ev.Load) and e.src == path}
            if len(mentioned) != 1:
                raise Blocked("it is mentioned twice here", event.site)
            found |= mentioned
            gone = gone - {event.site}
    if gone or not found:
        raise Blocked("somebody else has it from here on", min(gone, default=function.site))
    return tuple(sorted(found))


def _gives(event: ev.Return, path: str, binders: dict[str, list[ev.Event]]) -> bool:
    """Whether a path is what is returned, or one item of it."""
    if event.src == path:
        return True
    made = binders.get(event.src, []) if isinstance(event.src, str) else []
    return bool(made) and all(isinstance(one, ev.Pack) and path in one.items for one in made)
