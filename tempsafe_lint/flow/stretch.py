"""The statements between a creation and the one place that ends it: what a `try/finally` or a `with` can take in.

Read off the statement table, not off the graph: creation and removal have to be siblings in one suite, so that moving
the removal into a `finally` changes nothing on the way that reaches it now. What the other ways see is asked here too.
Limits: nothing is said where the removal stands in a branch or loop of its own, or in two places.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import arguments
from tempsafe_lint.flow.mentions import mentions, roots
from tempsafe_lint.flow.observations import Place, Stretch
from tempsafe_lint.flow.values import DELETED, KEPT, MOVED, REGISTERED, Fact, Resource
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.source import Site

_LOOPS = frozenset({"for", "while"})
_LEAVES = frozenset({"return", "raise", "break", "continue", "assert"})


class Blocked(Exception):
    """No such stretch; the reason, and where it stands."""

    def __init__(self, why: str, site: Site) -> None:
        super().__init__(why)
        self.place = Place(site, why)


def stretch(
    file: File, function: Function, resource: Resource, releases: Collection[int], ends: Collection[Fact], owed: bool
) -> Stretch | Place | None:
    """The stretch of a resource; a Place with the reason and its site where there is none; None where nothing ends it.

    `releases` are the statements that end the resource, `ends` its facts at the normal exit; `owed`: some normal way
    leaves it.
    """
    if resource.statement < 0 or -1 in releases or not releases:
        return None
    try:
        return Look(file, function, resource, frozenset(releases)).found(ends, owed)
    except Blocked as blocked:
        return blocked.place


@dataclass(slots=True)
class Look:
    """The statements around one creation."""

    file: File
    function: Function
    resource: Resource
    releases: frozenset[int]
    table: list[ev.Statement] = field(init=False)
    made: ev.Statement = field(init=False)
    held: dict[int, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.table = self.function.statements
        self.made = self.table[self.resource.statement]
        suites = mentions(self.file, self.function).suites
        known = suites.get(self.made.suite)
        if known is None:
            known = suites[self.made.suite] = {}
            for statement in self.table:
                top = next((a for a in self.above(statement.number) if a.suite == self.made.suite), None)
                if top is not None:
                    known.setdefault(top.number, []).append(statement.number)
        self.held = known

    def found(self, ends: Collection[Fact], owed: bool) -> Stretch:
        if self.made.kind == "with":
            return self.entered(ends, owed)
        if self.made.kind not in ("assign", "annassign"):
            raise Blocked("it is made as a part of this statement", self.made.site)
        removal = self.removal(owed)
        between = self.between(removal)
        self.leaving(ends)
        names = self.bound(self.inside([self.made]))
        first = self.first(removal, between)
        within = self.inside([self.made, *between, removal])
        self.taken_up(names, between)
        calm = self.calm(names, within, between) and not self.moves(between)
        return Stretch(self.made.site, first.site, removal.site, calm, self.plain(removal, names))

    def entered(self, ends: Collection[Fact], owed: bool) -> Stretch:
        """The same where a `with` makes it, and does not remove it: what is behind moves into the block."""
        removal = self.removal(owed)
        between = self.between(removal, some=False)
        self.leaving(ends)
        names = self.bound({self.made.number})
        calls = [e for e in self.events({removal.number}) if isinstance(e, ev.Call)]
        said = {len(call.args) + len(call.kwargs) + len(call.starred) for call in calls}
        if len(names) != 1 or removal.kind != "expr" or len({call.site for call in calls}) != 1 or said != {1}:
            raise Blocked("its removal does something else too", removal.site)
        if between and len(self.managers(self.made)) > 1:
            raise Blocked("its block holds other things too", self.made.site)
        body = self.inside([self.made, *between]) - {self.made.number}
        if self.bound(body) & names:
            raise Blocked("its name means something else in the block", self.made.site)
        self.taken_up(names, [self.made, *between])
        calm = self.calm(names, self.inside([self.made, *between, removal]), [self.made, *between])
        first, last = (between[0].site, between[-1].site) if between else (removal.site, None)
        return Stretch(self.made.site, first, removal.site, calm and not self.moves(between), "", names.pop(), last)

    def managers(self, block: ev.Statement) -> set[Site]:
        """Where the things stand that a `with` enters."""
        return {event.site for event in self.events({block.number}) if isinstance(event, ev.Enter)}

    def leaving(self, ends: Collection[Fact]) -> None:
        """Raises Blocked where a way gives the path to somebody for good."""
        gone = next((f.left for f in ends if f.state != DELETED and f.moved in (KEPT, REGISTERED, MOVED)), None)
        if gone is not None:
            raise Blocked("its path leaves the function", gone)

    # -- the table ---------------------------------------------------------------------------------------------------

    def above(self, number: int) -> Iterator[ev.Statement]:
        """A statement and those that hold it, innermost first."""
        current: int | None = number
        while current is not None:
            yield self.table[current]
            current = self.table[current].parent

    def inside(self, tops: list[ev.Statement]) -> frozenset[int]:
        """Numbers of the statements, siblings of the creation, and of all that they hold."""
        return frozenset(number for top in tops for number in self.held[top.number])

    def removal(self, owed: bool) -> ev.Statement:
        """The sibling of the creation that ends the resource."""
        siblings: dict[int, ev.Statement] = {}
        for number in self.releases:
            found = next((s for s in self.above(number) if s.suite == self.made.suite), None)
            if found is None or found.index <= self.made.index:
                raise Blocked("it is removed in another block", self.table[number].site)
            siblings[found.number] = found
        if len(siblings) != 1:
            raise Blocked("it is removed in more than one place", max(s.site for s in siblings.values()))
        (removal,) = siblings.values()
        inner = self.inside([removal])
        body = [n for n in inner if self.table[n].parent == removal.number and self.table[n].part == "body"]
        only = removal.kind == "expr" or (set(body) == set(self.releases) and len(body) == 1)
        alone = removal.kind != "if" or (len(inner) == 2 and not owed)
        if removal.kind not in ("expr", "try", "with", "if") or not only or not alone:
            raise Blocked("its removal is a part of this statement", removal.site)
        if self.resource.kind == "dir" and not self.takes_all(inner):
            raise Blocked("its removal fails where something is left in it", removal.site)
        leaves = next((self.table[n].site for n in inner if self.table[n].kind in _LEAVES), None)
        if leaves is not None:
            raise Blocked("its removal leaves the block", leaves)
        return removal

    def takes_all(self, inner: frozenset[int]) -> bool:
        """Whether the removal is one that takes what is in the directory, or a function that nobody knows."""
        whole = self.resource.block[1] if self.resource.block is not None else None
        calls = [e.callee for e in self.events(inner) if isinstance(e, ev.Call) and e.callee is not None]
        return any(callee == whole or self.file.models.get(callee) is None for callee in calls)

    def between(self, removal: ev.Statement, *, some: bool = True) -> list[ev.Statement]:
        here = [s for s in self.table if s.suite == self.made.suite and self.made.index < s.index < removal.index]
        if some and not here:
            raise Blocked("it is removed at once", removal.site)
        return sorted(here, key=lambda s: s.index)

    # -- names -------------------------------------------------------------------------------------------------------

    def events(self, numbers: Collection[int]) -> Iterator[ev.Event]:
        of = mentions(self.file, self.function).of
        return (event for number in sorted(numbers) for event in of.get(number, ()))

    def reads(self, event: ev.Event) -> set[str]:
        """Variables that an event reads, and attributes by their names."""
        read = roots(event, written=False)
        return {name for name in read if not name.startswith(("%", "@"))}

    def bound(self, numbers: Collection[int]) -> set[str]:
        """Variables that these statements bind or delete, and attributes that they store to."""
        found: set[str] = set()
        for event in self.events(numbers):
            if isinstance(event, ev.Store) and isinstance(event.key, str):
                found.add(event.key)
            elif isinstance(event, ev.Delete):
                found.update(event.place.split("."))
            elif isinstance(dst := getattr(event, "dst", None), str) and not dst.startswith(("%", "@")):
                found.add(dst.split(".")[0].split("[")[0])
        return found

    def first(self, removal: ev.Statement, between: list[ev.Statement]) -> ev.Statement:
        """The first statement that the `try` can take in: all that the removal needs is bound before it."""
        wanted: set[str] = set()
        for event in self.events(self.inside([removal])):
            wanted |= self.reads(event)
        start = 0
        for number, statement in enumerate(between):
            if self.bound(self.inside([statement])) & wanted:
                if statement.kind != "assign" or self.raises(statement):
                    raise Blocked("what its removal needs is bound here", statement.site)
                start = number + 1
        if any(self.raises(statement) for statement in between[:start]):
            raise Blocked("what its removal needs is bound here", between[start - 1].site)
        if start == len(between):
            raise Blocked("it is removed at once", removal.site)
        return between[start]

    def raises(self, statement: ev.Statement) -> bool:
        """Whether a call in a simple statement may fail."""
        calls = [e for e in self.events({statement.number}) if isinstance(e, ev.Call)]
        known = [self.file.models.get(call.callee) for call in calls]
        return statement.kind not in ("assign", "expr") or any(row is None or row.raises for row in known)

    # -- who sees it -------------------------------------------------------------------------------------------------

    def calm(self, names: set[str], within: frozenset[int], between: list[ev.Statement]) -> bool:
        """Whether nothing else in the function can see that the removal now runs on every way.

        Raises Blocked where a name of the path is mentioned on such a way.
        """
        around = list(self.above(self.made.number))[1:]
        caught = any(holder.kind in ("try", "with") for holder in around)
        turns = any(holder.kind in _LOOPS for holder in around)
        inner = self.inside(between)
        jumps = any(self.table[n].kind in ("break", "continue") for n in inner)
        if not caught and not (turns and jumps):
            return True
        carried, calm = self.carried(names, between), True
        for event in mentions(self.file, self.function).events:
            if event.statement in within:
                continue
            if self.reads(event) & names:
                raise Blocked("it is mentioned again here", event.site)
            calm = calm and not self.reads(event) & carried
        return calm

    def carried(self, names: set[str], between: list[ev.Statement]) -> set[str]:
        """Variables that may have something of the path: all that is bound by a statement that reads one of them."""
        carried = set(names)
        for statement in between:
            numbers = self.inside([statement])
            if any(self.reads(event) & carried for event in self.events(numbers)):
                carried |= self.bound(numbers)
        return carried

    def taken_up(self, names: set[str], between: list[ev.Statement]) -> None:
        """Raises Blocked where something of somebody's is moved there, or goes on there when the call is over."""
        carried = self.carried(names, between)
        temporaries: set[str] = set()
        for event in self.events(self.inside(between)):
            dst = getattr(event, "dst", "")
            if dst.startswith("%") and roots(event, written=False) & (carried | temporaries):
                temporaries.add(dst)
            words = [operand.value for operand in _constants(event) if isinstance(operand.value, str)]
            if any(set(word.split()[:1]) & self.file.policies.proof["detachers"] for word in words):
                raise Blocked("something may still use it when this is done", event.site)
            if not isinstance(event, ev.Call):
                continue
            row = self.file.models.get(event.callee)
            if row is None or not any(role.does == "takes" for role in row.args.values()):
                continue
            into = [arg.operand for arg in arguments(event, row) if arg.role.sink == "write"]
            if any(isinstance(o, str) and set(o.split("[")[0].split(".")) & (carried | temporaries) for o in into):
                raise Blocked("something else is moved there", event.site)

    def moves(self, between: list[ev.Statement]) -> bool:
        """Whether the current directory may be in what is removed when something fails."""
        words = self.file.policies.proof["changes-directory"]
        return any(isinstance(e, ev.Call) and e.callee in words for e in self.events(self.inside(between)))

    def plain(self, removal: ev.Statement, names: set[str]) -> str:
        """The API that ends it, where that is all that its statement does, with nothing said but one of the names."""
        calls = [e for e in self.events({removal.number}) if isinstance(e, ev.Call)]
        if removal.kind != "expr" or len({call.site for call in calls}) != 1:
            return ""
        call = calls[0]
        alone = len(call.args) == 1 and not call.kwargs and not call.star and call.args[0] in names
        return call.callee or "" if alone else ""


def _constants(event: ev.Event) -> Iterator[ev.Const]:
    """Constants that an event is given, in a list too."""
    for name in ("args", "items", "parts"):
        yield from (value for value in getattr(event, name, ()) if isinstance(value, ev.Const))
