"""Looking at a file: which functions are worth it, solving each, and what each does for its callers."""

from __future__ import annotations

from collections.abc import Iterator

from tempsafe_lint.flow.differing import may_differ
from tempsafe_lint.flow.file import File
from tempsafe_lint.flow.handing import Focus
from tempsafe_lint.flow.held import behind
from tempsafe_lint.flow.interest import Interest, tells
from tempsafe_lint.flow.leaving import constants
from tempsafe_lint.flow.obligations import REMADE
from tempsafe_lint.flow.observations import Observation, PathSink, Renamed, Silent, UsedIn
from tempsafe_lint.flow.owners import MODULE, seed_places
from tempsafe_lint.flow.provenance import shared, tail
from tempsafe_lint.flow.publishing import published
from tempsafe_lint.flow.solved import SEES_ALL, SEES_DEEDS, SEES_NOTHING, Solved, facts_of
from tempsafe_lint.flow.solver import Unsettled
from tempsafe_lint.flow.state import State
from tempsafe_lint.flow.summaries import Effect, Returned, Summary, effect
from tempsafe_lint.flow.throwaway import thrown_away
from tempsafe_lint.flow.values import CLOSED, DELETED, UNSURE, Atom, Fact, Opened, PathText, Resource
from tempsafe_lint.flow.verified import verifies
from tempsafe_lint.ir.cfg import NODE_BUDGET, Function, Units
from tempsafe_lint.models.catalogue import Models, Policies
from tempsafe_lint.records import replace

#: Functions that are summed up one inside the other. A longer chain of helpers is taken from its end: the one that
#: asked begins anew when its helper is known.
MOST_DEPTH = 8
#: So many questions about one function are answered each by itself, those about a part of what it is given.
MOST_QUESTIONS = 3

#: Sinks that a helper passes on to its callers.
_PASSED_ON = frozenset({"create", "write", "open", "read", "bind", "load", REMADE})


def _learn_attributes(file: File, solved: Solved) -> None:
    """Texts that a method leaves in attributes of `self`: other methods of the class meet them."""
    end, owner = solved.states.get(solved.function.exit), solved.function.class_name
    if end is None or owner is None:
        return
    held = end.env.group("self").items()
    found = {place: frozenset(atom for atom in atoms if isinstance(atom, PathText)) for place, atoms in held}
    if not any(found.values()) or verifies(file, solved.function):
        return
    for place, texts in found.items():
        if place.startswith("self.") and texts:
            key = f"{owner}.{place[5:]}"
            file.attributes[key] = file.attributes.get(key, frozenset()) | texts
            word = place[5:].partition(".")[0].partition("[")[0]
            if word not in file.filled and any(tells(file, text) for text in texts):
                file.filled.add(word)
                file.meeting = None


def _solve(file: File, function: Function, start: State, looks: int = SEES_ALL) -> Solved:
    """One function, solved; raises Unsettled where flow has nothing to say about it."""
    if function.over_budget:
        raise Unsettled(f"its graph has more than {NODE_BUDGET} blocks")
    return Solved(file, function, start, looks)


def look(units: Units, models: Models, policies: Policies) -> Iterator[tuple[str, Observation]]:
    """Everything that can be seen in a file: the function it stands in, and the observation.

    Of functions that are over their budget, or do not settle, only that is said.
    """
    file = File(units, models, policies, summary_of, Solved)
    file.interest = Interest(file)
    for name in units.functions:
        if not file.is_met(name):
            continue
        function = units.lower(name)
        if name != MODULE and not file.interest.in_function(function):
            continue
        # Whatever comes to other functions is known when the module has run.
        looks = SEES_NOTHING if name == MODULE and file.interest.has_nothing(function) else SEES_ALL
        try:
            solved = _solve(file, function, _beginning(file, name), looks)
        except Unsettled as why:
            yield name, Silent(str(why))
            continue
        _learn_attributes(file, solved)
        if name == MODULE:
            file.constants = _named(solved.states.get(function.exit, State()))
            for constant in constants(file, file.constants):
                yield name, constant
            file.interest = Interest(file, file.interest.listening)
        thrown = {} if name == MODULE else thrown_away(solved)
        for seen in (*solved.recorder.settled(), *solved.born(), *solved.left_behind()):
            if isinstance(seen, PathSink) and seen.text.site in thrown:
                yield name, replace(seen, removed=thrown[seen.text.site])
            elif isinstance(seen, Renamed):
                yield name, replace(seen, published=published(file, function, seen.resource))
            else:
                yield name, behind(file, function, seen) if isinstance(seen, UsedIn) and seen.scope else seen
        if name != MODULE or not solved.transfer.is_fixture:
            for unmet in solved.unmet():
                yield name, unmet
    yield from file.scratch.found()
    file.interest = None  # it holds the file


def _named(end: State) -> State:
    """What the names of the module hold when it has run. Its temporaries are nobody else's: every function has its own
    of the same names.
    """
    known = end.copy()
    known.env = known.env.without("%")
    return known


def _beginning(file: File, name: str) -> State:
    """What is known when a function begins: a parameter may have its default."""
    state = State()
    for parameter, texts in file.defaults.get(name, {}).items():
        state.env[parameter] = texts | {UNSURE}
    return state


class _Needed(Exception):
    """A helper must be summed up first: too many are under way, one inside the other."""

    def __init__(self, name: str, focus: Focus) -> None:
        super().__init__(name)
        self.asked = name, focus


def summary_of(file: File, name: str, focus: Focus = None) -> Summary | None:
    """What a function of the file does for its callers; None while it is being found out, and if it cannot be. Of what
    it is given, only what becomes of the places in `focus` is said; None: of all.
    """
    known = file.summaries.setdefault(name, {})
    if focus not in known and (None in known or len(known) >= MOST_QUESTIONS):
        focus = None
    if focus in known or name in file.under_way:
        return known.get(focus)
    if file.depth >= MOST_DEPTH:
        raise _Needed(name, focus)
    file.under_way.add(name)
    waiting = [(name, focus)]
    while waiting:
        asked, about = waiting[-1]
        try:
            file.summaries.setdefault(asked, {})[about] = _summary(file, asked, about)
            file.under_way.discard(asked)
            waiting.pop()
        except _Needed as helper:
            file.under_way.add(helper.asked[0])
            waiting.append(helper.asked)
    return known[focus]


def _summary(file: File, name: str, focus: Focus) -> Summary | None:
    function = file.function(name)
    if function is None:
        return None
    start = State()
    # Where nobody asks what becomes of what it is given, that is not followed: what it makes and gives back is.
    asked = seed_places(function) if focus is None or focus else ()
    seeds = {p: _seed(function, i, p) for i, p in enumerate(asked)}
    for place, resource in seeds.items():
        # Whatever is in its buffer may be there still: what the function flushes is seen against that.
        start.born(resource, Fact(dirty=True, aliases=frozenset({(place, "seed")})))
    before = file.focus
    file.depth, file.focus = file.depth + 1, focus
    try:
        solved = _solve(file, function, start, SEES_DEEDS)
        return _summarise(solved, {p: seed for p, seed in seeds.items() if focus is None or p in focus})
    except Unsettled:
        return None
    finally:
        file.depth, file.focus = file.depth - 1, before


def _seed(function: Function, number: int, place: str) -> Resource:
    return Resource(function.site, number, "seed", place, duty=False)


def _summarise(solved: Solved, seeds: dict[str, Resource]) -> Summary:
    function, end = solved.function, solved.states.get(solved.function.exit)
    returned = solved.transfer.returned
    effects: dict[str, Effect] = {}
    for place, resource in seeds.items():
        touched = solved.recorder.touched.get(resource, set())
        thrown = solved.states.get(function.raised)
        removed = resource in solved.recorder.cleanups
        found = effect(resource, end, thrown, returned, touched, solved.recorder.unsure, removed=removed)
        sinks = tuple(sorted(touched & _PASSED_ON))
        if found.settles or found.lent or found.returned or found.in_failure or sinks or found.buffer != "keeps":
            effects[place] = replace(found, sinks=sinks)
    back = tuple(
        Returned(
            suffix,
            handle,
            resource,
            bool(ends := facts_of(end, resource)) and all(f.dirty for f in ends),
            resource.kind != "fd"
            and (
                solved.transfer.results_given.claims(resource, suffix) or (not suffix and may_differ(solved, resource))
            ),
        )
        for resource, suffix, handle in returned
        if resource.kind != "seed"
        and handle not in ("inside", "beside", "mention", "wrapped")
        and not (resource.kind == "object" and handle == "path")
        and _still(end, resource)
    )
    lent = tuple(
        Returned(suffix, handle, resource)
        for resource, suffix, handle in solved.transfer.yielded
        if resource.kind != "seed" and solved.transfer.yield_raises
    )
    never = end is None and not function.is_generator
    sorts = () if function.is_generator else tuple(sorted(map(_abroad, solved.transfer.sorts.items()), key=_suffix))
    texts: frozenset[PathText] = frozenset()
    if not function.is_generator:
        texts = frozenset(text for text in solved.transfer.returned_texts if _guessable(solved.file, text))
    if texts and verifies(solved.file, function):
        texts = frozenset()
    return Summary(effects, () if function.is_generator else back, lent, never, sorts, texts)


def _abroad(item: tuple[str, frozenset[Atom]]) -> tuple[str, frozenset[Atom]]:
    """The sort of a result as its caller knows it: places of the helper mean nothing there."""
    return item[0], frozenset(replace(atom, by="") if isinstance(atom, Opened) else atom for atom in item[1])


def _suffix(item: tuple[str, frozenset[Atom]]) -> str:
    return item[0]


def _guessable(file: File, text: PathText) -> bool:
    """Whether a caller should know of a path that a helper returns."""
    found = shared(text, file.policies.directories)
    return found is not None and tail(found[1]) in ("fixed", "guessable", "chosen", "partly")


def _still(end: State | None, resource: Resource) -> bool:
    """Whether some way out leaves the resource whole."""
    over = (CLOSED, DELETED) if resource.kind in ("fd", "object") else (DELETED,)
    return any(fact.state not in over for fact in facts_of(end, resource))
