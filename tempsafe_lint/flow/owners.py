"""Who else may end a resource: another method of the class that keeps it, another function of the module."""

from __future__ import annotations

from tempsafe_lint.flow.calls import arguments, is_local
from tempsafe_lint.flow.file import File
from tempsafe_lint.flow.summaries import Effect
from tempsafe_lint.flow.values import Fact, Resource
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Function

MODULE = "<module>"
#: Bases that end nothing: a class that has only these has no owner's code elsewhere.
_PLAIN_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Protocol", "enum.Enum"})


def class_ends(file: File, function: Function, attribute: str, here: bool) -> bool:
    """Whether some other method of the class, its bases or its subclasses in the file ends what an attribute holds.

    A base from elsewhere may do it unseen: then it counts as done, unless this function ends it itself (`here`).
    """
    if function.class_name is None or attribute.rpartition(".")[2] in ended_elsewhere(file):
        return True
    family, todo = set(), [function.class_name]
    while todo:
        name = todo.pop()
        info = file.units.classes.get(name)
        if name in family or info is None:
            continue
        family.add(name)
        if not here and any(not is_local(base) and base not in _PLAIN_BASES for base in info.bases):
            return True
        todo.extend(base[1:] for base in info.bases if is_local(base))
        todo.extend(other.name for other in file.units.classes.values() if f".{name}" in other.bases)
    for name in sorted(family):
        for method in file.units.classes[name].methods:
            if method == function.name:
                continue
            summary = file.summary(method)
            found = summary.effects.get(attribute, Effect()) if summary is not None else None
            ended = found is None or found.closes or found.deletes or found.in_failure
            if found is None or ended or (not here and found.settles):
                return True
    return False


def ended_elsewhere(file: File) -> frozenset[str]:
    """Names of attributes that some code of the file removes or takes through any object (`remove(archive.file)`)."""
    if file.ended_attributes is None:
        found: set[str] = set()
        for name in file.names:
            function = file.function(name)
            for block in function.blocks if function is not None else ():
                for event in block.events:
                    if isinstance(event, ev.Call):
                        found.update(_ended_by(file, event))
        file.ended_attributes = frozenset(found)
    return file.ended_attributes


def _ended_by(file: File, call: ev.Call) -> list[str]:
    row = file.models.get(call.callee)
    if row is None:
        return []
    ending = [
        arg.operand for arg in arguments(call, row) if arg.role.does in ("deletes", "takes", "closes", "registers")
    ]
    chains = [operand for operand in ending if isinstance(operand, str)]
    return [chain.rpartition(".")[2] for chain in chains if "." in chain and not chain.startswith("self.")]


def module_ends(file: File, resource: Resource, ends: frozenset[Fact]) -> bool:
    """Whether some function of the file ends what a name of the module holds (a tear-down, a signal handler)."""
    names = {place for fact in ends for place, _ in fact.aliases if not place.startswith("%")}
    for name in sorted({name for place in names for name in _mentioning(file).get(place, ())}):
        summary = file.summary(name)
        if summary is None or any(summary.effects.get(place, Effect()).settles for place in names):
            return True
    return False


def _mentioning(file: File) -> dict[str, list[str]]:
    """Which functions of the file mention a place; found once."""
    if file.mentioning is None:
        file.mentioning = {}
        for name in sorted(file.names - {MODULE}):
            function = file.function(name)
            for place in seed_places(function) if function is not None else ():
                file.mentioning.setdefault(place, []).append(name)
    return file.mentioning


def seed_places(function: Function) -> list[str]:
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
