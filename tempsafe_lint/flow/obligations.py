"""Duties and who settles them: births, and the effect of every role on a resource.

Limits, on purpose: a resource put into a container or handed to an unknown callee is `maybe` somebody else's; an
interrupt or a memory error raises nowhere; a call that releases, takes or registers has done so even when it raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.observations import CannotWork, Handed, Place, Recreated, ReleasedTwice, Renamed, UsedIn, Wrote
from tempsafe_lint.flow.values import (
    CLOSED,
    DELETED,
    HERE,
    INNER,
    KEPT,
    LENT,
    LIVE,
    MAYBE,
    MOVED,
    PATHS,
    REGISTERED,
    SHOWN,
    Fact,
    Handle,
    Resource,
)
from tempsafe_lint.records import dataclass, field, replace
from tempsafe_lint.source import Site

if TYPE_CHECKING:
    from tempsafe_lint.flow.observations import Observation
    from tempsafe_lint.flow.places import Names
    from tempsafe_lint.flow.state import State

#: What a helper does that removes a path and makes it again.
REMADE = "remade"
#: In `Fact.by`: whoever was given the path since it was removed may have made something there.
AGAIN = "again"
#: In `Fact.by`: what was to remove it failed. Nobody owes that any more, and it may be there still.
FAILED = "failed"
#: In `Fact.by`: removed by what takes files only.
FILE = "file"
#: How strongly something has left: a stronger one replaces a weaker one.
_STRENGTH = {HERE: 0, LENT: 1, SHOWN: 2, INNER: 3, MAYBE: 4, KEPT: 5, REGISTERED: 6, MOVED: 7}


@dataclass(slots=True)
class Recorder:
    """Collects observations in the last pass; in earlier passes nothing listens."""

    seen: dict[Observation, None] = field(default_factory=dict)
    cleanups: dict[Resource, Place] = field(default_factory=dict)
    cleaned_in: dict[Resource, int] = field(default_factory=dict)
    births: dict[Resource, None] = field(default_factory=dict)
    touched: dict[Resource, set[str]] = field(default_factory=dict)
    fine: set[tuple[Resource, Site]] = field(default_factory=set)
    #: Ends that a helper brings on some of its ways only: whether they came about, a later use may well know.
    unsure: set[tuple[Resource, Site]] = field(default_factory=set)
    releases: dict[Resource, set[tuple[int, int]]] = field(default_factory=dict)
    born_in: dict[Resource, list[int]] = field(default_factory=dict)
    under_way: tuple[int, int] = (-1, -1)
    writes: dict[Resource, set[str | None]] = field(default_factory=dict)
    attempts: set[Site] = field(default_factory=set)
    #: What happens to a path, by where it is written: the statement's number, what, and where.
    happened: dict[Site, list[tuple[int, str, Site]]] = field(default_factory=dict)
    #: Where the path of something was put into an attribute of `self` or a name of the module.
    stored: dict[tuple[Resource, str], Place] = field(default_factory=dict)

    def add(self, observation: Observation) -> None:
        self.seen.setdefault(observation)

    def birth(self, resource: Resource) -> None:
        """A resource is made in the block under way: in more than one where a `finally` body has copies."""
        self.births[resource] = None
        self.born_in.setdefault(resource, []).append(self.under_way[0])

    def clean(self, resource: Resource, at: Place) -> None:
        """Something ends a resource here; `under_way` is the block and the statement that is looked at. That of the
        block with the lowest number is told, whichever was looked at first.
        """
        block = self.under_way[0]
        if block < self.cleaned_in.get(resource, block + 1):
            self.cleanups[resource], self.cleaned_in[resource] = at, block
        self.releases.setdefault(resource, set()).add(self.under_way)

    def touch(self, names: Names, how: str) -> None:
        """Remember what was asked of a resource: a role or a sink."""
        for resource, _, handle in names:
            if handle != "inside":
                self.touched.setdefault(resource, set()).add(how)

    def settled(self) -> list[Observation]:
        """What was seen; a close or use that is right on another way to the same place is not certain."""
        return [
            replace(seen, sure=False)
            if isinstance(seen, UsedIn | ReleasedTwice) and self._doubtful(seen)
            else self._alone(seen)
            for seen in self.seen
            if not (isinstance(seen, ReleasedTwice) and (seen.resource, seen.first) in self.unsure)
        ]

    def _doubtful(self, seen: UsedIn | ReleasedTwice) -> bool:
        ended = seen.ended if isinstance(seen, UsedIn) else None
        if isinstance(seen, UsedIn) and seen.how == "outlives":
            return False  # there is no other way from the start of the program to the removal
        return (seen.resource, _where(seen)) in self.fine or (seen.resource, ended) in self.unsure

    def _alone(self, seen: Observation) -> Observation:
        """Whether nothing but values of this type is done with the object, known when the function is done."""
        if isinstance(seen, Handed):
            site = seen.resource.site
            return replace(seen, flushed=any(r.site == site and "flushes" in how for r, how in self.touched.items()))
        if isinstance(seen, Renamed):
            site = seen.resource.site
            return replace(seen, touched=frozenset(h for r, how in self.touched.items() if r.site == site for h in how))
        if isinstance(seen, CannotWork):
            # An object that removes its file itself would miss it then.
            works = seen.path and not seen.resource.deletes and seen.at.site not in self.attempts
            return replace(seen, path=works)
        if not isinstance(seen, Wrote):
            return seen
        kinds = self.writes.get(seen.resource, set())
        others = self.touched.get(seen.resource, set()) - {"writes", "flushes", "closes", "borrows", "shows"}
        # What a helper opened, another caller of it may write something else to.
        own = not seen.resource.maker.startswith(".") and seen.at.site not in self.attempts
        return replace(seen, alone=kinds == {seen.value} and not others and own)


def _where(seen: UsedIn | ReleasedTwice) -> Site:
    return seen.at.site if isinstance(seen, UsedIn) else seen.second.site


def move(state: State, names: Names, how: str, at: Site) -> None:
    """Somebody else has, or may have, the resource from now on; `at` is where it leaves. Of what is handed over
    together (`return path_inside, directory`) the strongest counts; what one place may be or not is the first of it.
    """
    weights: dict[tuple[Resource, Fact], str] = {}
    for resource, fact, handle in names:
        weight = HERE if _only_path(resource, handle) else _weakened(resource, handle, how)
        known = weights.get((resource, fact))
        if known is None or (_STRENGTH[weight] > _STRENGTH[known] and not _ambiguous(fact)):
            weights[resource, fact] = weight
    for (resource, fact), weight in weights.items():
        if _STRENGTH[weight] > _STRENGTH[fact.moved]:
            _refresh(state, resource, fact, moved=weight, left=at)
        elif fact.left is None:
            _refresh(state, resource, fact, left=at)


def _ambiguous(fact: Fact) -> bool:
    """Whether some place holds it in more than one way: one of them is so."""
    return len({place for place, _ in fact.aliases}) < len(fact.aliases)


def _only_path(resource: Resource, handle: Handle) -> bool:
    """Whether only the path of an object is handed on: who has that cannot close the object."""
    return resource.kind in ("object", "dirobject") and handle in PATHS | {"wrapped"}


def _weakened(resource: Resource, handle: Handle, how: str) -> str:
    """What it says of a resource that something made from its path is handed on.

    Whoever gets a path below a directory will hardly remove that; a text that mentions a path is mostly a message.
    """
    if handle == "inside":
        return HERE if how not in (MOVED, KEPT) else INNER if resource.kind == "dir" else MAYBE
    if how == LENT and handle not in PATHS | {"wrapped", "seed"}:
        return MAYBE
    if handle in ("mention", "beside", "number"):
        if how in (MOVED, KEPT):
            return MAYBE
        return SHOWN if handle == "mention" and how != REGISTERED else HERE
    return how


def _refresh(state: State, resource: Resource, fact: Fact, /, **changes: object) -> None:
    """Change a fact if it is still there (an earlier name of the same resource may have changed it)."""
    facts = state.facts.get(resource, frozenset())
    if fact in facts:
        state.replace(resource, fact, fact._replace(**changes))  # type: ignore[arg-type]


def no_pair(state: State, held: Names, at: Place) -> None:
    """What only its name says to be a pair is used as a path itself: then it is one, and there is no descriptor."""
    close(state, [name for name in held if name[2] == "fd" and not name[0].told], at, None, None)


def close(
    state: State, names: Names, at: Place, statement: Site | None, recorder: Recorder | None, *, scope: bool = False
) -> None:
    """Close descriptors and objects; `scope` is true at the end of a `with`."""
    twice: dict[Resource, list[Fact]] = {}
    for resource, fact, handle in names:
        if handle == "seed":
            _refresh(state, resource, fact, state=CLOSED, by="seed", ended=at.site)
        elif resource.kind == "fd" and handle in ("fd", "object"):
            if fact.state == CLOSED:
                # close() of a file object is harmless the second time, unless the number went under it.
                if fact.moved != MOVED and not (handle == "object" and fact.by in ("object", "with")):
                    twice.setdefault(resource, []).append(fact)
                continue
            if recorder is not None:
                recorder.fine.add((resource, at.site))
            _refresh(state, resource, fact, state=CLOSED, by="with" if scope else handle, ended=at.site)
        elif resource.kind == "object" and handle == "object":
            if fact.state == LIVE:
                ended = DELETED if resource.deletes else CLOSED
                _refresh(state, resource, fact, state=ended, ended=at.site, by="with" if scope else "object")
        elif resource.kind == "dirobject" and handle == "dirobject":
            _refresh(state, resource, fact, state=DELETED, ended=at.site)
        else:
            continue
        if recorder is not None:
            recorder.clean(resource, at)
    if recorder is not None:
        for resource, facts in twice.items():
            everything = {f for r, f, _ in names if r == resource}
            first = next((f.ended for f in facts), None)
            recorder.add(ReleasedTwice(resource, first, at, statement, len(facts) == len(everything)))


def delete(
    state: State, names: Names, at: Place, recorder: Recorder | None, *, scope: bool = False, files: bool = False
) -> None:
    """Remove what a path names; removing something below a directory leaves the directory, and so does what removes
    `files` only, unless something else may be there by now.
    """
    for resource, fact, handle in names:
        if handle == "folder":
            _refresh(state, resource, fact, by="folder")
        elif handle in ("path", "seed", "dirobject", "wrapped") and resource.kind != "fd":
            if resource.kind == "object" and not resource.deletes:
                continue
            if files and resource.kind == "dir" and not fact.by:
                continue
            by = "seed" if fact.by == "seed" else "with" if scope else FILE if files else "path"
            _refresh(state, resource, fact, state=DELETED, ended=at.site, by=by)
            if recorder is not None:
                recorder.clean(resource, at)


def not_sure_of(state: State, names: Names, at: Site) -> None:
    """What was to remove these at `at` fails: who handles that may find them, and knows that he may."""
    for resource, fact, _ in names:
        if fact.state == DELETED and fact.ended == at and fact.by in ("path", FILE):
            _refresh(state, resource, fact, by=FAILED)


def perhaps_remade(state: State, names: Names) -> None:
    """Somebody of whom nothing is known has the path of what is gone: it may be there again from now on."""
    for resource, fact, handle in names:
        if handle in ("path", "inside") and fact.state == DELETED:
            _refresh(state, resource, fact, by=AGAIN)


def uses(names: Names, how: str, at: Place, recorder: Recorder | None) -> None:
    """Observe uses of what is closed or gone. Only where it is so on every way that leads here is it certain."""
    if recorder is None:
        return
    by_resource: dict[Resource, list[tuple[Fact, Handle]]] = {}
    for resource, fact, handle in names:
        by_resource.setdefault(resource, []).append((fact, handle))
    for resource, held in by_resource.items():
        bad = [(f, h) for f, h in held if _ended(resource, f, h)]
        if not bad:
            recorder.fine.add((resource, at.site))
        else:
            fact, handle = bad[0]
            sure = len(bad) == len(held) and all(f.by != AGAIN for f, _ in bad)
            sure = sure and any(f.by != FAILED for f, _ in bad)
            state = CLOSED if handle == "object" else DELETED
            statement = recorder.under_way[1]
            recorder.add(UsedIn(resource, state, handle, how, at, fact.ended, fact.by == "with", sure, statement))


def _ended(resource: Resource, fact: Fact, handle: Handle) -> bool:
    if resource.kind == "seed":
        return False
    if handle == "object" and resource.kind in ("object", "fd"):
        return fact.state in (CLOSED, DELETED)
    if handle in ("path", "inside") and resource.kind in ("file", "dir", "dirobject", "object"):
        return fact.state == DELETED
    return False


def recreate(state: State, names: Names, at: Place, recorder: Recorder | None, *, exclusive: bool = False) -> bool:
    """A path that is gone is made again: it lives again, and its maker owes its end. True if something was gone. What
    was merely looked for and not found was never removed: that is no name that is used again.

    `exclusive`: the call fails where somebody else has made something there.
    """
    gone = False
    for resource, fact, handle in names:
        if handle == "seed" and fact.state == DELETED:
            if recorder is not None and fact.ended is not None:
                recorder.touch([(resource, fact, handle)], REMADE)
            _refresh(state, resource, fact, state=LIVE, ended=None, by="")
        if handle == "path" and resource.kind in ("file", "dir", "dirobject", "object") and fact.state == DELETED:
            gone = True
            if recorder is not None and fact.ended is not None:
                recorder.add(Recreated(resource, at, fact.ended, exclusive))
            if resource.kind in ("file", "dir"):
                _refresh(state, resource, fact, state=LIVE, ended=None)
            else:
                _refresh(state, resource, fact, by=AGAIN)
    return gone


def remade(names: Names, at: Place, recorder: Recorder | None) -> None:
    """A helper removes what is at the path that it is given, and makes it again."""
    for resource, fact, handle in names:
        if handle == "path" and resource.kind in ("file", "dir") and fact.state != DELETED and recorder is not None:
            recorder.add(Recreated(resource, at, at.site))
