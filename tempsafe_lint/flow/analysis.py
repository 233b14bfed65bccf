"""Looking at a file: which functions are worth it, solving each, and what can be said when it is solved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tempsafe_lint.flow import obligations as duty
from tempsafe_lint.flow.file import File
from tempsafe_lint.flow.observations import Born, Observation, Place, Unmet
from tempsafe_lint.flow.solver import Unsettled, solve, walk
from tempsafe_lint.flow.state import State
from tempsafe_lint.flow.summaries import Effect, Returned, Summary, effect
from tempsafe_lint.flow.transfer import Transfer
from tempsafe_lint.flow.values import CLOSED, DELETED, HERE, KEPT, LIVE, MAYBE, SHOWN, Fact, PathText, Resource
from tempsafe_lint.flow.ways import excused, reachable
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Function, Units
from tempsafe_lint.models.catalogue import Models
from tempsafe_lint.source import Site

MODULE = "<module>"
#: Bases that end nothing: a class that has only these has no owner's code elsewhere.
_PLAIN_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Protocol", "enum.Enum"})


class _Raising(NamedTuple):
    """A place where something may raise while a resource is owed."""

    block: int
    handler: int
    site: Site
    what: str
    explicit: bool


class _Watched:
    """The transfer, noting which event is under way; none between blocks."""

    def __init__(self, transfer: Transfer, recorder: duty.Recorder, block: int) -> None:
        self._transfer = transfer
        self._recorder = recorder
        self._block = block
        self.under_way: ev.Event | None = None

    def event(self, state: State, event: ev.Event) -> tuple[State | None, State | None]:
        self.under_way = event
        self._recorder.under_way = (self._block, event.statement)
        return self._transfer.event(state, event)

    def assume(self, state: State, condition: ev.Assume) -> State | None:
        self.under_way = None
        return self._transfer.assume(state, condition)


class Solved:
    """One function, solved, with what the last pass saw."""

    def __init__(self, file: File, function: Function, start: State) -> None:
        self.file = file
        self.function = function
        self.states = solve(function, start, Transfer(file, function))
        self.recorder = duty.Recorder()
        self.transfer = Transfer(file, function, self.recorder)
        self.raising: dict[Resource, list[_Raising]] = {}
        self.leaving: dict[Resource, list[tuple[int, Site | None, bool]]] = {}
        for number in sorted(self.states):
            self._last_pass(number)

    def _last_pass(self, number: int) -> None:
        """Once more through a block, now with open eyes."""
        block = self.function.blocks[number]
        returns = [e for e in block.events if isinstance(e, ev.Return)]
        watched = _Watched(self.transfer, self.recorder, number)

        def arrive(target: int, state: State) -> None:
            if watched.under_way is not None and target == block.handler:
                self._note_raise(number, target, state, watched.under_way)
            if target == self.function.exit:
                self._note_exit(number, state, returns[-1].site if returns else None)

        walk(self.function, number, self.states[number], watched, arrive)

    def _note_raise(self, block: int, target: int, state: State, event: ev.Event) -> None:
        explicit = isinstance(event, ev.Raise)
        what = event.callee or event.method or "" if isinstance(event, ev.Call) else ""
        for resource, facts in state.facts.items():
            if any(_owed(resource, f) for f in facts):
                self.raising.setdefault(resource, []).append(_Raising(block, target, event.site, what, explicit))

    def _note_exit(self, block: int, state: State, site: Site | None) -> None:
        for resource, facts in state.facts.items():
            owed = any(_owed(resource, f) for f in facts)
            self.leaving.setdefault(resource, []).append((block, site, owed))

    def unmet(self) -> Iterator[Unmet]:
        """Every duty that is not done on some way out."""
        normal, raised = self.states.get(self.function.exit), self.states.get(self.function.raised)
        resources = {r for s in (normal, raised) if s is not None for r in s.facts if r.duty and r.kind != "seed"}
        for resource in sorted(resources, key=lambda r: (r.site, r.slot)):
            found = self._unmet(resource, _facts(normal, resource), _facts(raised, resource))
            if found is not None:
                yield found

    def _unmet(self, resource: Resource, ends: frozenset[Fact], throws: frozenset[Fact]) -> Unmet | None:
        owed, thrown = [f for f in ends if _owed(resource, f)], [f for f in throws if _owed(resource, f)]
        if not owed and not thrown:
            return None
        everyone = ends | throws
        keepers = self._keepers(ends)
        here = resource in self.recorder.cleanups
        if any(class_ends(self.file, self.function, keeper, here) for keeper in keepers):
            owed = [f for f in owed if f.moved not in (KEPT, MAYBE)]
            thrown = [f for f in thrown if f.moved not in (KEPT, MAYBE)]
            if not owed and not thrown:
                return None
        if self.function.name == MODULE and module_ends(self.file, resource, ends):
            return None
        cleanup = self.recorder.cleanups.get(resource)
        ways = self._ways(resource)
        normal = bool(owed) and self.function.exit in ways
        thrown_out = bool(thrown) and self.function.raised in ways
        if not normal and not thrown_out:
            return None
        witness, explicit = self._witness(resource, normal, ways)
        return Unmet(
            resource,
            normal=normal,
            exceptional=thrown_out,
            always=bool(ends) and len(owed) == len(ends),
            cleanup=cleanup,
            witness=witness,
            maybe=all(f.moved == MAYBE for f in (owed or thrown)),
            shown=any(f.moved == SHOWN for f in everyone),
            moved=any(f.moved not in (HERE, SHOWN) for f in everyone),
            stays=all(f.moved == HERE and f.left is None for f in everyone),
            touched=frozenset(self.recorder.touched.get(resource, ())),
            explicit=explicit,
            keeper=keepers[0] if keepers else "",
            left=min((f.left for f in everyone if f.left is not None), default=None),
        )

    def born(self) -> Iterator[Born]:
        """Every resource made here, with where it goes."""
        ends = [self.states.get(self.function.exit), self.states.get(self.function.raised)]
        for resource in self.recorder.births:
            facts = [f for state in ends for f in _facts(state, resource)]
            left = min((f.left for f in facts if f.left is not None), default=None)
            touched = frozenset(self.recorder.touched.get(resource, ()))
            yield Born(resource, all(f.moved == HERE and f.left is None for f in facts), left, touched)

    def _keepers(self, ends: frozenset[Fact]) -> list[str]:
        """The attributes of `self` that keep the resource."""
        places = {
            place for fact in ends if fact.moved == KEPT for place, _ in fact.aliases if place.startswith("self.")
        }
        return sorted({"self." + place[5:].split(".")[0].split("[")[0] for place in places})

    def _ways(self, resource: Resource) -> set[int]:
        """Blocks on ways that owe the resource, from where it is made."""
        releases = self.recorder.releases.get(resource, set())
        raising = [(r.block, r.handler) for r in self.raising.get(resource, [])]
        start = self.recorder.born_in.get(resource, self.function.entry)
        free = excused(self.function, resource.statement, releases)
        return reachable(self.function, start, lambda block: self._owes(block, resource), raising, free)

    def _owes(self, block: int, resource: Resource) -> bool:
        return any(_owed(resource, fact) for fact in _facts(self.states.get(block), resource))

    def _witness(self, resource: Resource, normal: bool, ways: set[int]) -> tuple[Place | None, bool]:
        """Where the resource is left, and whether that way out is written there (return, raise, the end)."""
        if normal:
            sites = [site for block, site, owed in self.leaving.get(resource, []) if owed and block in ways]
            first = min((site for site in sites if site is not None), default=None)
            return (Place(first) if first is not None else None), True
        found = [r for r in self.raising.get(resource, []) if r.block in ways and self._escapes(resource, r.handler)]
        found.sort(key=lambda r: (not r.explicit, r.site))
        return (Place(found[0].site, found[0].what), found[0].explicit) if found else (None, False)

    def _escapes(self, resource: Resource, handler: int) -> bool:
        """Whether what is raised to a handler gets out of the function with the resource still owed."""
        if not self._owes(handler, resource):
            return False
        raising = [(r.block, r.handler) for r in self.raising.get(resource, [])]
        onward = reachable(self.function, handler, lambda block: self._owes(block, resource), raising, set())
        return self.function.raised in onward


def class_ends(file: File, function: Function, attribute: str, here: bool) -> bool:
    """Whether some other method of the class, its bases or its subclasses in the file ends what an attribute holds.

    A base from elsewhere may do it unseen: then it counts as done, unless this function ends it itself (`here`).
    """
    if function.class_name is None:
        return True
    family, todo = set(), [function.class_name]
    while todo:
        name = todo.pop()
        info = file.units.classes.get(name)
        if name in family or info is None:
            continue
        family.add(name)
        if not here and any(not base.startswith(".") and base not in _PLAIN_BASES for base in info.bases):
            return True
        todo.extend(base[1:] for base in info.bases)
        todo.extend(other.name for other in file.units.classes.values() if f".{name}" in other.bases)
    for name in sorted(family):
        for method in file.units.classes[name].methods:
            if method == function.name:
                continue
            summary = summary_of(file, method)
            if summary is None or summary.effects.get(attribute, Effect()).settles:
                return True
    return False


def _facts(state: State | None, resource: Resource) -> frozenset[Fact]:
    return state.facts.get(resource, frozenset()) if state is not None else frozenset()


def _owed(resource: Resource, fact: Fact) -> bool:
    """Whether a fact still owes the end of its resource to this function."""
    if not resource.duty or fact.moved not in (HERE, SHOWN, MAYBE, KEPT):
        return False
    if resource.kind in ("file", "dir"):
        return fact.state != DELETED
    if resource.kind in ("fd", "object"):
        return fact.state == LIVE
    return False


def interesting(file: File, function: Function) -> bool:
    """Whether a function can hold anything to see: a call or mention of a maker or a source, or a helper that makes."""
    for block in function.blocks:
        for event in block.events:
            if isinstance(event, ev.Call):
                row = file.models.get(event.callee)
                if row is not None and (row.starts or any(a.sink for a in row.args.values())):
                    return True
                if (event.callee is not None and event.callee.startswith(".")) or event.method is not None:
                    return True
            elif isinstance(event, ev.Load) and isinstance(event.src, ev.Dotted):
                row = file.models.get(event.src.name)
                if row is not None and row.starts:
                    return True
    return False


def _learn_attributes(file: File, solved: Solved) -> None:
    """Texts that a method leaves in attributes of `self`: other methods of the class meet them."""
    end, owner = solved.states.get(solved.function.exit), solved.function.class_name
    if end is None or owner is None:
        return
    for place, atoms in end.env.items():
        texts = frozenset(atom for atom in atoms if isinstance(atom, PathText))
        if place.startswith("self.") and texts:
            key = f"{owner}.{place[5:]}"
            file.attributes[key] = file.attributes.get(key, frozenset()) | texts


def module_ends(file: File, resource: Resource, ends: frozenset[Fact]) -> bool:
    """Whether some function of the file ends what a name of the module holds (a tear-down, a signal handler)."""
    names = {place for fact in ends for place, _ in fact.aliases if not place.startswith("%")}
    for name in file.names - {MODULE}:
        function = file.function(name)
        if function is None or not names & set(_seed_places(function)):
            continue
        summary = summary_of(file, name)
        if summary is None or any(summary.effects.get(place, Effect()).settles for place in names):
            return True
    return False


def _solve(file: File, function: Function, start: State) -> Solved | None:
    if function.over_budget:
        return None
    try:
        return Solved(file, function, start)
    except Unsettled:
        return None


def look(
    units: Units, models: Models, directories: tuple[str, ...], launchers: frozenset[str], removers: frozenset[str]
) -> Iterator[tuple[str, Observation]]:
    """Everything that can be seen in a file: the function it stands in, and the observation.

    Functions that are over their budget, or do not settle, are silent.
    """
    names = units.functions
    file = File(units, models, directories, names=frozenset(names), launchers=launchers, removers=removers)
    for name in names:
        function = units.lower(name)
        if name != MODULE and not interesting(file, function):
            continue
        solved = _solve(file, function, State())
        if solved is None:
            continue
        _learn_attributes(file, solved)
        if name == MODULE:
            file.constants = solved.states.get(function.exit, State()).copy()
        for seen in (*solved.recorder.settled(), *solved.born()):
            yield name, seen
        if name != MODULE or not solved.transfer.is_fixture:
            for unmet in solved.unmet():
                yield name, unmet


def summary_of(file: File, name: str) -> Summary | None:
    """What a function of the file does for its callers; None while it is being found out, and if it cannot be."""
    if name in file.summaries:
        return file.summaries[name]
    file.summaries[name] = None
    function = file.function(name)
    if function is None or function.over_budget:
        return None
    start = State()
    seeds = {p: _seed(function, i, p) for i, p in enumerate(_seed_places(function))}
    for place, resource in seeds.items():
        start.born(resource, Fact(aliases=frozenset({(place, "seed")})))
    solved = _solve(file, function, start)
    if solved is not None:
        file.summaries[name] = _summarise(solved, seeds)
    return file.summaries[name]


def _seed(function: Function, number: int, place: str) -> Resource:
    return Resource(function.site, number, "seed", place, duty=False)


def _seed_places(function: Function) -> list[str]:
    """Parameters, outer variables and attributes of `self` that the function mentions."""
    places = {p.name for p in function.params} - {"self", "cls"}
    for block in function.blocks:
        for event in block.events:
            operand: object = None
            if isinstance(event, ev.Load):
                operand = event.src
            elif isinstance(event, ev.Call) and isinstance(event.receiver, str):
                operand = event.receiver
            if not isinstance(operand, str) or operand.startswith("%"):
                continue
            head, _, rest = operand.partition(".")
            if head == "self" and rest:
                places.add(f"self.{rest.split('.')[0]}")
            elif head not in function.variables and head not in ("self", "cls"):
                places.add(head)
    return sorted(places)


def _summarise(solved: Solved, seeds: dict[str, Resource]) -> Summary:
    function, end = solved.function, solved.states.get(solved.function.exit)
    returned = solved.transfer.returned
    effects: dict[str, Effect] = {}
    for place, resource in seeds.items():
        found = effect(resource, end, returned)
        if found.settles or found.returned:
            effects[place] = found
    back = tuple(
        Returned(suffix, handle, resource)
        for resource, suffix, handle in returned
        if resource.kind != "seed" and handle not in ("inside", "beside", "mention") and _still(end, resource)
    )
    lent = tuple(
        Returned(suffix, handle, resource)
        for resource, suffix, handle in solved.transfer.yielded
        if resource.kind != "seed" and solved.transfer.yield_raises
    )
    never = end is None and not function.is_generator
    return Summary(effects, () if function.is_generator else back, lent, never)


def _still(end: State | None, resource: Resource) -> bool:
    """Whether some way out leaves the resource whole."""
    return any(f.state != DELETED and not (resource.kind == "fd" and f.state == CLOSED) for f in _facts(end, resource))
