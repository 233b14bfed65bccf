"""Which classes are tests, and which of those may have a temp directory of their own, which goes with them: a base
class of theirs from another file may give it to them, or the making-ready of their class does. What such a test forgets
there is then cleared away.

A base that is known to leave temps alone is none, nor is what stands beside it unless its name says so (policy.toml,
test-classes). Limits: a fixture that is in force without being named, and a base that is made by a call, are not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import is_local
from tempsafe_lint.flow.words import split
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function, Units
    from tempsafe_lint.models.catalogue import Policies


def sheltered(file: File, function: Function) -> bool:
    """Whether a function belongs to a class of tests that may have a temp directory of their own."""
    outermost: Function | None = function
    while outermost is not None and outermost.class_name is None:
        outermost = file.function(outermost.outer) if outermost.outer is not None else None
    if outermost is None or outermost.class_name is None:
        return False
    name = outermost.class_name
    if name not in file.shelters:
        file.shelters[name] = _of_tests(file, name) and _shelters(file, name)
    return file.shelters[name]


def is_suite(units: Units, policies: Policies) -> bool:
    """Whether a file says itself that it is a suite of tests: it has classes with tests whose base is called one of
    tests (policy.toml, test-classes), and either a function that gives them, or hardly anything else.
    """
    words = policies.test_classes
    begins = tuple(words["words"])
    tests = [
        info
        for info in units.classes.values()
        if any(split(base.rpartition(".")[2]) & words["words"] for base in info.bases)
        and any(method.rpartition(".")[2].startswith(begins) for method in info.methods)
    ]
    if not tests or words["suites"].intersection(units.functions):
        return bool(tests)
    own = sum(1 for name in units.functions if ".<locals>." not in name) - 1  # without the module's body
    return 2 * sum(len(info.methods) for info in tests) > own


def _upward(file: File, name: str) -> tuple[list[str], list[str]]:
    """A class with its bases in the file, and the full names of those from elsewhere."""
    family, foreign, todo = list[str](), list[str](), [name]
    while todo:
        at = todo.pop()
        info = file.units.classes.get(at)
        if at in family or info is None:
            continue
        family.append(at)
        todo.extend(base[1:] for base in info.bases if is_local(base))
        foreign.extend(base for base in info.bases if not is_local(base))
    return family, foreign


def _subclasses(file: File, name: str) -> list[str]:
    return [other.name for other in file.units.classes.values() if f".{name}" in other.bases]


def _of_tests(file: File, name: str) -> bool:
    """Whether a class, or one that is made of it, holds tests: by its methods, its name or a base's name."""
    words = file.policies.test_classes
    todo, seen = [name], set[str]()
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        family, foreign = _upward(file, at)
        names = [known.rpartition(".")[2] for known in (*family, *foreign)]
        methods = [m.rpartition(".")[2] for known in family for m in file.units.classes[known].methods]
        if any(split(known) & words["words"] for known in names) or any(
            method in words["prepares"] or method.startswith(tuple(words["words"])) for method in methods
        ):
            return True
        todo.extend(_subclasses(file, at))
    return False


def _shelters(file: File, name: str) -> bool:
    """Whether a base from elsewhere, or a method of the class, may give each test a temp directory. What only stands
    behind other classes, a mixin, has what all of those have.
    """
    naming = set(file.units.holding({root.rpartition(".")[2] for root in file.policies.test_classes["roots"]}))
    todo, seen = [name], set[str]()
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        family, foreign = _upward(file, at)
        methods = {method for known in family for method in file.units.classes[known].methods}
        if any(_makes_room(file, method) for method in methods & naming):
            continue
        bases = [base for base in foreign if base not in file.policies.plain_bases]
        if any(_may_make_room(file, base, bases) for base in bases):
            continue
        below = _subclasses(file, at)
        if bases or not below:
            return False
        todo.extend(below)
    return True


def _may_make_room(file: File, base: str, beside: list[str]) -> bool:
    """Whether a base from elsewhere may give tests a temp directory; `beside` are all of the class, with itself."""
    words = file.policies.test_classes
    if _is_plain(base, words["plain"]):
        return False
    known = any(_is_plain(other, words["plain"]) for other in beside)
    return not known or bool(split(base.rpartition(".")[2]) & words["mixins"])


def _is_plain(base: str, plain: frozenset[str]) -> bool:
    """Whether a base comes with a library that leaves temps alone, also where another module passes that on."""
    return any(f".{library}" in f".{base}" for library in plain)


def _makes_room(file: File, method: str) -> bool:
    """Whether a method makes what gives tests a temp directory of their own, or names it as everybody's."""
    function, roots = file.function(method), file.policies.test_classes["roots"]
    for block in function.blocks if function is not None else ():
        for event in block.events:
            if isinstance(event, ev.Call) and event.callee in roots:
                return True
            base = event.base if isinstance(event, ev.Store) else None
            if isinstance(event, ev.Store) and isinstance(base, ev.Dotted) and f"{base.name}.{event.key}" in roots:
                return True
    return False
