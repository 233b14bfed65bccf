"""The state at one point of a function: facts per resource, and what else is known of places.

Facts of one resource are alternatives (one per set of ways that led here); inside one alternative the aliases are
certain.
Joining is union. Above MOST_FACTS alternatives the ones that differ only in aliases are merged, which may lose a
condition such as `if d is not None`: then a report that hangs on it is lost or gained. Seen in no labelled file.
"""

from __future__ import annotations

from tempsafe_lint.flow.values import UNSURE, Atom, Fact, Handle, Opened, Resource, Typed

MOST_FACTS = 24
MOST_ATOMS = 4


class State:
    """Mutable; `copy` before changing one that a block keeps."""

    __slots__ = ("env", "facts")

    def __init__(
        self, facts: dict[Resource, frozenset[Fact]] | None = None, env: dict[str, frozenset[Atom]] | None = None
    ) -> None:
        self.facts = facts if facts is not None else {}
        self.env = env if env is not None else {}

    def copy(self) -> State:
        return State(dict(self.facts), dict(self.env))

    def join(self, other: State) -> bool:
        """Take in another state; true if this one changed."""
        changed = False
        for resource, facts in other.facts.items():
            mine = self.facts.get(resource)
            if mine is None:
                self.facts[resource] = facts
                changed = True
            elif not facts <= mine:
                merged = _limit(mine | facts)
                if merged != mine:
                    self.facts[resource] = merged
                    changed = True
        for place, atoms in other.env.items():
            known = self.env.get(place)
            if known is None:
                self.env[place] = _doubted(atoms)
                changed = True
            elif not atoms <= known and len(known) < MOST_ATOMS:
                self.env[place] = known | atoms
                changed = True
        for place in self.env.keys() - other.env.keys():
            known = self.env[place]
            doubted = _doubted(known)
            if doubted != known:
                self.env[place] = doubted
                changed = True
        return changed

    def kill(self, place: str) -> None:
        """A place is bound anew: it and all that hangs on it name nothing any more."""
        dot, bracket = place + ".", place + "["
        for resource, facts in self.facts.items():
            hit = any(p == place or p.startswith((dot, bracket)) for f in facts for p, _ in f.aliases)
            if hit:
                self.facts[resource] = frozenset(
                    f._replace(
                        aliases=frozenset(a for a in f.aliases if a[0] != place and not a[0].startswith((dot, bracket)))
                    )
                    for f in facts
                )
        if place in self.env:
            del self.env[place]
        stale = [p for p in self.env if p.startswith((dot, bracket))]
        for p in stale:
            del self.env[p]

    def assign(self, dst: str, src: str) -> None:
        """`dst = src`: dst names what src names, with everything that hangs on it."""
        if dst == src:
            return
        dot, bracket = src + ".", src + "["
        moved: list[tuple[Resource, frozenset[Fact]]] = []
        for resource, facts in self.facts.items():
            if any(p == src or p.startswith((dot, bracket)) for f in facts for p, _ in f.aliases):
                moved.append((resource, frozenset(_extended(f, dst, src, dot, bracket) for f in facts)))
        env = {dst + p[len(src) :]: atoms for p, atoms in self.env.items() if p == src or p.startswith((dot, bracket))}
        self.kill(dst)
        for resource, facts in moved:
            # kill() ran in between: the new aliases are put on what it left.
            self.facts[resource] = frozenset(_rekilled(f, dst, src) for f in facts)
        self.env.update(env)

    def add_alias(self, resource: Resource, fact: Fact, place: str, handle: Handle) -> None:
        """Let `place` name the resource on the ways of one fact."""
        fresh = fact._replace(aliases=fact.aliases | {(place, handle)})
        self.replace(resource, fact, fresh)

    def replace(self, resource: Resource, old: Fact, new: Fact) -> None:
        """Put one fact in place of another."""
        if old != new:
            facts = self.facts[resource]
            self.facts[resource] = _limit((facts - {old}) | {new})

    def born(self, resource: Resource, fact: Fact) -> None:
        """A resource comes to life here; what an earlier round of a loop left of it stays."""
        self.facts[resource] = _limit(self.facts.get(resource, frozenset()) | {fact})

    def named(self, place: str) -> list[tuple[Resource, Fact, Handle]]:
        """What a place itself names: no attribute of it, no element."""
        return [(r, f, h) for r, facts in self.facts.items() for f in facts for p, h in f.aliases if p == place]

    def held(self, place: str) -> list[tuple[Resource, Fact, Handle]]:
        """What hangs on a place: attributes and elements."""
        dot, bracket = place + ".", place + "["
        return [
            (r, f, h)
            for r, facts in self.facts.items()
            for f in facts
            for p, h in f.aliases
            if p.startswith((dot, bracket))
        ]


def _doubted(atoms: frozenset[Atom]) -> frozenset[Atom]:
    """What is left of the sort of a place that is unknown on another way."""
    if any(isinstance(atom, Typed | Opened) for atom in atoms):
        return atoms | {UNSURE}
    return atoms


def _extended(fact: Fact, dst: str, src: str, dot: str, bracket: str) -> Fact:
    more = {(dst + p[len(src) :], h) for p, h in fact.aliases if p == src or p.startswith((dot, bracket))}
    return fact._replace(aliases=fact.aliases | more) if more else fact


def _rekilled(fact: Fact, dst: str, src: str) -> Fact:
    """Keep of the aliases under `dst` only those that came from `src` just now."""
    dot, bracket = dst + ".", dst + "["
    under = {a for a in fact.aliases if a[0] == dst or a[0].startswith((dot, bracket))}
    sources = {(dst + p[len(src) :], h) for p, h in fact.aliases if p == src or p.startswith((src + ".", src + "["))}
    return fact._replace(aliases=(fact.aliases - under) | (under & sources))


def _limit(facts: frozenset[Fact]) -> frozenset[Fact]:
    if len(facts) <= MOST_FACTS:
        return facts
    merged: dict[tuple[object, ...], Fact] = {}
    for fact in sorted(facts, key=repr):
        key = (fact.state, fact.moved, fact.dirty, fact.by, fact.entered)
        seen = merged.get(key)
        merged[key] = fact if seen is None else seen._replace(aliases=seen.aliases & fact.aliases)
    return frozenset(merged.values())
