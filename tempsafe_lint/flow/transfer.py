"""The effect of every event on a state: the domain that the solver runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tempsafe_lint.flow import obligations as duty
from tempsafe_lint.flow.attempts import last_call
from tempsafe_lint.flow.callees import Callees
from tempsafe_lint.flow.calls import is_local
from tempsafe_lint.flow.correlated import correlated, under
from tempsafe_lint.flow.file import File
from tempsafe_lint.flow.givenback import GivenBack
from tempsafe_lint.flow.holders import is_own
from tempsafe_lint.flow.observations import Mentioned, Place
from tempsafe_lint.flow.places import Names, below, elements, everything, resolve
from tempsafe_lint.flow.provenance import ENOUGH, UNGUESSABLE
from tempsafe_lint.flow.renames import GONE
from tempsafe_lint.flow.state import State, ordered
from tempsafe_lint.flow.texts import Texts, is_separator, written
from tempsafe_lint.flow.types import TypeOf
from tempsafe_lint.flow.values import (
    DELETED,
    KEPT,
    MOVED,
    REGISTERED,
    Asked,
    Atom,
    Fact,
    FnRef,
    Handle,
    Hole,
    Known,
    Opened,
    PathText,
    Resource,
    Typed,
)
from tempsafe_lint.flow.watch import Watch
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Function
from tempsafe_lint.source import Site

Out = tuple[State | None, State | None]
_SCRATCH = "%scratch"


class Transfer:
    """Runs events of one function. With a recorder it also says what it sees."""

    def __init__(
        self, file: File, function: Function, recorder: duty.Recorder | None = None, *, watches: bool = True
    ) -> None:
        self.file = file
        self.function = function
        self.recorder = recorder
        self.types = TypeOf(self)
        self.watch = Watch(self, recorder) if recorder is not None and watches else None
        #: Whether functions that are made here get to know of the texts around them.
        self.takes_along = recorder is not None
        self.texts = Texts(file, function)
        self.callees = Callees(self)
        self.correlated = correlated(file, function)
        self.returned: list[tuple[Resource, str, Handle]] = []
        self.returned_texts: list[PathText] = []
        self.yielded: list[tuple[Resource, str, Handle]] = []
        #: What a plain generator gives to whoever iterates, itself or by its path.
        self.given_out: set[Resource] = set()
        #: What every `return` so far gives for certain, by suffix of the result.
        self.sorts: dict[str, frozenset[Atom]] = {}
        self._returns = False
        self.results_given = GivenBack()
        self.closures = file.captured_in(function)
        rows = [file.models.get(name) for name in function.decorators]
        self.yield_raises = any(row is not None and row.yields_raise for row in rows)
        self.is_fixture = any(row is not None and row.fixture for row in rows)
        self._do: dict[type, Callable[[State, Any], Out | None]] = {
            ev.Call: self.callees.call,
            ev.Bind: self._bind,
            ev.Unpack: self._unpack,
            ev.Pack: self._pack,
            ev.Text: self._text,
            ev.Load: self._load,
            ev.Store: self._store,
            ev.Return: self._return,
            ev.Yield: self._yield,
            ev.Raise: self._raise,
            ev.Enter: self._enter,
            ev.Exit: self._exit,
            ev.Capture: self._capture,
            ev.Delete: self._delete,
        }

    def event(self, state: State, event: ev.Event) -> Out:
        if self.watch is not None:
            self.watch.event(state, event)
        out = self._do[type(event)](state, event)
        return (state, None) if out is None else out

    def take_apart(self) -> None:
        """End it: no event can be given to it any more, and its parts no longer hold it."""
        self._do = {}
        for part in ("callees", "types", "watch"):
            self.__dict__.pop(part, None)

    # -- values ------------------------------------------------------------------------------------------------------

    def names(self, state: State, operand: ev.Operand | None) -> Names:
        """What an operand names."""
        if not isinstance(operand, str) or not state.knows(operand):
            return []
        found = resolve(state, self.file.models, operand)
        if found or "." not in operand:
            return found
        base, _, attribute = operand.rpartition(".")
        row = self.file.models.method("object", attribute)
        if row is None or row.gives != "path":
            return []
        opened_by = [atom.by for atom in state.env.get(base, ()) if isinstance(atom, Opened) and atom.by]
        return [name for place in opened_by for name in resolve(state, self.file.models, place) if name[2] == "path"]

    def rename(self, state: State, place: str, names: Names, handle: Callable[[Resource, Handle], Handle]) -> None:
        """Bind a place anew to things that other places name, each under a handle of its own."""
        if not names:
            state.kill(place)
            return
        held_so = [(resource, fact, handle(resource, held)) for resource, fact, held in names]
        if all(fact in state.facts.get(resource, ()) for resource, fact, _ in held_so):
            state.bind(place, held_so)
            return
        for resource, fact, held in held_so:  # some have changed since they were looked up
            state.add_alias(resource, self.current(state, resource, fact), _SCRATCH, held)
        state.assign(place, _SCRATCH)
        state.kill(_SCRATCH)

    def current(self, state: State, resource: Resource, fact: Fact) -> Fact:
        """The fact as it is now, if only its aliases have grown since it was looked up."""
        facts = state.facts[resource]
        if fact in facts:
            return fact
        for other in ordered(facts):
            if other._replace(aliases=fact.aliases) == fact and other.aliases >= fact.aliases:
                return other
        return fact

    def _bind(self, state: State, event: ev.Bind) -> None:
        self.set(state, event.dst, event.src, event)

    def set(self, state: State, dst: str, src: ev.Operand, event: ev.Event) -> None:
        """`dst = src` for any operand."""
        if isinstance(src, str):
            if not state.knows(src) and self.texts.is_own(src):
                state.kill(dst)
                return
            direct = state.named(src)
            looked = self.names(state, src) if not direct else []
            if looked:
                self.rename(state, dst, looked, lambda _, handle: handle)
            else:
                texts = self.texts.of(state, src, event.site)
                state.assign(dst, src)
                if texts and dst not in state.env:
                    state.env[dst] = frozenset(texts)
            return
        if isinstance(src, ev.Dotted) and src.name == f".{dst}" and dst in self.file.units.classes:
            return  # the class statement itself: what its body bound stays under its name
        if isinstance(src, ev.Dotted):
            state.learn(dst, frozenset({FnRef(src.name.removeprefix("."), dotted=not is_local(src.name))}))
        elif isinstance(src, ev.Flags):
            state.learn(dst, frozenset({Known(src)}))
        else:
            state.learn(dst, written(src.value, event.site))

    def _unpack(self, state: State, event: ev.Unpack) -> None:
        if not isinstance(event.src, str) or (event.width is None and not state.knows(event.src)):
            state.kill(event.dst)
            return
        found = elements(state, event.src, event.index)
        if not found:
            # An element of something unknown stands for it: helpers empty the containers that they are handed.
            # A piece of a path is a text made from it.
            chosen = state.env.get(event.src, frozenset()) & {Known(Hole("chosen"))}
            whole = [n for n in self.names(state, event.src) if n[2] in ("seed", "path", "inside", "mention", "beside")]
            self.rename(state, event.dst, whole, lambda _, handle: "seed" if handle == "seed" else "mention")
            if event.width is not None and event.width >= ENOUGH and self.texts.secret(state, event.src, event.site):
                chosen = frozenset({Known(UNGUESSABLE)})
            if chosen:
                state.env[event.dst] = chosen
            return
        if len(found) == 1:
            state.assign(event.dst, found[0])
            return
        self.rename(state, event.dst, [n for h in found for n in state.named(h)], lambda _, handle: handle)

    def _pack(self, state: State, event: ev.Pack) -> None:
        state.kill(event.dst)
        fresh: dict[str, frozenset[Atom]] = {}
        once = len(set(event.keys)) == len(event.keys)
        for item, key in zip(event.items, event.keys, strict=True):
            slot = f"{event.dst}[{'*' if key is None else repr(key)}]"
            if once and isinstance(item, ev.Const):
                fresh[slot] = written(item.value, event.site)
                continue
            if isinstance(item, str) and not state.knows(item) and self.texts.is_own(item):
                continue  # it stands for nothing
            if fresh:
                state.env.update(event.dst, fresh)
                fresh = {}
            if isinstance(item, str):
                self._put_in(state, slot, item, event)
            else:
                self.set(state, slot, item, event)
        if fresh:
            state.env.update(event.dst, fresh)

    def _put_in(self, state: State, slot: str, item: str, event: ev.Pack) -> None:
        """One place of a container holds what another place does."""
        names = self.names(state, item)
        if names or state.held(item) or item in state.env:
            if state.named(item) or not names:
                state.assign(slot, item)
            else:
                self.rename(state, slot, names, lambda _, handle: handle)
        elif texts := self.texts.of(state, item, event.site):
            state.env[slot] = frozenset(texts)

    def _text(self, state: State, event: ev.Text) -> None:
        texts = self.texts.built(state, event)
        parts = [part for part in event.parts if not (isinstance(part, ev.Const) and part.value in ("", b""))]
        names: list[tuple[Resource, Fact, Handle]] = []
        slashed = bool(parts) and self.texts.ends_in_separator(state, parts[0], event.site)
        for i, part in enumerate(parts):
            for resource, fact, handle in self.names(state, part):
                names.append((resource, fact, _built(resource, handle, i, parts, slashed or event.how == "/")))
        kept = {n[:2]: n[2] for n in reversed(names)}
        self.rename(state, event.dst, names, lambda r, h: h) if not names else self._rename_as(state, event.dst, kept)
        if texts:
            state.env[event.dst] = frozenset(texts)

    def _rename_as(self, state: State, place: str, kept: dict[tuple[Resource, Fact], Handle]) -> None:
        names: Names = [(r, f, h) for (r, f), h in kept.items()]
        self.rename(state, place, names, lambda _, handle: handle)

    # -- mentions, stores, ways out ----------------------------------------------------------------------------------

    def _load(self, state: State, event: ev.Load) -> None:
        if self.recorder is None:
            return
        if isinstance(event.src, ev.Dotted):
            row = self.file.models.get(event.src.name)
            if row is not None and row.makes:
                kinds = tuple(made.kind for made in row.makes)
                self.recorder.add(Mentioned(row.name, kinds, row.instead, Place(event.site, event.src.name)))
        elif event.how == "iterate":
            duty.uses(self.names(state, event.src), "iterate", Place(event.site, "for"), self.recorder)

    def _store(self, state: State, event: ev.Store) -> None:
        base = event.base if isinstance(event.base, str) else None
        if event.kind in ("global", "nonlocal"):
            place = str(event.key)
        elif base is None:
            duty.move(state, everything(state, self.file.models, event.src), MOVED, event.site)
            duty.move(state, self.captured(state, event.src), MOVED, event.site)
            return
        else:
            place = f"{base}.{event.key}" if event.kind == "attr" else f"{base}[{_key(event.key)}]"
        captured = self.captured(state, event.src)
        if self.recorder is not None:
            self.recorder.touch(everything(state, self.file.models, event.src), "leaves")
        added = self.names(state, event.src) if event.kind == "item" and event.key is None else []
        for resource, fact, handle in added:
            state.add_alias(resource, self.current(state, resource, fact), place, handle)  # beside what is in there
        if not added:
            self.set(state, place, event.src, event)
        if event.kind == "attr":
            duty.perhaps_remade(state, self.names(state, place))
        how = self._store_strength(event, base)
        if how:
            duty.move(state, everything(state, self.file.models, place), how, event.site)
            duty.move(state, captured, how, event.site)

    def _store_strength(self, event: ev.Store, base: str | None) -> str | None:
        """A store into a container made in this function keeps the thing here; any other hands it on."""
        if event.kind in ("global", "nonlocal"):
            return MOVED
        root = (base or "").split(".")[0].split("[")[0]
        parameters = {p.name for p in self.function.params}
        if event.kind == "attr" and root == "self":
            return KEPT
        if is_own(self, event, base or ""):
            return None
        if root.startswith("%") or (root in self.function.variables and root not in parameters):
            return None if event.kind == "item" and "." not in (base or "") else MOVED
        if self.function.name == "<module>":
            return None
        return KEPT if root == "self" else MOVED

    def captured(self, state: State, operand: ev.Operand | None) -> Names:
        """What a function value, or one inside a container, has captured; the thing that a bound method hangs on."""
        places: list[str] = []
        if isinstance(operand, ev.Dotted):
            places.extend(self.closures.get(operand.name.removeprefix("."), ()))
        elif isinstance(operand, str):
            for _, atoms in state.env.below(operand):
                places.extend(self._closed_over(atoms))
        found = [name for place in places for name in everything(state, self.file.models, place)]
        if not found and isinstance(operand, str) and "." in operand and not self.names(state, operand):
            found.extend(self.names(state, operand.rpartition(".")[0]))
        return found

    def _closed_over(self, atoms: frozenset[Atom]) -> list[str]:
        functions = [atom for atom in atoms if isinstance(atom, FnRef)]
        return [p for f in functions for p in (*(f.captured or self.closures.get(f.name, ())), *f.bound)]

    def _return(self, state: State, event: ev.Return) -> None:
        known = state.env.below(event.src) if isinstance(event.src, str) else []
        certain = {p[len(str(event.src)) :]: a for p, a in known if all(isinstance(x, Typed | Opened) for x in a)}
        self.sorts = {s: a for s, a in certain.items() if not self._returns or self.sorts.get(s) == a}
        self._returns = True
        if self.recorder is not None:
            self.results_given.note(state, event.src, self.names(state, event.src))
        self._leave(state, event.src, self.returned, event.site)
        if self.recorder is not None:
            self.returned_texts.extend(self.texts.of(state, event.src, event.site))

    def _leave(self, state: State, src: ev.Operand | None, out: list[tuple[Resource, str, Handle]], at: Site) -> None:
        if not isinstance(src, str):
            return
        for resource, fact, handle in self.names(state, src):
            if (resource, "", handle) not in out and fact.moved not in (REGISTERED, KEPT):
                out.append((resource, "", handle))
        for resource, fact, handle in state.held(src):
            for place, held in fact.aliases:
                if held == handle and place.startswith((src + ".", src + "[")):
                    entry = (resource, place[len(src) :], handle)
                    if entry not in out:
                        out.append(entry)
        if self.recorder is not None:
            self.recorder.touch(everything(state, self.file.models, src), "leaves")
        # What a caller gave and gets back it has: it goes on by what the result holds (flow/inferred.py).
        given_back = "seed" if out is self.returned and not self.function.is_generator else ""
        gone = [name for name in self.names(state, src) if name[0].kind != given_back]
        duty.move(state, gone + state.held(src), MOVED, at)
        duty.move(state, self.captured(state, src), MOVED, at)

    def _yield(self, state: State, event: ev.Yield) -> Out | None:
        lends = self.yield_raises or self.is_fixture
        if lends:
            if isinstance(event.src, str):
                self.yielded.extend((r, "", h) for r, _, h in self.names(state, event.src))
        elif event.src is not None:
            names = everything(state, self.file.models, event.src)
            self.given_out.update(resource for resource, _, handle in names if handle in ("path", "object"))
            duty.move(state, names, MOVED, event.site)
        if self.recorder is not None:
            self.recorder.touch(everything(state, self.file.models, event.src), "leaves")
        state.kill(event.dst)
        return (state, state) if self.yield_raises else None

    def _raise(self, state: State, event: ev.Raise) -> Out:
        silent = event.kind == "assert" and not self.file.policies.assert_raises
        return (None, None) if silent else (None, state)

    # -- with --------------------------------------------------------------------------------------------------------

    def _enter(self, state: State, event: ev.Enter) -> None:
        names = self.names(state, event.manager)
        for resource, fact, handle in names:
            if handle in ("object", "dirobject", "seed"):
                current = self.current(state, resource, fact)
                state.replace(resource, current, current._replace(entered=True))
        again = self.names(state, event.manager)
        sorts = state.env.get(event.manager) if isinstance(event.manager, str) else None
        self.rename(state, event.dst, again, lambda _, handle: "path" if handle == "dirobject" else handle)
        if sorts == frozenset({Typed("dirobject")}):
            state.env[event.dst] = frozenset({Typed("str")})
        elif sorts is not None and all(isinstance(atom, Opened) for atom in sorts):
            state.env[event.dst] = sorts

    def _exit(self, state: State, event: ev.Exit) -> None:
        if isinstance(event.manager, str) and not event.raised and Known("expects") in state.env.get(event.manager, ()):
            last = last_call(self.function, event.statement)
            self._without(state, [(r, f) for r, facts in state.facts.items() if r.site == last for f in facts])
        names = self.names(state, event.manager)
        at = Place(event.site, "with")
        objects = [n for n in names if n[2] in ("object", "seed")]
        duty.close(state, objects, at, None, self.recorder, scope=True)
        duty.delete(state, [n for n in names if n[2] == "dirobject"], at, self.recorder, scope=True)

    # -- functions as values -----------------------------------------------------------------------------------------

    def _capture(self, state: State, event: ev.Capture) -> None:
        values = tuple([value for _, value, _ in event.defaults if isinstance(value, str)])
        state.learn(event.dst, frozenset({FnRef(event.function, event.places, bound=values)}))
        if self.takes_along:
            self._taken_along(state, event)

    def _taken_along(self, state: State, event: ev.Capture) -> None:
        """Texts that a function made here will meet: in variables around it, and as defaults of its parameters."""
        around = {place: frozenset(self.texts.of(state, place, event.site)) for place in event.places}
        defaults = {name: frozenset(self.texts.of(state, operand, site)) for name, operand, site in event.defaults}
        self.file.outer[event.function] = {place: texts for place, texts in around.items() if texts}
        self.file.defaults[event.function] = {name: texts for name, texts in defaults.items() if texts}

    def _delete(self, state: State, event: ev.Delete) -> None:
        state.kill(event.place)

    # -- conditions --------------------------------------------------------------------------------------------------

    def assume(self, state: State, condition: ev.Assume) -> State | None:
        place = condition.place
        if condition.test == "swallows":
            swallows = isinstance(place, str) and Known("swallows") in state.env.get(place, ())
            return state if swallows == condition.holds or (swallows and not condition.holds) else None
        if not isinstance(place, str):
            return state
        if condition.test == "nonempty":
            return state if condition.holds else self._without(state, [(r, f) for r, f, _ in state.held(place)])
        if condition.test == "truthy" and place in self.correlated:
            narrowed = under(state, place, condition.holds)
            if narrowed is None:
                return None
            state = narrowed
        if not state.knows(place):
            return state
        asked = [a for a in state.env.get(place, ()) if isinstance(a, Asked)]
        if condition.test == "truthy" and asked:
            return self._there(state, asked[0].place) if condition.holds else self._gone(state, asked[0])
        if self._contradicts(state, place, condition) and not state.named(place):
            return None
        absent = (condition.test == "truthy" and not condition.holds) or (
            condition.test == "is-none" and condition.holds
        )
        if absent:
            state = self._without(state, [(r, f) for r, f, h in state.named(place) if h != "fd"])
        return state

    def _contradicts(self, state: State, place: str, condition: ev.Assume) -> bool:
        """Whether every value that the place can have is a constant for which the condition does not hold."""
        atoms = state.env.get(place, frozenset())
        known = [a.value for a in atoms if isinstance(a, Known) and isinstance(a.value, bool | int | float | None)]
        if not atoms or len(known) != len(atoms):
            return False
        if condition.test == "truthy":
            return all(bool(value) != condition.holds for value in known)
        return condition.test == "is-none" and all((value is None) != condition.holds for value in known)

    def _without(self, state: State, facts: list[tuple[Resource, Fact]]) -> State:
        """On this edge these alternatives cannot be: the place that surely names them is empty."""
        for resource, fact in facts:
            left = state.facts.get(resource, frozenset()) - {fact}
            if left:
                state.facts[resource] = left
            else:
                state.facts.pop(resource, None)
        return state

    def _there(self, state: State, place: str) -> State:
        """The path was looked for and is there: on no way that leads here was it removed."""
        gone = [(r, f) for r, f, h in self.names(state, place) if h in ("path", "seed") and f.state == DELETED]
        return self._without(state, gone)

    def _gone(self, state: State, asked: Asked) -> State:
        """The path was looked for and is not there: nothing is left to remove. What is no file may be a directory."""
        for resource, fact, handle in self.names(state, asked.place):
            other = "dir" if asked.what == "file" else "file" if asked.what == "dir" else ""
            if handle in ("path", "seed") and resource.kind != other:
                state.replace(resource, fact, fact._replace(state=DELETED))
        state.env[f"{asked.place}.{GONE}"] = frozenset({Typed("absent")})
        return state


def _key(key: int | str | None) -> str:
    return "*" if key is None else repr(key)


def _built(resource: Resource, handle: Handle, index: int, parts: list[ev.Operand], slashed: bool) -> Handle:
    """What a text that has a path as its part number `index` is to that path. `slashed`: what comes behind it is below
    it, whatever that begins with.
    """
    if len(parts) == 1 or handle == "mention":
        return handle
    message = any(isinstance(part, ev.Const) and " " in str(part.value) for part in parts)
    if index or handle == "fd":
        return "mention" if message else "beside"
    if all(is_separator(part) for part in parts[1:]):
        return handle
    following = parts[1]
    slash = isinstance(following, ev.Const) and str(following.value).startswith(("/", "\\"))
    if slashed or slash or is_separator(following):
        return below(resource, handle)
    return "mention" if message else "beside"
