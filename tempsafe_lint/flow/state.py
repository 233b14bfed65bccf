"""The state at one point of a function: facts per resource, and what else is known of places.

Facts of one resource are alternatives (one per set of ways that led here); inside one alternative the aliases are
certain.
Joining is union. Above MOST_FACTS alternatives the ones that differ only in aliases are merged, which may lose a
condition such as `if d is not None`: then a report that hangs on it is lost or gained. Seen in no labelled file.

Every operation costs what it touches, not what the state holds: `index` leads from a place to the resources that it
may name (it may name more than do; facts alone say what is so), copies share their parts (`flow.sharing`), and a join
skips what both sides share and what came from the same parts the last time.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from tempsafe_lint.flow.sharing import UNSEEN, ByPlace, ByResource, Leaf, Tree, differing, locate
from tempsafe_lint.flow.values import UNSURE, Atom, Fact, Handle, Known, Opened, Resource, Typed
from tempsafe_lint.source import Site

_new = object.__new__
MOST_FACTS = 24
MOST_ATOMS = 4
#: In `env`, below this: names that were tested on the way, and how they came out.
UNDER = "?"
#: Attributes and elements in one place. A loop that wraps a thing once more in each round (`x = [x]`) would make places
#: without end; a deeper one stands for its container at this depth, which can only make flow more silent.
MOST_STEPS = 6

Facts = frozenset[Fact]
Atoms = frozenset[Atom]
Aliases = frozenset[tuple[str, Handle]]
_NO_FACTS: Facts = frozenset()
_NO_RESOURCES: frozenset[Resource] = frozenset()
#: What becomes doubtful where another way knows nothing.
_SORTS = frozenset({Typed, Opened, Known})
_UNSURE: Atoms = frozenset({UNSURE})
_NOTHING: dict[str, Atoms] = {}
_UNSEEN: tuple[
    Tree[Resource, Facts],
    Tree[str, dict[str, Atoms]],
    Tree[str, dict[str, frozenset[Resource]]],
] = (UNSEEN, UNSEEN, UNSEEN)
_ALIASES = Fact._fields.index("aliases")


class State:
    """Mutable; `copy` before changing one that a block keeps."""

    __slots__ = ("_taken", "env", "facts", "index")

    def __init__(self) -> None:
        self.facts: ByResource[Facts] = ByResource()
        self.env: ByPlace[Atoms] = ByPlace()
        self.index: ByPlace[frozenset[Resource]] = ByPlace()
        #: The parts of the state that was taken in last, as it was then: they need not be taken in again.
        self._taken = _UNSEEN

    def copy(self) -> State:
        fresh = _new(State)
        fresh.facts, fresh.env, fresh.index = self.facts.copy(), self.env.copy(), self.index.copy()
        fresh._taken = _UNSEEN
        return fresh

    # -- joining -----------------------------------------------------------------------------------------------------

    def join(self, other: State) -> bool:
        """Take in another state; true if this one changed."""
        seen, self._taken = self._taken, (other.facts.share(), other.env.share(), other.index.share())
        facts = self._join_facts(other, seen[0])
        env = self._join_env(other, seen[1])
        self._join_index(other, seen[2])
        return facts or env

    def join_facts(self, other: State) -> bool:
        """The same of facts alone, where nothing else is asked for."""
        seen, self._taken = self._taken, (other.facts.share(), other.env.share(), other.index.share())
        return self._join_facts(other, seen[0])

    def _join_facts(self, other: State, known: Tree[Resource, Facts]) -> bool:
        changed = False
        for node, leaf, mine, theirs in differing(self.facts.tree, other.facts.tree, known):
            fresh: Leaf[Resource, Facts] = {}
            for resource, facts in theirs.items():
                before = mine.get(resource)
                if before is None:
                    fresh[resource] = facts
                elif before is not facts and not facts <= before:
                    merged = _limit(before | facts)
                    if merged != before:
                        fresh[resource] = merged
            if fresh:
                changed = True
                self.facts.put(node, leaf, {**mine, **fresh})
        return changed

    def _join_env(self, other: State, known: Tree[str, dict[str, Atoms]]) -> bool:
        changed = False
        for node, leaf, mine, theirs in differing(self.env.tree, other.env.tree, known):
            fresh: Leaf[str, dict[str, Atoms]] = {}
            for root in (*mine, *(root for root in theirs if root not in mine)):
                before, given = mine.get(root, _NOTHING), theirs.get(root, _NOTHING)
                both = before if before is given else _either(before, given)
                if both is not before:
                    fresh[root] = both
            if fresh:
                changed = True
                self.env.put(node, leaf, {**mine, **fresh})
        return changed

    def _join_index(self, other: State, known: Tree[str, dict[str, frozenset[Resource]]]) -> None:
        for node, leaf, mine, theirs in differing(self.index.tree, other.index.tree, known):
            fresh = dict(mine)
            for root, given in theirs.items():
                before = mine.get(root)
                if before is None:
                    fresh[root] = given
                elif before is not given:
                    fresh[root] = {**before, **{p: before.get(p, rs) | rs for p, rs in given.items()}}
            self.index.put(node, leaf, fresh)

    # -- places ------------------------------------------------------------------------------------------------------

    def kill(self, place: str) -> None:
        """A place is bound anew: it and all that hangs on it name nothing any more."""
        node, leaf, root = locate(place)
        if root in self.index.tree[node][leaf]:
            self._unname(place)
        if root in self.env.tree[node][leaf]:
            self.env.clear(place)

    def _unname(self, place: str) -> bool:
        """A place and what hangs on it name nothing any more; true if they may have named something."""
        gone = self.index.below(place)
        if not gone:
            return False
        under = (place + ".", place + "[")
        for resource in _resources(gone):
            facts = self.facts.get(resource, _NO_FACTS)
            if facts:
                self.facts[resource] = frozenset([_without(f, place, under) for f in facts])
        self.index.drop([p for p, _ in gone])
        return True

    def learn(self, place: str, atoms: Atoms) -> None:
        """A place is bound anew to what names nothing, and of which this is known."""
        node, leaf, root = locate(place)
        if root in self.index.tree[node][leaf]:
            self._unname(place)
        self.env.only(place, atoms)

    def assign(self, dst: str, src: str) -> None:
        """`dst = src`: dst names what src names, with everything that hangs on it."""
        if dst == src:
            return
        if not self.knows(src):
            self.kill(dst)
            return
        named, known = self.index.below(src), self.env.below(src)
        before = [(r, self.facts.get(r, _NO_FACTS)) for r in _resources(named)] if named else []
        held = self._unname(dst)
        self.env.clear(dst)
        under_dst, under_src = (dst + ".", dst + "["), (src + ".", src + "[")
        for resource, facts in before:
            if facts:
                pairs = [(f, _suffixed(f, dst, src, under_src)) for f in facts]
                self.facts[resource] = frozenset(
                    [_without(f, dst, under_dst, fresh) if held else _with(f, fresh) for f, fresh in pairs]
                )
        if named:
            self._point(dst, [(_near(dst + place[len(src) :]), resources) for place, resources in named])
        texts = {dst + place[len(src) :]: atoms for place, atoms in known}
        kept = {place: atoms for place, atoms in texts.items() if _near(place) == place}
        if kept:
            self.env.update(dst, kept)

    def bind(self, place: str, names: list[tuple[Resource, Fact, Handle]]) -> None:
        """A place is bound anew to what other places name. The facts are those of now."""
        given: dict[Resource, dict[Fact, list[tuple[str, Handle]]]] = {}
        near = _near(place)
        for resource, fact, handle in names:
            given.setdefault(resource, {}).setdefault(fact, []).append((near, handle))
        before = [(resource, held, self.facts[resource]) for resource, held in given.items()]
        self.kill(place)
        under = (place + ".", place + "[")
        for resource, held, facts in before:
            fresh = [_without(fact, place, under, frozenset(held.get(fact, ()))) for fact in facts]
            self.facts[resource] = frozenset(fresh)
        self._point(place, [(near, frozenset(given))])

    def add_alias(self, resource: Resource, fact: Fact, place: str, handle: Handle) -> None:
        """Let `place` name the resource on the ways of one fact."""
        self.replace(resource, fact, _with(fact, frozenset({(place, handle)})))
        self._point(place, [(place, frozenset({resource}))])

    def _point(self, root: str, found: list[tuple[str, frozenset[Resource]]]) -> None:
        """Places with the same root as `root` may name these resources from now on."""
        known = self.index.group(root)
        fresh: dict[str, frozenset[Resource]] = {}
        for place, resources in found:
            before = fresh.get(place) or known.get(place, _NO_RESOURCES)
            if not resources <= before:
                fresh[place] = before | resources
        if fresh:
            self.index.update(root, fresh)

    # -- facts -------------------------------------------------------------------------------------------------------

    def replace(self, resource: Resource, old: Fact, new: Fact) -> None:
        """Put one fact in place of another. New aliases come in by `add_alias`, `assign` and `born` alone."""
        if old != new:
            self.facts[resource] = _limit((self.facts[resource] - {old}) | {new})

    def born(self, resource: Resource, fact: Fact) -> None:
        """A resource comes to life here; what an earlier round of a loop left of it stays."""
        tests = self.env.group(UNDER)
        if tests:
            fact = fact._replace(when=frozenset(test for test in map(_certain, tests.items()) if test is not None))
        self.facts[resource] = _limit(self.facts.get(resource, _NO_FACTS) | {fact})
        for place, _ in fact.aliases:
            self._point(place, [(place, frozenset({resource}))])

    def knows(self, place: str) -> bool:
        """Whether anything is known of any place with the same root as this one."""
        node, leaf, root = locate(place)
        return root in self.index.tree[node][leaf] or root in self.env.tree[node][leaf]

    def has_things(self) -> bool:
        """Whether there is any resource here, seeds among them."""
        return not self.facts.is_bare()

    def named(self, place: str) -> list[tuple[Resource, Fact, Handle]]:
        """What a place itself names: no attribute of it, no element."""
        resources = self.index.get(place)
        if not resources:
            return []
        found = []
        for resource in resources if len(resources) < 2 else _sorted(resources):
            facts = self.facts.get(resource, _NO_FACTS)
            for fact in facts if len(facts) < 2 else _ranked(facts):
                handles = [h for p, h in fact.aliases if p == place]
                for handle in handles if len(handles) < 2 else sorted(handles):
                    found.append((resource, fact, handle))
        return found

    def held(self, place: str) -> list[tuple[Resource, Fact, Handle]]:
        """What hangs on a place: attributes and elements."""
        if not self.index.has(place):
            return []
        hanging = [item for item in self.index.below(place) if item[0] != place]
        if not hanging:
            return []
        under = (place + ".", place + "[")
        return [
            (r, f, h)
            for r in _resources(hanging)
            for f in ordered(self.facts.get(r, _NO_FACTS))
            for _, h in sorted([a for a in f.aliases if a[0].startswith(under)])
        ]

    def places(self, place: str) -> list[str]:
        """All places below a place that may name something or of which something is known."""
        return sorted({p for p, _ in self.index.below(place)} | {p for p, _ in self.env.below(place)})


def _certain(test: tuple[str, Atoms]) -> tuple[str, bool] | None:
    """A name that was tested, and how it came out on every way."""
    place, atoms = test
    values = [atom.value for atom in atoms if isinstance(atom, Known)]
    return (place[len(UNDER) + 1 : -1], bool(values[0])) if len(atoms) == len(values) == 1 else None


# -- values ----------------------------------------------------------------------------------------------------------


def in_order(resources: frozenset[Resource]) -> Collection[Resource]:
    """Resources in the order of their sites."""
    return resources if len(resources) < 2 else _sorted(resources)


@lru_cache(maxsize=4096)
def _sorted(resources: frozenset[Resource]) -> tuple[Resource, ...]:
    return tuple(sorted(resources, key=_order))


def _order(resource: Resource) -> tuple[int, int, int, str, str, bool, bool, bool]:
    site = resource.site
    return (
        *(site.unit, site.number, resource.slot, resource.kind, resource.maker),
        *(resource.duty, resource.deletes, resource.owned),
    )


def _resources(items: list[tuple[str, frozenset[Resource]]]) -> Collection[Resource]:
    if len(items) == 1:
        return in_order(items[0][1])
    return in_order(frozenset().union(*[resources for _, resources in items]))


def _either(known: dict[str, Atoms], given: dict[str, Atoms]) -> dict[str, Atoms]:
    """What is known of the places of one root where two ways meet: `known` itself where nothing comes to it."""
    fresh: dict[str, Atoms] = {}
    for place, atoms in given.items():
        mine = known.get(place)
        if mine is None:
            fresh[place] = _doubted(atoms)
        elif mine is not atoms and not atoms <= mine and len(mine) < MOST_ATOMS:
            fresh[place] = mine | atoms
    for place, atoms in known.items():
        if place not in given and (doubted := _doubted(atoms)) != atoms:
            fresh[place] = doubted
    return {**known, **fresh} if fresh else known


def _doubted(atoms: Atoms) -> Atoms:
    """What is left of the sort or the constant of a place that is unknown on another way."""
    return atoms if _SORTS.isdisjoint(map(type, atoms)) else atoms | _UNSURE


def _with(fact: Fact, fresh: Aliases) -> Fact:
    """A fact with fresh aliases."""
    return Fact._make((*fact[:_ALIASES], fact.aliases | fresh, *fact[_ALIASES + 1 :])) if fresh else fact


def _without(fact: Fact, place: str, under: tuple[str, str], fresh: Aliases = frozenset()) -> Fact:
    """A fact less the aliases of a place and of what hangs on it, and with fresh ones."""
    left = [a for a in fact.aliases if a[0] != place and not a[0].startswith(under)]
    if not fresh and len(left) == len(fact.aliases):
        return fact
    return Fact._make((*fact[:_ALIASES], fresh.union(left), *fact[_ALIASES + 1 :]))


def _suffixed(fact: Fact, dst: str, src: str, under: tuple[str, str]) -> Aliases:
    """The aliases of `src` and of what hangs on it, as they are for `dst`."""
    return frozenset([(_near(dst + p[len(src) :]), h) for p, h in fact.aliases if p == src or p.startswith(under)])


_STEP = re.compile(r"""\.[^.\[]+|\[(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\]'"])*\]""")


@lru_cache(maxsize=4096)
def _near(place: str) -> str:
    """The place itself, or the container MOST_STEPS deep that a deeper one stands for."""
    if place.count(".") + place.count("[") <= MOST_STEPS:
        return place
    steps = list(_STEP.finditer(place))
    return place if len(steps) <= MOST_STEPS else place[: steps[MOST_STEPS - 1].end()]


def ordered(facts: Facts) -> Collection[Fact]:
    """Alternatives in an order that is the same in every run."""
    return facts if len(facts) < 2 else _ranked(facts)


@lru_cache(maxsize=4096)
def _ranked(facts: Facts) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=_rank))


def _rank(fact: Fact) -> tuple[object, ...]:
    return (*_sort(fact), _number(fact.ended), _number(fact.left), sorted(fact.aliases), sorted(fact.when))


def _sort(fact: Fact) -> tuple[str, str, bool, str, bool]:
    return fact.state, fact.moved, fact.dirty, fact.by, fact.entered


def _number(site: Site | None) -> tuple[int, int]:
    return (-1, -1) if site is None else (site.unit, site.number)


def _common(fact: Fact, other: Fact) -> Fact:
    return fact._replace(aliases=fact.aliases & other.aliases, when=fact.when & other.when)


def _limit(facts: Facts) -> Facts:
    if len(facts) <= MOST_FACTS:
        return facts
    merged: dict[tuple[object, ...], Fact] = {}
    for fact in ordered(facts):
        key = _sort(fact)
        seen = merged.get(key)
        merged[key] = fact if seen is None else _common(seen, fact)
    return frozenset(merged.values())
