"""What the callers of a function in its own file do with what it returns.

A path that they only compare, test for or tell about may well be gone. Limit: callers in other files are not seen; a
function that nobody in its own file calls is taken to have some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import arguments
from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.words import all_words
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function

#: Roles in which nobody needs what a path leads to.
_LOOKS = frozenset({"checks", "shows", "mentions", "above"})


def only_looked_at(file: File, function: Function) -> bool:
    """Whether somebody in the file calls a function, and nobody does more than look at what it returns."""
    called = False
    for caller, place in _results(file, function):
        called = True
        if not _only_looks(file, caller, place):
            return False
    return called


def _results(file: File, function: Function) -> Iterator[tuple[Function, str]]:
    """The calls of a function in its file: the caller, and the place of what it gets."""
    own = function.name.rpartition(".")[2].partition("#")[0]
    for caller in sorted(file.holding(own), key=lambda caller: caller.name):
        for event in (e for block in caller.blocks for e in block.events):
            if isinstance(event, ev.Call) and _calls(file, caller, event, function.name):
                yield caller, event.dst


def _calls(file: File, caller: Function, event: ev.Call, name: str) -> bool:
    if event.receiver in ("self", "cls"):
        return file.method(caller.class_name, event.method or "") == name
    return event.callee == f".{name}"


def _only_looks(file: File, caller: Function, place: str) -> bool:
    """Whether nothing is done with a value, or a text made of it, but to compare, test, tell of or drop it."""
    index, todo, seen = mentions(file, caller), [place], set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for event in (index.events[i] for i in index.at.get(name.split(".")[0], ())):
            if isinstance(event, ev.Bind | ev.Text):
                todo.append(event.dst)
            elif isinstance(event, ev.Call) and event.dst != name:
                if not _asks(file, event, name):
                    return False
            elif not isinstance(event, ev.Load) and getattr(event, "dst", None) != name:
                return False
    return True


def _asks(file: File, event: ev.Call, name: str) -> bool:
    """Whether a call only asks about a value, compares it or tells people of it: policy.toml, handed-out."""
    row = file.row(event.callee)
    if row is not None:
        roles = [arg.role for arg in arguments(event, row) if arg.operand == name]
        return bool(roles) and all(role.does in _LOOKS and role.sink is None for role in roles)
    return event.receiver != name and bool(all_words(event) & file.policies.asks)
