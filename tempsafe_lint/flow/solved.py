"""One function, solved: the last pass with open eyes, and every duty that is left undone on some way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tempsafe_lint.flow import obligations as duty
from tempsafe_lint.flow.escapes import left_behind
from tempsafe_lint.flow.failing import GIVEN, HARDLY, PLAIN, UNKNOWN, WRITTEN, failing
from tempsafe_lint.flow.file import File
from tempsafe_lint.flow.held import held
from tempsafe_lint.flow.keeping import kept
from tempsafe_lint.flow.lost import lost
from tempsafe_lint.flow.observations import Born, LeftScope, Place, Undo, Unmet
from tempsafe_lint.flow.owing import Owing, Raising
from tempsafe_lint.flow.owing import owed as still_owed
from tempsafe_lint.flow.owners import MAKERS, MODULE, class_ends, ends_unasked, folders_removed, module_ends
from tempsafe_lint.flow.publishing import published
from tempsafe_lint.flow.sheltered import sheltered
from tempsafe_lint.flow.solver import Arrive, solve, walk
from tempsafe_lint.flow.state import State
from tempsafe_lint.flow.stays import way_out
from tempsafe_lint.flow.stretch import stretch
from tempsafe_lint.flow.tighter import tighter
from tempsafe_lint.flow.transfer import Transfer
from tempsafe_lint.flow.undoing import undone
from tempsafe_lint.flow.values import HERE, INNER, KEPT, LENT, MAYBE, SHOWN, Fact, Resource
from tempsafe_lint.flow.ways import excused, finals, reachable
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Function
from tempsafe_lint.source import Site

#: So many of the calls that hardly fail are looked at: each look goes through the function.
FEW = 3
#: What is looked at when a function is solved: everything; what it does with what it is given and where that goes; no
#: more than what holds at its end.
SEES_ALL, SEES_DEEDS, SEES_NOTHING = range(3)
#: No way of failing is so sure.
_NOTHING_ELSE = WRITTEN - 1


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

    def __init__(self, file: File, function: Function, start: State, looks: int = SEES_ALL) -> None:
        self.file = file
        self.function = function
        self._looks = looks
        self._transfers: list[Transfer] = []
        self._unwatched: Transfer | None = None
        self.recorder = duty.Recorder()
        self.transfer = (
            self._quiet() if looks == SEES_NOTHING else self._transfer(self.recorder, watches=looks == SEES_ALL)
        )
        self.transfer.takes_along = True
        self.owing = Owing()
        self._touched: Counter[Site] | None = None
        self._free: dict[Resource, set[tuple[int, int]]] = {}
        #: By block: what each of its normal edges carries.
        self._outs: dict[int, list[tuple[int, State]]] = {}
        self.exits: list[tuple[int, Site | None, State]] = []
        self.states = solve(function, start, self._go, self._last_pass if looks != SEES_NOTHING else None)

    def _transfer(self, recorder: duty.Recorder | None = None, *, watches: bool = True) -> Transfer:
        self._transfers.append(Transfer(self.file, self.function, recorder, watches=watches))
        return self._transfers[-1]

    def __del__(self) -> None:
        for transfer in self._transfers:
            transfer.take_apart()

    def _quiet(self) -> Transfer:
        """The transfer that says nothing of what it sees."""
        if self._unwatched is None:
            self._unwatched = self._transfer()
        return self._unwatched

    def _go(self, number: int, state: State, arrive: Arrive) -> None:
        """Through a block to which more may come."""
        walk(self.function, number, state, self._quiet(), arrive)

    def _last_pass(self, number: int, state: State, arrive: Arrive) -> None:
        """Once through a block that has settled, with open eyes."""
        block = self.function.blocks[number]
        watched = _Watched(self.transfer, self.recorder, number)
        if self._looks == SEES_DEEDS:
            walk(self.function, number, state, watched, arrive)
            return

        def leave(target: int, state: State) -> None:
            if watched.under_way is not None and target == block.handler:
                self._note_raise(number, target, state, watched.under_way)
            if target == self.function.exit:
                returns = [e for e in block.events if isinstance(e, ev.Return)]
                self.exits.append((number, returns[-1].site if returns else None, state.copy()))
            arrive(target, state)

        def onward(target: int, state: State) -> None:
            self._outs.setdefault(number, []).append((target, state.copy()))
            leave(target, state)

        walk(self.function, number, state, watched, leave, onward)
        self.owing.close()

    def _note_raise(self, block: int, target: int, state: State, event: ev.Event) -> None:
        def raising() -> Raising:
            what = event.callee or event.method or _variable(event.func) if isinstance(event, ev.Call) else ""
            what = "yield" if isinstance(event, ev.Yield) else what
            fails = failing(self.file, self.function, event)
            return Raising(block, target, event.site, what, fails, event.statement)

        self.owing.note(raising, state.facts)

    def unmet(self) -> Iterator[Unmet]:
        """Every duty that is not done on some way out."""
        normal, raised = self.states.get(self.function.exit), self.states.get(self.function.raised)
        resources = {r for s in (normal, raised) if s is not None for r in s.facts if r.duty and r.kind != "seed"}
        for resource in sorted(resources, key=lambda r: (r.site, r.slot)):
            found = self._unmet(resource, facts_of(normal, resource), facts_of(raised, resource))
            if found is not None:
                yield found

    def _unmet(self, resource: Resource, ends: frozenset[Fact], throws: frozenset[Fact]) -> Unmet | None:
        owed, thrown = [f for f in ends if still_owed(resource, f)], [f for f in throws if still_owed(resource, f)]
        if not owed and not thrown:
            return None
        everyone = ends | throws
        keepers = self._keepers(everyone)
        here = resource in self.recorder.cleanups
        trap = False
        if any(class_ends(self.file, self.function, keeper, here, by) for keeper, by in keepers.items()):
            trap = self._is_trap(keepers)
            owed = [f for f in owed if f.moved not in (KEPT, INNER, MAYBE)]
            thrown = [f for f in thrown if f.moved not in (KEPT, INNER, MAYBE) or (trap and f.moved == KEPT)]
            if not owed and not thrown:
                return None
        if self.function.name == MODULE and module_ends(self.file, resource, ends):
            return None
        if self.function.name == MODULE and resource.kind in ("object", "dirobject"):
            return None  # what the module's own names hold is open as long as the program runs
        cleanup = self.recorder.cleanups.get(resource)
        ways = self._ways(resource)
        normal = bool(owed) and self.function.exit in ways
        thrown_out = bool(thrown) and self.function.raised in ways
        if not normal and not thrown_out:
            return None
        witness, fails = self._witness(resource, normal, ways)
        stays = all(f.moved == HERE and f.left is None for f in everyone)
        left = min((f.left for f in everyone if f.left is not None), default=None)
        inner = any(f.moved == INNER for f in (*owed, *thrown)) and not folders_removed(self.file)
        left_here = (HERE, LENT, INNER) if inner else (HERE, LENT)
        touched = frozenset(self.recorder.touched.get(resource, ()))
        if stays and resource.instead is not None:
            left = way_out(self.file, self.function, resource, cleanup is not None, touched).left
        return Unmet(
            resource,
            normal=normal,
            exceptional=thrown_out,
            always=bool(ends) and len(owed) == len(ends),
            cleanup=cleanup,
            witness=witness,
            maybe=all(f.moved == MAYBE for f in (owed or thrown)),
            shown=any(f.moved == SHOWN for f in everyone) and not (normal and self._left_unshown(resource, ways)),
            moved=any(f.moved not in (HERE, LENT, SHOWN) for f in everyone),
            stays=stays and left is None,
            touched=touched,
            nameless=not any(h == "path" and not p.startswith("%") for f in owed for p, h in f.aliases),
            explicit=fails == WRITTEN,
            given=fails == GIVEN,
            plain=fails >= PLAIN,
            keeper=min(keepers, key=lambda name: (not self._names_path(name, everyone), name), default=""),
            left=left,
            stretch=stretch(self.file, self.function, resource, self._enders(resource), ends, bool(owed)),
            held=held(self.file, self.function, resource),
            lost=lost(self.file, self.function, resource) if resource.kind == "fd" else None,
            settled=all(f.moved not in left_here for f in (owed or thrown)),
            lent=any(r == resource for r, *_ in self.transfer.yielded) and self.transfer.yield_raises,
            inner=inner and any(f.moved == INNER for f in owed),
            apart=self._touched_at()[resource.site] > (resource in self.recorder.touched),
            trap=trap and not owed,
            published=published(self.file, self.function, resource) if "takes" in touched else None,
            yielded=resource in self.transfer.given_out,
            sheltered=not resource.placed and sheltered(self.file, self.function),
            undo=None if normal else self._undone(resource, everyone, ways),
            told=normal and self._left_told(resource, ways),
            kept=kept(self.file, self.function, resource, everyone) if "takes" not in touched else None,
        )

    def _touched_at(self) -> Counter[Site]:
        """How many resources were touched, by where they are made. Asked for when all is seen."""
        if self._touched is None:
            self._touched = Counter(resource.site for resource in self.recorder.touched)
        return self._touched

    def _undone(self, resource: Resource, facts: frozenset[Fact], ways: set[int]) -> Undo | Place | None:
        """What could be put into a `try` that undoes the creation."""
        if resource.kind not in self.file.policies.undoing:
            return None
        raising = [r for r in self._raising(resource) if r.block in ways and self._escapes(resource, r.handler, HARDLY)]
        return undone(self.file, self.function, resource, self._enders(resource), facts, raising)

    def _enders(self, resource: Resource) -> set[int]:
        """The statements that end a resource."""
        return {statement for _, statement in self.recorder.releases.get(resource, ())}

    def born(self) -> Iterator[Born]:
        """Every resource made here, with where it goes."""
        ends = [self.states.get(self.function.exit), self.states.get(self.function.raised)]
        for resource in self.recorder.births:
            facts = [f for state in ends for f in facts_of(state, resource)]
            left = min((f.left for f in facts if f.left is not None), default=None)
            touched = frozenset(self.recorder.touched.get(resource, ()))
            stays = all(f.moved == HERE and f.left is None for f in facts)
            if resource.kind == "name" and resource.instead is not None:
                way = way_out(self.file, self.function, resource, resource in self.recorder.cleanups, touched)
                left, touched = left or way.left, touched | way.needs
            use = tighter(self.file, self.function, resource) if resource.kind == "name" else None
            yield Born(resource, stays and left is None, left, touched, use)

    def left_behind(self) -> Iterator[LeftScope]:
        """Paths that outlive the object that removes them, because nobody but this function holds it."""
        if self.function.is_generator or self.function.name == MODULE:
            return
        end = self.states.get(self.function.exit)
        for resource in self.recorder.births:
            yield from left_behind(self.recorder, resource, facts_of(end, resource))

    def _keepers(self, facts: frozenset[Fact]) -> dict[str, str]:
        """The attributes of `self` that keep the resource, and by what: the object, its path, a path inside."""
        found: dict[str, set[str]] = {}
        for fact in facts:
            for place, handle in fact.aliases if fact.moved in (KEPT, INNER, MAYBE) else ():
                if place.startswith("self."):
                    inner = handle == "inside" and fact.moved == INNER
                    by = "inside" if inner else handle if handle == "path" else "object"
                    found.setdefault("self." + place[5:].split(".")[0].split("[")[0], set()).add(by)
        weakest = ("object", "path", "inside")
        return {name: next(by for by in weakest if by in held) for name, held in sorted(found.items())}

    @staticmethod
    def _names_path(keeper: str, facts: frozenset[Fact]) -> bool:
        return any((keeper, "path") in fact.aliases for fact in facts)

    def _is_trap(self, keepers: dict[str, str]) -> bool:
        """Whether the function makes the owner itself: what fails in it leaves nobody who could end the resource."""
        last = self.function.name.rpartition(".")[2]
        return last in MAKERS and not any(ends_unasked(self.file, self.function, keeper) for keeper in keepers)

    def _ways(self, resource: Resource) -> set[int]:
        """Blocks on ways that owe the resource, from where it is made."""
        raising = [(r.block, r.handler) for r in self._raising(resource)]
        start = self.recorder.born_in.get(resource, [self.function.entry])
        free = self._excused(resource)
        return reachable(start, lambda b: self._leads(b, resource), lambda b: self._owes(b, resource), raising, free)

    def _excused(self, resource: Resource) -> set[tuple[int, int]]:
        """Edges that leave out its clean-up on purpose."""
        if resource not in self._free:
            releases = self.recorder.releases.get(resource, set())
            self._free[resource] = excused(self.function, resource.statement, releases)
        return self._free[resource]

    def _raising(self, resource: Resource) -> list[Raising]:
        """Where something may raise while the resource is owed.

        What stands before a removal in one `finally` with it is part of the clean-up: that it may fail is no news,
        unless it is sure to, or fails by what it is given. So is a move in a `finally`, for what is moved.
        """
        releases = self.recorder.releases.get(resource, set())
        cleaning = {final for _, statement in releases for final in finals(self.function, statement)}
        found = self.owing.of(resource)
        if "takes" in self.recorder.touched.get(resource, ()):
            found = [r for r in found if r.failing <= GIVEN or not finals(self.function, r.statement)]
        if not cleaning:
            return found
        return [r for r in found if r.failing <= GIVEN or not cleaning.intersection(finals(self.function, r.statement))]

    def _leads(self, block: int, resource: Resource) -> list[int]:
        """Where the normal edges of a block lead on which the resource is still owed."""
        carried = self._outs.get(block, ())
        return [t for t, state in carried if any(still_owed(resource, f) for f in facts_of(state, resource))]

    def _owes(self, block: int, resource: Resource) -> bool:
        return any(still_owed(resource, fact) for fact in facts_of(self.states.get(block), resource))

    def _witness(self, resource: Resource, normal: bool, ways: set[int]) -> tuple[Place | None, int]:
        """Where the resource is left, and what is to fail for that (a return or the end of the body: nothing)."""
        if normal:
            first = min((site for site in self._left(resource, ways) if site is not None), default=None)
            return (Place(first) if first is not None else None), WRITTEN
        places = [p for p in sorted(self._raising(resource), key=lambda place: place.rank) if p.block in ways]
        for others in (_NOTHING_ELSE, WRITTEN, HARDLY):
            found = next((found for found in places if self._escapes(resource, found.handler, others)), None)
            if found is not None:
                # Plain work on what is looked up or converted before it: more than plain work alone.
                hardly = [place for place in places if place.failing == HARDLY][:FEW] if found.failing == PLAIN else []
                more = any(self._escapes(resource, place.handler, others) for place in hardly)
                return Place(found.site, found.what), UNKNOWN if more else found.failing
        return None, PLAIN

    def _left_unshown(self, resource: Resource, ways: set[int]) -> bool:
        """Whether some way out that is written there never shows it: what another shows is no product then."""
        for block, site, state in self.exits:
            owed = [fact for fact in facts_of(state, resource) if still_owed(resource, fact)]
            if site is not None and block in ways and owed and all(fact.moved in (HERE, LENT) for fact in owed):
                return True
        return False

    def _left_told(self, resource: Resource, ways: set[int]) -> bool:
        """Whether people are told of it on every way out that leaves it and is no failure."""
        left = [
            fact
            for block, _, state in self.exits
            for fact in (facts_of(state, resource) if block in ways else ())
            if still_owed(resource, fact)
        ]
        return bool(left) and all(fact.moved == SHOWN for fact in left)

    def _left(self, resource: Resource, ways: set[int]) -> list[Site | None]:
        """Where a way that owes the resource leaves the function by itself."""
        return [
            site
            for block, site, state in self.exits
            if block in ways and any(still_owed(resource, fact) for fact in facts_of(state, resource))
        ]

    def _escapes(self, resource: Resource, handler: int, others: int) -> bool:
        """Whether what is raised to a handler gets out of the function with the resource still owed, where nothing else
        fails but what fails as surely as `others`.
        """
        if not self._owes(handler, resource):
            return False
        raising = [(r.block, r.handler) for r in self._raising(resource) if r.failing <= others]
        free = self._excused(resource)
        onward = reachable(
            [handler], lambda b: self._leads(b, resource), lambda b: self._owes(b, resource), raising, free
        )
        return self.function.raised in onward


def _variable(called: ev.Operand) -> str:
    """The name that a call is spelled with, where it is one."""
    return called if isinstance(called, str) and not called.startswith(("%", "@")) else ""


def facts_of(state: State | None, resource: Resource) -> frozenset[Fact]:
    return state.facts.get(resource, frozenset()) if state is not None else frozenset()
