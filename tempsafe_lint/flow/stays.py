"""The proof that a path stays with the function that makes it: asked before a safe rewrite is offered.

A second opinion on `Fact.left`, made to err the other way. It follows no order of events: whatever is made of the path
anywhere counts as the path, unless a row says that the result is something else; whatever takes the path counts as
somebody who keeps it, unless a row says that it gives it back. What it cannot follow is a way out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import arguments, given, is_local
from tempsafe_lint.flow.mentions import Mentions, mentions
from tempsafe_lint.flow.owners import MODULE
from tempsafe_lint.flow.spills import file_spills, spills_here
from tempsafe_lint.flow.taking import FILE, NONE, PATH, Taking
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.values import Resource
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.source import Site

_ROUNDS = 12
#: What the function itself does with the content: then a program that is handed the path is handed that.
_DATA = frozenset({"write", "writes", "read", "open", "list", "load", "create", "uses"})
#: Attributes of what was made with a path that do not tell it.
_PLAIN = frozenset({"stdout", "stderr", "returncode", "pid", "closed", "encoding", "st_size", "st_mtime", "st_mode"})


@dataclass(frozen=True, slots=True)
class Way:
    """Where the path gets out (None: nowhere), and what its place has to be fit for (`above`, `mode`)."""

    left: Site | None
    needs: frozenset[str] = frozenset()


def way_out(file: File, function: Function, resource: Resource, ended: bool, touched: frozenset[str]) -> Way:
    """Whether the path of a resource gets out of the function; `ended`: the function itself removes it somewhere."""
    look = _Look(file, function, ended)
    look.born(resource)
    look.settle()
    left = look.left or look.exported(resource)
    if not ended and "ran" in look.needs and not touched & _DATA and look.gives(resource, "prefix"):
        left = left or resource.site  # another program's result, in a place that people know by its name
    if "sort" in look.needs and resource.positions + resource.arguments:
        left = left or resource.site  # ours is an object of another class
    if look.placed(resource):
        # The maker of that directory may list or remove it, and a relative one gives a relative path.
        look.needs.add("above")
        left = left or (resource.site if resource.kind == "dir" else None)
    spilled = file_spills(file)
    if spilled:
        left = left or resource.site
    return Way(left, frozenset(look.needs | spilled))


@dataclass(slots=True)
class _Look:
    """One function and the places in it that carry the path: `levels` by the place's first part."""

    file: File
    function: Function
    ended: bool
    inner: bool = False
    active: frozenset[str] = frozenset()
    levels: dict[str, int] = field(default_factory=dict)
    left: Site | None = None
    returned: int = NONE
    needs: set[str] = field(default_factory=set)
    other: str | None = None
    taking: Taking = field(init=False)
    index: Mentions = field(init=False)

    def __post_init__(self) -> None:
        self.taking = Taking(self.file, self.ended and self._comes_back())
        self.index = mentions(self.file, self.function)

    def _comes_back(self) -> bool:
        """Whether the current directory is changed more than once: into the temporary one, and back."""
        words = self.file.policies.proof["changes-directory"]
        return len({e.site for e in self._events() if isinstance(e, ev.Call) and e.callee in words}) > 1

    # -- places ------------------------------------------------------------------------------------------------------

    def born(self, resource: Resource) -> None:
        for event in self.index.calls.get(resource.site, ()):
            self.mark(event.dst, PATH)
            if resource.maker.endswith(".mkstemp"):
                self.other = f"{event.dst}[0]"  # the descriptor tells nobody the path

    def gives(self, resource: Resource, parameter: str) -> bool:
        """Whether the call that makes the resource is given a parameter."""
        for event in self._events():
            if isinstance(event, ev.Call) and event.site == resource.site:
                row = self.file.models.get(event.callee)
                return row is None or given(event, row, parameter) not in (None, ev.Const(None))
        return True

    def placed(self, resource: Resource) -> bool:
        """Whether the call says where: a directory that is not plainly the shared one, or a separator in the name."""
        for event in self.index.calls.get(resource.site, ()):
            row = self.file.models.get(event.callee)
            if row is None:
                continue
            words = self._words([given(event, row, name) or ev.Const(None) for name in ("prefix", "suffix")])
            if any(set(word) & set("/\\") for word in words):
                return True
            if event.star or event.starred or not self._shared(given(event, row, "dir")):
                return True
        return False

    def _shared(self, directory: ev.Operand | None) -> bool:
        if directory is None:
            return True
        if isinstance(directory, ev.Const):
            return directory.value is None or directory.value in self.file.policies.directories
        made = self.index.binders.get(directory, []) if isinstance(directory, str) else []
        return bool(made) and all(
            self._shared(e.src)
            if isinstance(e, ev.Bind)
            else isinstance(e, ev.Call) and e.callee in self.file.policies.proof["root-calls"]
            for e in made
        )

    def mark(self, place: str, level: int) -> None:
        head = _root(place)
        if level > self.levels.get(head, NONE):
            self.levels[head] = level

    def level(self, operand: ev.Operand | None) -> int:
        if not isinstance(operand, str) or operand == self.other:
            return NONE
        found = self.levels.get(_root(operand), NONE)
        attributes = set(operand.split("[")[0].split(".")[1:])
        if found == FILE and attributes:
            return PATH if "name" in attributes else FILE if attributes & {"buffer", "file", "raw"} else NONE
        if found and attributes & self.file.policies.proof["above-attributes"]:
            self.needs.add("above")
        return NONE if attributes & _PLAIN else found

    def _events(self) -> Iterator[ev.Event]:
        for block in self.function.blocks:
            yield from block.events

    def settle(self) -> None:
        """Go over all events until nothing new carries the path."""
        for _ in range(_ROUNDS):
            before = (dict(self.levels), self.returned, self.left)
            self._round()
            if self.left is not None:
                return
            if before == (self.levels, self.returned, self.left):
                self.left = self._lost()
                return
        self.left = self.left or self.function.site

    def _round(self) -> None:
        """Every event, in order, that mentions a place which carries the path by then: all others do nothing."""
        taken: set[str] = set()
        queue = self._spilling()
        last = -1
        while True:
            for root in self.levels.keys() - taken:
                taken.add(root)
                for number in self.index.at.get(root, ()):
                    if number > last:
                        heappush(queue, number)
            if not queue:
                return
            number = heappop(queue)
            if number != last:
                last = number
                self._event(self.index.events[number])

    def _spilling(self) -> list[int]:
        """Calls that count whatever they are given."""
        if self.index.spilling is None:
            events = enumerate(self.index.events)
            self.index.spilling = [n for n, e in events if isinstance(e, ev.Call) and spills_here(self.file, e)]
        return self.index.spilling.copy()

    def out(self, at: Site) -> None:
        if self.left is None or at < self.left:
            self.left = at

    # -- events ------------------------------------------------------------------------------------------------------

    def _event(self, event: ev.Event) -> None:
        if isinstance(event, ev.Call):
            self._call(event)
        elif isinstance(event, ev.Bind):
            self._bind(event)
        elif isinstance(event, ev.Unpack):
            if not (self.other is not None and event.index == 0 and f"{event.src}[0]" == self.other):
                self.mark(event.dst, self.level(event.src))
        elif isinstance(event, ev.Pack):
            self.mark(event.dst, max((self.level(item) for item in event.items), default=NONE))
        elif isinstance(event, ev.Text):
            self.mark(event.dst, PATH if any(self.level(part) for part in event.parts) else NONE)
        elif isinstance(event, ev.Store):
            self._store(event)
        elif isinstance(event, ev.Enter):
            self.mark(event.dst, self.level(event.manager))
        elif isinstance(event, ev.Return | ev.Yield):
            self._leaves(event, event.src)
        elif isinstance(event, ev.Raise):
            if event.kind != "assert" and self.level(event.src):
                self.out(event.site)
        elif isinstance(event, ev.Capture):
            inner = self.file.function(event.function)
            defaults = [p.default for p in inner.params] if inner is not None else []
            if any(self.level(place) for place in (*event.places, *defaults)):
                self.out(event.site)

    def _leaves(self, event: ev.Event, src: ev.Operand | None) -> None:
        level = self.level(src)
        if level and not self.inner:
            self.out(event.site)
        self.returned = max(self.returned, level)
        if isinstance(event, ev.Yield):
            self.mark(event.dst, NONE)

    def _store(self, event: ev.Store) -> None:
        level = self.level(event.src)
        base = event.base if isinstance(event.base, str) else None
        if base is not None and self.level(base) == PATH and event.kind == "attr" and self.levels.get(_root(base)):
            self.out(event.site)  # an attribute of the object itself: the program makes something else of it
        if not level:
            return
        if base is None or event.kind in ("global", "nonlocal") or not self._own(_root(base), set()):
            self.out(event.site)
        else:
            self._fill(base, level)

    def _bind(self, event: ev.Bind) -> None:
        level = self.level(event.src)
        if level and "." in event.dst:
            self.out(event.site)  # an attribute of a class
        if level and isinstance(event.src, str) and not self._own(_root(event.dst), set()):
            bound = self.index.binders.get(event.src, [])
            grown = [e for e in bound if isinstance(e, ev.Text) and e.parts]
            if any(e.parts[0] == event.dst and self._holds(e.parts[1:]) for e in grown):
                self.out(event.site)  # `given += [path]`
        self.mark(event.dst, level)

    def _holds(self, parts: tuple[ev.Operand, ...]) -> bool:
        return any(isinstance(p, str) and self.level(p) and self._own(_root(p), set()) for p in parts)

    def _fill(self, place: str, level: int) -> None:
        """What is put into a container is in every name of it."""
        todo, seen = [_root(place)], set()
        while todo:
            head = todo.pop()
            if head in seen:
                continue
            seen.add(head)
            self.mark(head, level)
            binds = [e for e in self.index.binders.get(head, []) if isinstance(e, ev.Bind)]
            todo.extend(_root(e.src) for e in binds if isinstance(e.src, str))

    def _lost(self) -> Site | None:
        """Where something is made of the path that no event takes up: an expression that is not followed."""
        used = self._used()
        numbers = {number for head in self.levels for number in self.index.at.get(head, ())}
        for event in (self.index.events[number] for number in sorted(numbers)):
            dst = getattr(event, "dst", "")
            if not dst.startswith("%") or dst in used or not self.levels.get(_root(dst), NONE):
                continue
            kind = self.function.statements[event.statement].kind if event.statement >= 0 else "expr"
            if isinstance(event, ev.Pack | ev.Text) or (isinstance(event, ev.Call) and kind != "expr"):
                return event.site
        return None

    def _used(self) -> set[str]:
        """Places that some event or condition takes up."""
        if self.index.used is None:
            used = {_root(o) for event in self._events() for o in _operands(event)}
            edges = [edge.assume for block in self.function.blocks for edge in block.edges if edge.assume is not None]
            used |= {_root(assume.place) for assume in edges if isinstance(assume.place, str)}
            self.index.used = used
        return self.index.used

    def _own(self, head: str, seen: set[str]) -> bool:
        """Whether a variable only ever holds containers that are made in this function."""
        if head in seen:
            return True
        seen.add(head)
        if head in {p.name for p in self.function.params}:
            return False
        bound = self.index.binders.get(head, [])
        return bool(bound) and all(self._made_here(e, seen) for e in bound)

    def _made_here(self, event: ev.Event, seen: set[str]) -> bool:
        if isinstance(event, ev.Pack):
            return True
        if isinstance(event, ev.Bind):
            plain = isinstance(event.src, ev.Const) and event.src.value is None
            return plain or (
                isinstance(event.src, str) and _root(event.src) == event.src and self._own(event.src, seen)
            )
        if isinstance(event, ev.Text) and event.how == "+":
            return all(isinstance(p, str) and _root(p) == p and self._own(p, seen) for p in event.parts)
        return isinstance(event, ev.Call) and event.callee in self.file.policies.proof["containers"]

    # -- calls -------------------------------------------------------------------------------------------------------

    def _call(self, event: ev.Call) -> None:
        if spills_here(self.file, event):
            self.out(event.site)
        operands = (*event.args, *(value for _, value in event.kwargs), *event.starred)
        receiver = self.level(event.receiver)
        levels = [self.level(operand) for operand in operands]
        if not receiver and not any(levels):
            return
        own = self._helper(event)
        if own is not None:
            self._in_file(event, own, receiver)
            return
        if event.callee is not None:
            row = self.file.models.get(event.callee)
            if row is None:
                taken = self.taking.unknown(event, levels)
            else:
                known = [(a, self.level(a.operand)) for a in arguments(event, row)]
                taken = self.taking.by_row(
                    event,
                    row,
                    [(a, level) for a, level in known if level],
                    self._words([*event.args, *(v for n, v in event.kwargs if n == "args")]),
                )
        else:
            held = isinstance(event.receiver, str) and self._own(_root(event.receiver), set())
            taken = self.taking.by_method(event, receiver, max(levels, default=NONE), held)
            if held and taken.into:
                self._fill(str(event.receiver), taken.into)
        self.needs |= taken.needs
        if taken.leaves:
            self.out(event.site)
        self.mark(event.dst, taken.result)

    def _words(self, todo: list[ev.Operand]) -> list[str]:
        """The constant words that values are made of, as far as they are written in the function."""
        words: list[str] = []
        seen: set[str] = set()
        while todo:
            operand = todo.pop(0)
            if isinstance(operand, ev.Const) and isinstance(operand.value, str):
                words.extend(operand.value.split())
            elif isinstance(operand, str) and _root(operand) not in seen:
                seen.add(_root(operand))
                for made in self._events():
                    if getattr(made, "dst", None) != _root(operand) and not _fills(made, _root(operand)):
                        continue
                    if isinstance(made, ev.Pack):
                        todo.extend(made.items)
                    elif isinstance(made, ev.Text):
                        todo.extend(made.parts)
                    elif isinstance(made, ev.Bind):
                        todo.append(made.src)
                    elif isinstance(made, ev.Call):
                        todo.extend((made.func, *made.args))
                        todo.extend([made.receiver] if made.receiver is not None else [])
        return words

    def _helper(self, event: ev.Call) -> str | None:
        """The function of this file that is called: an empty name if it is one that cannot be looked at."""
        name = None
        if event.callee is not None and is_local(event.callee):
            name = event.callee[1:]
            if name in self.file.units.classes:
                return self.file.method(name, "__init__") or ""
            return name if self.file.function(name) is not None else ""
        if event.callee is None and event.receiver in ("self", "cls") and event.method is not None:
            return self.file.method(self.function.class_name, event.method)
        return name

    def _in_file(self, event: ev.Call, name: str, receiver: int) -> None:
        """A helper of the file: what it does with the parameters that get the path."""
        function = self.file.function(name) if name else None
        plain = function is not None and set(function.decorators) <= self.file.policies.proof["transparent"]
        if function is None or not plain or function.over_budget or name in self.active or len(self.active) > 4:
            self.out(event.site)
            return
        names = [p.name for p in function.params if p.kind in ("positional", "keyword")]
        if function.class_name is not None and not self.file.policies.proof["unbound"] & set(function.decorators):
            names = names[1:]
        bound = [*zip(names, event.args, strict=False), *event.kwargs]
        rest = (*event.args[len(names) :], *event.starred, *(v for n, v in event.kwargs if n not in names))
        if receiver or any(self.level(operand) for operand in rest):
            self.out(event.site)
            return
        inner = _Look(self.file, function, self.ended, inner=True, active=self.active | {name})
        for parameter, operand in bound:
            inner.mark(parameter, self.level(operand))
        inner.settle()
        self.needs |= inner.needs
        if inner.left is not None:
            self.out(event.site)
        self.mark(event.dst, inner.returned)

    # -- the module's own names --------------------------------------------------------------------------------------

    def exported(self, resource: Resource) -> Site | None:
        """A name of the module can be used by everybody, unless the module's own body removes what it stands for."""
        if self.function.name != MODULE:
            return None
        names = {name for name in self.levels if not name.startswith("%") and "@" not in name}
        if not self.ended or any("." in name for name in names):
            return resource.site
        functions = [function for function in self.file.holding(*names) if function.name != MODULE]
        for function in sorted(functions, key=lambda function: function.name):
            for block in function.blocks:
                for event in block.events:
                    if isinstance(event, ev.Load) and isinstance(event.src, str) and _root(event.src) in names:
                        return resource.site
                    if (
                        isinstance(event, ev.Call)
                        and isinstance(event.receiver, str)
                        and _root(event.receiver) in names
                    ):
                        return resource.site
        return None


def _root(place: str) -> str:
    return place.split(".")[0].split("[")[0]


def _operands(event: ev.Event) -> list[str]:
    """The places that an event takes, with mentions that only look at them."""
    found: list[object] = [getattr(event, name, None) for name in ("src", "base", "manager", "receiver", "func")]
    for name in ("items", "parts", "args", "starred"):
        found.extend(getattr(event, name, ()))
    found.extend(value for _, value in getattr(event, "kwargs", ()))
    return [operand for operand in found if isinstance(operand, str)]


def _fills(event: ev.Event, place: str) -> bool:
    """Whether an event puts something into the container at a place."""
    return isinstance(event, ev.Call) and event.receiver == place
