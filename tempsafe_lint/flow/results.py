"""What a call with a row gives back: texts, other names of its arguments, and new resources."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import Argument, Target, given, makes
from tempsafe_lint.flow.effects import is_class, is_constructor
from tempsafe_lint.flow.file import TOLD
from tempsafe_lint.flow.parents import Parents, placed
from tempsafe_lint.flow.places import above, below, elements, everything
from tempsafe_lint.flow.provenance import ROOT, UNGUESSABLE
from tempsafe_lint.flow.spread import keep, spread
from tempsafe_lint.flow.values import Asked, Fact, Hole, Known, Opened, PathText, Resource, Typed
from tempsafe_lint.flow.words import words_of
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import Made, Row

if TYPE_CHECKING:
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer


#: How a text is held that is made of a path.
_MADE_OF_IT = ("inside", "beside", "mention")
#: Roles by which the result of a call has something of an argument.
_GIVEN_BACK = frozenset({"same", "below", "above", "respells", "mentions", "alias", "enters"})
#: What a new thing is to Python, by how it is held.
_SORTS = {"path": "str", "fd": "fd", "dirobject": "dirobject"}


class Results:
    """The results of rows, in one function."""

    def __init__(self, transfer: Transfer) -> None:
        self._t = transfer
        self._parents = Parents(transfer)

    def texts(
        self, state: State, event: ev.Call, row: Row, target: Target, args: list[Argument]
    ) -> frozenset[PathText | Known]:
        """The texts that the result is; looked up before the effects, while the arguments still name what they
        named.
        """
        if row.text == "temp-root":
            return frozenset({PathText((ROOT,), event.site)})
        if row.text in ("guessable", "unguessable"):
            return frozenset({Known(Hole(row.text))})
        if row.text == "keyed" and self._t.types.is_secret(*event.args, *(value for _, value in event.kwargs)):
            return frozenset({Known(UNGUESSABLE)})
        if row.text == "kept" and event.receiver and self._t.texts.secret(state, event.receiver, event.site):
            return frozenset({Known(UNGUESSABLE)})
        if row.text == "chosen":
            whole = event.receiver if event.receiver is not None else next(iter(event.args), ev.Const(None))
            secret = UNGUESSABLE in self._t.texts.parts(state, whole, event.site)
            return frozenset({Known(UNGUESSABLE if secret else Hole(row.text))})
        if row.swallows:
            return frozenset({Known("swallows"), Known("expects")} if row.expects else {Known("swallows")})
        roles = [arg.role.does for arg in args]
        if "above" in roles:
            return frozenset({Known("parent")})
        first = event.args[0] if target.unknown and event.args else None
        if isinstance(first, str) and Known("parent") in state.env.get(first, ()):
            return frozenset({Known("parent")})
        if row.text == "join":
            return frozenset(self._t.texts.join(state, event.args, event.site)) if not event.star else frozenset()
        if "same" in roles:
            first_same = args[roles.index("same")]
            return frozenset(self._t.texts.of(state, first_same.operand, first_same.site))
        if row.receiver is not None and row.receiver.does in ("same", "below"):
            operands = (event.receiver or "", *event.args) if row.receiver.does == "below" else (event.receiver or "",)
            return frozenset(self._t.texts.join(state, operands, event.site))
        return frozenset()

    @cached_property
    def _returned(self) -> set[ev.Operand | None]:
        """What the function gives back as it is."""
        events = (event for block in self._t.function.blocks for event in block.events)
        return {event.src for event in events if isinstance(event, ev.Return)}

    def bind(self, state: State, event: ev.Call, row: Row, target: Target, args: list[Argument]) -> None:
        wanted: list[tuple[Resource, Fact, str]] = []
        pairs = [(a.role.does, self._t.names(state, a.operand), a.operand) for a in args if a.role.does in _GIVEN_BACK]
        asking = [(a.role.wants, a.operand) for a in args if a.role.does == "checks"]
        if row.receiver is not None and target.receiver is not None:
            if row.receiver.does in _GIVEN_BACK:
                pairs.append((row.receiver.does, self._t.names(state, event.receiver), event.receiver or ""))
            if row.receiver.does == "checks":
                asking.append((row.receiver.wants, event.receiver or ""))
        if row.receiver is None:
            wanted.extend(n for n in self._t.names(state, event.receiver) if n[2] == "seed")
        if target.unknown:
            # `bytes_path(mkdtemp())`: it may be the same path; removing it counts, using it proves nothing.
            # `Server(root=mkdtemp())`: the object has the path; who gets the object gets that.
            found = self._t.names(state, event.args[0]) if event.args else []
            if words_of(event) & self._t.file.policies.fetching and event.dst in self._returned:
                found = [n for a in args for n in self._t.names(state, a.operand)]
            if is_class(event) or is_constructor(event, self._t.file.policies.constructors):
                found = [n for a in args for n in everything(state, self._t.file.models, a.operand)]
                # ... and one that is given a text made of the path may know more of it than is seen here.
                wanted.extend((r, f, "mention") for r, f, h in found if r.kind != "seed" and h in _MADE_OF_IT)
            wanted.extend((r, f, "wrapped") for r, f, h in found if h in ("path", "wrapped", "seed"))
        for does, names, _ in pairs:
            components = _components(event, row, target) if does == "below" else 0
            for resource, fact, handle in names:
                given_handle = _given_back(does, resource, handle, components)
                if given_handle is not None:
                    wanted.append((resource, fact, given_handle))
            if does == "enters":
                wanted.extend((r, f, "path" if h == "dirobject" else h) for r, f, h in names)
        same = [operand for does, names, operand in pairs if does == "same" and isinstance(operand, str)]
        if same and not wanted and not isinstance(same[0], ev.Const):
            state.assign(event.dst, same[0])
        else:
            self._t.rename(state, event.dst, wanted, lambda _, handle: handle)
        self._tuples(state, event, args)
        for wants, operand in asking:
            if wants is not None and isinstance(operand, str):
                state.env[event.dst] = frozenset({Asked(operand, wants)})
        keep(self._t, state, event, row.name)
        self._birth(state, event, row)
        if row.opens is not None:
            self._opened(state, event, row, args)

    def _tuples(self, state: State, event: ev.Call, args: list[Argument]) -> None:
        """Elements of arguments that the result gives in tuples; one of something unknown stands for it."""
        for number, arg in enumerate(args):
            if arg.role.does in ("counted", "zipped") and isinstance(arg.operand, str):
                found = [name for place in elements(state, arg.operand, None) for name in state.named(place)]
                found = found or [n for n in self._t.names(state, arg.operand) if n[2] == "seed"]
                position = 1 if arg.role.does == "counted" else number
                self._t.rename(state, f"{event.dst}[*][{position}]", found, lambda _, handle: handle)

    def pieces(self, state: State, event: ev.Call, row: Row) -> None:
        """The first and the last piece of what nobody can guess; of a UUID those between are four characters long."""
        if row.text == "chosen" and event.receiver is not None and self._t.texts.secret(state, event.dst, event.site):
            for index in (0, -1):
                state.env[f"{event.dst}[{index}]"] = frozenset({Known(UNGUESSABLE)})

    def _opened(self, state: State, event: ev.Call, row: Row, args: list[Argument]) -> None:
        """A file object whose mode is written in the call, or is the default."""
        mode = given(event, row, "mode") or ev.Const(row.opens)
        if event.star or event.starred or not isinstance(mode, ev.Const) or not isinstance(mode.value, str):
            return
        # A text that is written line by line is there when its line ends: who says so wants it to be.
        through = (ev.Const(0),) if "b" in mode.value else (ev.Const(0), ev.Const(1))
        buffered = given(event, row, "buffering") not in through
        if not buffered and self._t.recorder is not None:
            self._t.recorder.touch(self._t.names(state, event.dst), "unbuffered")
        position = row.params.index("mode")
        paths = [arg.operand for arg in args if arg.role.sink is not None and isinstance(arg.operand, str)]
        by = str(paths[0]) if len(paths) == 1 and not row.makes else ""
        state.env[event.dst] = frozenset({Opened(mode.value, event.site, position, buffered, by)})

    def _birth(self, state: State, event: ev.Call, row: Row) -> None:
        if not row.makes and not row.cases:
            return
        told = spread(self._t, state, event, frozenset(name for case in row.cases for name, _ in case.when))
        made, case, sure = makes(told, row)
        if not made:
            return
        owned = self._t.file.policies.parent_owns and self._parents.owned(state, event, row)
        beside = self._parents.beside(state, event, row)
        instead = case.instead if case is not None and case.instead else (row.instead if case is None else None)
        if told is not event and case is not None:
            case, instead = None, None  # what the mapping says cannot be said once more in the call
        for slot, item in enumerate(made):
            deletes = item.deletes and (sure or not row.cases)  # an unknown mapping may say that it stays
            resource = self._resource(event, row, slot, item, item.duty and sure, instead)._replace(deletes=deletes)
            whose = owned if item.kind in ("file", "dir") else self._parents.private(state, event, row)
            put = item.kind == "name" or placed(event, row)
            working = self._parents.working(event, row)
            resource = resource._replace(owned=whose and item.kind != "fd", placed=put, beside=beside, working=working)
            if case is not None:
                resource = resource._replace(
                    arguments=case.arguments, positions=_positions(row, case.arguments), entered=case.entered
                )
            handle = {"file": "object" if item.index is None else "path", "dir": "path", "name": "path"}.get(
                item.kind, item.kind
            )
            suffix = "" if item.index is None else f"[{item.index}]"
            sort = _SORTS.get(handle)
            # A path may be an object of its own class, as in many libraries; where it is plain text the row says so.
            plain = sort != "str" or item.index is not None or row.value == "str"
            if sort is not None and plain and resource.told:
                state.env[event.dst + suffix] = frozenset({Typed(sort)})
            places = [(event.dst + suffix, handle)]
            if not resource.told and handle == "path" and item.index is not None:
                places.append((event.dst, handle))  # it may give the path alone
            state.born(resource, Fact(aliases=frozenset(places)))
            if self._t.recorder is not None:
                self._t.recorder.birth(resource)

    def _resource(self, event: ev.Call, row: Row, slot: int, item: Made, ends: bool, instead: str | None) -> Resource:
        return Resource(
            event.site,
            slot,
            item.kind,
            row.name,
            ends,
            item.deletes,
            event.callee_site,
            instead,
            statement=event.statement,
            named=item.named,
            block=(row.block.call, row.block.ends) if row.block is not None else None,
            told=row.origin != TOLD,
            shareable=item.shareable,
        )


def _components(event: ev.Call, row: Row, target: Target) -> int:
    """How many components a path may be joined of. What is joined with an empty text is the path itself, with a
    separator behind it.
    """
    whole = row.receiver is not None and target.receiver is not None
    return sum(arg not in (ev.Const(""), ev.Const(b"")) for arg in event.args) + len(event.starred) + whole


def _given_back(does: str, resource: Resource, handle: str, components: int) -> str | None:
    """How the result of a call holds an argument, by the argument's role."""
    if does == "same":
        return handle
    if does == "below":
        if components <= 1:
            return handle
        return below(resource, handle) if handle in ("path", "inside", "seed") else None
    if does == "above":
        return above(handle)
    if does == "respells" and handle in ("path", "wrapped", "seed"):
        return "wrapped"
    if does in ("mentions", "respells") and handle in ("path", "inside", "mention", "beside", "seed"):
        return "mention"
    if does == "alias" and handle in ("fd", "object", "seed"):
        return "seed" if handle == "seed" else "object"
    return None


def _positions(row: Row, wanted: tuple[tuple[str, str], ...]) -> tuple[tuple[str, int], ...]:
    return tuple((name, row.params.index(name)) for name, _ in wanted if name in row.params)
