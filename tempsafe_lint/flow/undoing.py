"""What fails between a creation and the place from which somebody ends it: a handler there can undo the creation.

The statements behind the creation, in its own suite, up to the one in which the path gets to somebody who has it for
good. Limits: nothing is said where a way out that is written there leaves it, nor where it may be left by what stands
in another suite than the creation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.failing import PLAIN
from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.observations import Place, Undo
from tempsafe_lint.flow.stretch import Blocked, Look
from tempsafe_lint.flow.values import KEPT, LIVE, MOVED, REGISTERED, Fact, Resource
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Collection

    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.owing import Raising
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.source import Site

#: So much behind a creation is looked at: nobody wants a handler around more.
MOST_STATEMENTS = 30

_GONE = frozenset({KEPT, REGISTERED, MOVED})


def undone(
    file: File,
    function: Function,
    resource: Resource,
    releases: Collection[int],
    facts: Collection[Fact],
    raising: Collection[Raising],
) -> Undo | Place | None:
    """What a handler can take in; a Place with the reason where none can; None for what has no path.

    `releases` are the statements that end the resource, `facts` its facts on all ways out, `raising` the places where
    something fails while it is owed.
    """
    how = file.policies.undoing.get(resource.kind)
    if how is None or resource.statement < 0 or not raising:
        return None
    try:
        return Gap(file, function, resource, releases).found(facts, raising, how)
    except Blocked as blocked:
        return blocked.place


class Gap:
    """The statements behind one creation."""

    def __init__(self, file: File, function: Function, resource: Resource, releases: Collection[int]) -> None:
        self.file, self.function = file, function
        self.look = Look(file, function, resource, frozenset(releases))

    def found(self, facts: Collection[Fact], raising: Collection[Raising], how: tuple[str, ...]) -> Undo:
        look, made = self.look, self.look.made
        path = self.path(facts)
        rest = [s for s in look.table if s.suite == made.suite and s.index > made.index]
        rest.sort(key=lambda statement: statement.index)
        del rest[MOST_STATEMENTS:]
        named = [s for s in rest if path.split(".")[0] in look.bound(look.inside([s]))]
        named += [s for s in rest if path in self._stored(s)]
        if named:
            rest = [s for s in rest if s.index > max(one.index for one in named)]
        gone = {f.left for f in facts if f.moved in _GONE and f.left is not None} - {made.site}
        body: list[ev.Statement] = []
        for statement in rest:
            leaves = {event.site for event in look.events(look.inside([statement]))} & gone
            how_far = self._how_far(statement, leaves)
            if how_far is None or how_far:
                body.append(statement)
            if how_far is not None:
                break
        while body and not look.raises(body[0]) and body[0].kind != "return":
            body.pop(0)
        while body and body[-1].kind in ("return", "pass") and not self._calls(body[-1]):
            body.pop()
        ends = next((i for i, s in enumerate(body) if look.inside([s]) & look.releases), len(body))
        if not self._outside(body[:ends], raising):
            del body[ends:]  # from there on it is ended in any case
        outside = self._outside(body, raising)
        if outside or not body:
            raise Blocked("it is left by what fails here", min(outside or (r.site for r in raising)))
        look.taken_up({path.split(".")[0]}, body)
        calm = look.calm({path.split(".")[0]}, look.inside([made, *rest]), body) and not look.moves(body)
        return Undo(body[0].site, body[-1].site, path, how, calm)

    def _outside(self, body: list[ev.Statement], raising: Collection[Raising]) -> list[Site]:
        """Where something else fails: not only where the disk does, if there is anything of that sort."""
        inside = self.look.inside(body) | {self.look.made.number}
        some = [r for r in raising if r.failing != PLAIN] or raising
        return [r.site for r in some if r.statement not in inside]

    def path(self, facts: Collection[Fact], *, everywhere: bool = False) -> str:
        """A name that means the path from where it is made to the end of that suite; or `everywhere`, nothing else."""
        live = [f.aliases for f in facts if f.state == LIVE]
        held = [{p for p, handle in aliases if handle == "path" and p[0] not in "%@"} for aliases in live]
        held = [places for places in held if places]  # it may fail before it has a name
        common = set.intersection(*held) if held else set()
        for place in sorted(common, key=lambda place: (len(place), place)):
            head, _, rest = place.partition(".")
            if head not in self.function.variables and head != "self":
                continue
            if place.replace(".", "").isidentifier() and self._once(head, rest, everywhere):
                return place
        raise Blocked("its path has no name of its own", self.look.made.site)

    def _once(self, head: str, rest: str, everywhere: bool) -> bool:
        """Whether a variable, or an attribute of `self`, gets its value in one statement of the creation's suite, and
        in none behind or in those, or in none at all.
        """
        index = mentions(self.file, self.function)
        events = [index.events[i] for i in index.at.get((rest if head == "self" else head).split(".")[0], ())]
        if any(isinstance(e, ev.Capture) and head in e.places and self._shared(e, head) for e in events):
            return False
        binders = [e for e in events if head in self._binds(e, rest)]
        numbers = {event.statement for event in binders}
        made, table = self.look.made, self.look.table
        if not everywhere:
            later = self.look.inside([s for s in table if s.suite == made.suite and s.index >= made.index])
            numbers &= later
        suites = {made.suite}
        if made.kind == "with":
            suites |= {s.suite for s in table if s.parent == made.number}
        return len(numbers) == 1 and all(n >= 0 and table[n].suite in suites for n in numbers)

    def _shared(self, event: ev.Capture, name: str) -> bool:
        """Whether a nested function gives the variable a value, too."""
        inner = self.file.function(event.function)
        stores = [e for b in inner.blocks for e in b.events if isinstance(e, ev.Store)] if inner is not None else []
        return any(e.kind in ("nonlocal", "global") and e.key == name for e in stores)

    @staticmethod
    def _binds(event: ev.Event, rest: str) -> set[str]:
        if isinstance(event, ev.Store):
            return {"self"} if event.base == "self" and event.key == rest else set()
        if isinstance(event, ev.Delete):
            return {event.place.split(".")[0]}
        dst = getattr(event, "dst", "")
        return {dst} if isinstance(dst, str) else set()

    def _stored(self, statement: ev.Statement) -> set[str]:
        events = self.look.events(self.look.inside([statement]))
        return {f"self.{event.key}" for event in events if isinstance(event, ev.Store) and event.base == "self"}

    def _how_far(self, statement: ev.Statement, leaves: set[Site]) -> bool | None:
        """Whether a statement that gives it away for good can be taken in, as the last one: a rename has done nothing
        when it fails. None where it does not give it away, or only by a `return`."""
        given = [e for e in self.look.events(self.look.inside([statement])) if e.site in leaves]
        given = [event for event in given if not isinstance(event, ev.Return)]
        if not given:
            return None
        rows = [self.file.models.get(event.callee) for event in given if isinstance(event, ev.Call)]
        renames = [row is not None and any(role.wants == "device" for role in row.args.values()) for row in rows]
        return statement.kind == "expr" and len(given) == len(renames) and all(renames)

    def _calls(self, statement: ev.Statement) -> bool:
        return any(isinstance(event, ev.Call) for event in self.look.events({statement.number}))
