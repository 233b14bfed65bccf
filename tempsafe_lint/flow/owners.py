"""Who else may end a resource: another method of the class that keeps it, another function of the module."""

from __future__ import annotations

from collections.abc import Iterator

from tempsafe_lint.flow.calls import arguments, is_local
from tempsafe_lint.flow.file import File
from tempsafe_lint.flow.summaries import Effect
from tempsafe_lint.flow.values import Fact, Resource
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Function

MODULE = "<module>"
#: Methods in which an object is made: where they fail, nobody has it.
MAKERS = ("__init__", "__new__", "__post_init__", "__enter__", "__aenter__")
#: Roles that end what is given to a call, or hand it to somebody who will.
_ENDING = ("deletes", "takes", "closes", "registers")


def class_ends(file: File, function: Function, attribute: str, here: bool, by: str = "object") -> bool:
    """Whether some other method of the class, its bases or its subclasses in the file ends what an attribute holds.

    A base from elsewhere may do it unseen: then it counts as done, unless this function ends it itself (`here`).
    `by` is how the attribute holds it: the object, its path, or a path inside: who removes only that leaves the
    directory.
    """
    if function.class_name is None or (by != "inside" and ended_elsewhere(file, attribute.rpartition(".")[2])):
        return True
    family, foreign = _family(file, function.class_name)
    if foreign and not here:
        return True
    mentioning = set(_mentioning(file, attribute))
    for name in sorted(family):
        for method in file.units.classes[name].methods:
            if method not in mentioning:
                continue
            if by != "inside" and attribute in _registers(file, method):
                return True
            if method == function.name:
                continue
            summary = file.summary(method)
            found = summary.effects.get(attribute, Effect()) if summary is not None else None
            if found is not None and by == "inside":
                found = Effect(folder=found.folder)
            ended = found is None or found.closes or found.deletes or found.in_failure or found.folder
            if found is None or ended or (not here and (found.settles or (found.lent and by == "object"))):
                return True
    return False


def _registers(file: File, method: str) -> frozenset[object]:
    """What a method registers, to be ended later: of an attribute also what is put into it afterwards."""
    known = file.registered.get(method)
    if known is None:
        function = file.function(method)
        calls = (
            e for b in (function.blocks if function is not None else ()) for e in b.events if isinstance(e, ev.Call)
        )
        known = frozenset(
            argument.operand
            for call in calls
            for row in (file.models.get(call.callee),)
            for argument in (arguments(call, row) if row is not None else ())
            if argument.role.does == "registers"
        )
        file.registered[method] = known
    return known


def _family(file: File, class_name: str) -> tuple[set[str], bool]:
    """A class with its bases and subclasses in the file, and whether one has a base from elsewhere."""
    family, todo, foreign = set[str](), [class_name], False
    while todo:
        name = todo.pop()
        info = file.units.classes.get(name)
        if name in family or info is None:
            continue
        family.add(name)
        foreign = foreign or any(not is_local(base) and base not in file.policies.plain_bases for base in info.bases)
        todo.extend(base[1:] for base in info.bases if is_local(base))
        todo.extend(other.name for other in file.units.classes.values() if f".{name}" in other.bases)
    return family, foreign


def stored(file: File, class_name: str, attribute: str) -> Iterator[tuple[Function, ev.Operand]]:
    """What methods of a class, its bases and its subclasses in the file put into an attribute; None is no value."""
    methods = [method for member in _family(file, class_name)[0] for method in file.units.classes[member].methods]
    named = set(file.units.holding((attribute,)))
    for function in (file.function(method) for method in sorted(named.intersection(methods))):
        for event in (e for block in function.blocks for e in block.events) if function is not None else ():
            if function is None or not isinstance(event, ev.Store) or event.kind != "attr":
                continue
            if event.base in ("self", "cls") and event.key == attribute and event.src != ev.Const(None):
                yield function, event.src


def ends_unasked(file: File, function: Function, attribute: str) -> bool:
    """Whether an object ends what its attribute holds when it goes, or when the process does, though nobody asks it."""
    summary = file.summary(f"{function.class_name}.__del__") if function.class_name is not None else None
    own = f"{function.class_name}.__del__" in file.units
    return own and (summary is None or summary.effects.get(attribute, Effect()).settles)


def folders_removed(file: File) -> bool:
    """Whether some code of the file removes the directory of a path that it was given: it may do so with any."""
    if file.folders_removed is None:
        candidates = file.holding(*file.models.words_of("deletes"))
        file.folders_removed = any(_removes_folder(file, function) for function in candidates)
    return file.folders_removed


def _removes_folder(file: File, function: Function) -> bool:
    folders: set[object] = set()
    for block in function.blocks:
        for event in block.events:
            if isinstance(event, ev.Bind) and (event.src in folders or _is_folder(file, event.src)):
                folders.add(event.dst)
            if not isinstance(event, ev.Call):
                continue
            row = file.models.get(event.callee)
            for arg in arguments(event, row) if row is not None else ():
                if arg.role.does == "above":
                    folders.add(event.dst)
                elif arg.role.does == "deletes" and (arg.operand in folders or _is_folder(file, arg.operand)):
                    return True
    return False


def _is_folder(file: File, operand: object) -> bool:
    """Whether an operand is spelled as the directory of something (`path.parent`)."""
    if not isinstance(operand, str) or "." not in operand:
        return False
    row = file.models.method("path", operand.rpartition(".")[2])
    return row is not None and row.gives == "above"


def ended_elsewhere(file: File, attribute: str) -> bool:
    """Whether some code of the file removes or takes what an attribute of this name holds through any object
    (`remove(archive.file)`).
    """
    names = file.units.holding((attribute,), file.models.words_of(*_ENDING))
    return any(attribute in _ended_in(file, file.units.lower(name)) for name in names)


def _ended_in(file: File, function: Function) -> frozenset[str]:
    """Names of the attributes that a function ends through any object."""
    known = file.ended_attributes.get(function.name)
    if known is None:
        calls = (event for block in function.blocks for event in block.events if isinstance(event, ev.Call))
        known = frozenset(name for call in calls for name in _ended_by(file, call))
        file.ended_attributes[function.name] = known
    return known


def _ended_by(file: File, call: ev.Call) -> list[str]:
    row = file.models.get(call.callee)
    if row is None:
        return []
    ending = [arg.operand for arg in arguments(call, row) if arg.role.does in _ENDING]
    chains = [operand for operand in ending if isinstance(operand, str)]
    return [chain.rpartition(".")[2] for chain in chains if "." in chain.removeprefix("self.")]


def module_ends(file: File, resource: Resource, ends: frozenset[Fact]) -> bool:
    """Whether some function of the file ends what a name of the module holds (a tear-down, a signal handler)."""
    names = {place for fact in ends for place, _ in fact.aliases if not place.startswith("%")}
    if any(class_of_file_ends(file, place) for place in names):
        return True
    for name in sorted({name for place in names for name in _mentioning(file, place)}):
        summary = file.summary(name)
        effects = [summary.effects.get(place, Effect()) for place in names] if summary is not None else []
        if summary is None or any(e.settles or (e.lent and resource.kind not in ("file", "dir")) for e in effects):
            return True
    return False


def class_of_file_ends(file: File, place: str) -> bool:
    """Whether a class of the file, a base or a subclass of it ends what its body has bound to a name: through `cls`, as
    any object's attribute, or through `self`.
    """
    owner, _, name = place.rpartition(".")
    if owner not in file.units.classes:
        return False
    if ended_elsewhere(file, name):
        return True
    methods = [method for member in _family(file, owner)[0] for method in file.units.classes[member].methods]
    found = [file.summary(method) for method in sorted(methods)]
    effects = [summary.effects.get(f"self.{name}", Effect()) for summary in found if summary is not None]
    return any(effect.closes or effect.deletes or effect.in_failure or effect.folder for effect in effects)


def _mentioning(file: File, place: str) -> list[str]:
    """Which functions of the file mention a place; found once."""
    known = file.mentioning.get(place)
    if known is None:
        functions = file.holding(place.rpartition(".")[2])
        found = [
            function.name for function in functions if function.name != MODULE and place in _seeded(file, function)
        ]
        known = file.mentioning[place] = sorted(found)
    return known


def _seeded(file: File, function: Function) -> frozenset[str]:
    """The same as `seed_places`, found once."""
    known = file.seeded.get(function.name)
    if known is None:
        known = file.seeded[function.name] = frozenset(seed_places(function))
    return known


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
