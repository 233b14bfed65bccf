"""Keyword arguments that come out of a mapping which is known: `f(**options)`, where `options` is a display or a call
with keywords, in the function, in its class or in the module.

Only constants are followed, and only where nobody is seen to change the mapping. What else it holds stays unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.owners import MODULE
from tempsafe_lint.flow.values import Known
from tempsafe_lint.ir import events as ev
from tempsafe_lint.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer

#: Methods that leave a mapping as it is.
_READING = frozenset({"copy", "get", "items", "keys", "values"})


def keep(t: Transfer, state: State, event: ev.Call, name: str) -> None:
    """A call that makes a container of its keywords: remember the constants among them."""
    if name in t.file.policies.proof["containers"]:
        for key, operand in event.kwargs:
            if isinstance(operand, ev.Const):
                state.env[f"{event.dst}[{key!r}]"] = frozenset({Known(operand.value)})


def spread(t: Transfer, state: State, event: ev.Call, wanted: frozenset[str]) -> ev.Call:
    """The call with those of the `wanted` keywords written out that it gets from known mappings."""
    if event.star or not event.starred:
        return event
    told = {name for name, _ in event.kwargs}
    found = [
        (key, constant)
        for operand in event.starred
        if isinstance(operand, str)
        for key in sorted(wanted - told)
        if (constant := _constant(t, state, operand, key)) is not None
    ]
    if not found:
        return event
    sites = (*event.kwarg_sites, *(event.site for _ in found))
    return replace(event, kwargs=(*event.kwargs, *found), kwarg_sites=sites)


def _constant(t: Transfer, state: State, mapping: str, key: str) -> ev.Const | None:
    """What a mapping surely holds under a key, if that is a constant which is no text."""
    head, _, rest = mapping.partition(".")
    whole, functions, here = [mapping], [t.function.name], True
    place, env = f"{mapping}[{key!r}]", state.env
    if mapping.startswith("%"):
        functions = []  # nobody else has it
    elif head not in t.function.variables or (head in ("self", "cls") and rest):
        if t.file.constants is None:
            return None
        holding = (function.name for function in t.file.holding(mapping.rpartition(".")[2]))
        env, functions, here = t.file.constants.env, sorted(name for name in holding if name != MODULE), False
        if head in ("self", "cls"):
            place = f"{t.function.class_name}.{rest}[{key!r}]"
            whole = [f"self.{rest}", f"cls.{rest}", f"{t.function.class_name}.{rest}"]
    atoms = env.get(place, frozenset())
    values = [atom.value for atom in atoms if isinstance(atom, Known)]
    if len(atoms) != 1 or len(values) != 1 or not isinstance(values[0], bool | int | None):
        return None
    changed = any(change in whole for name in functions for change in _changes(t, name, here))
    return None if changed else ev.Const(values[0])


def _changes(t: Transfer, name: str, here: bool) -> Iterator[str]:
    """Places that a function binds, puts something into, or calls a method of that may change them; of what is put
    under a key that is written `here`, the state knows.
    """
    function = t.file.function(name)
    for block in function.blocks if function is not None else ():
        for event in block.events:
            if isinstance(event, ev.Call) and isinstance(event.receiver, str) and event.method not in _READING:
                yield event.receiver
            elif isinstance(event, ev.Store):
                if event.kind != "item":
                    yield f"{event.base}.{event.key}" if event.kind == "attr" else str(event.key)
                elif isinstance(event.base, str) and (event.key is None or not here):
                    yield event.base
