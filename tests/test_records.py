"""Our `dataclass` does what the standard one does, as far as it is asked to."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from tempsafe_lint import records
from tempsafe_lint.ir.events import Call, Event, Load
from tempsafe_lint.models.schema import Made, Role, Row
from tempsafe_lint.source import Site


def both() -> list[tuple[Any, Any]]:
    """The same class, and one that inherits from it, by us and by the standard library."""
    made = []
    for module in (records, dataclasses):

        @module.dataclass(frozen=True, slots=True)
        class Base:
            one: int
            two: str = "two"
            three: list[int] = module.field(default_factory=list)
            four: int = module.field(default=4, init=False)

        @module.dataclass(slots=True)
        class Open:
            one: int
            last: int = module.field(default=-1, kw_only=True)

        @module.dataclass(slots=True)
        class Below(Open):
            more: int

        made.append((Base, Below))
    return made


@pytest.mark.parametrize("arguments", [((1,), {}), ((1, "x", [2]), {}), ((), {"two": "y", "one": 3})])
def test_objects_are_made_and_shown_alike(arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    (ours, _), (theirs, _) = both()
    assert repr(ours(*arguments[0], **arguments[1])) == repr(theirs(*arguments[0], **arguments[1]))
    assert ours.__match_args__ == theirs.__match_args__


def test_fields_of_a_base_come_first() -> None:
    (_, ours), (_, theirs) = both()
    assert repr(ours(1, 2, last=3)) == repr(theirs(1, 2, last=3))
    for kind in (ours, theirs):
        with pytest.raises(TypeError):
            kind(1, 2, 3)
        with pytest.raises(TypeError):
            kind(1)


def test_what_is_equal_hashes_alike_and_other_classes_are_other() -> None:
    role = Role("takes", sink="write")
    assert role == Role("takes", "write")
    assert hash(role) == hash(Role("takes", "write"))
    assert role != Role("takes")
    assert Load(Site(0, 1), "x", "name") != object()
    assert Role("fd") != Made("fd")
    assert records.replace(role, does="closes") == Role("closes", "write")
    with pytest.raises(TypeError):
        hash(Load(Site(0, 1), "x", "name"))


def test_a_frozen_one_cannot_change() -> None:
    role = Role()
    with pytest.raises(AttributeError):
        role.does = "takes"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del role.does
    with pytest.raises(AttributeError):
        Row("a.b").colour = 1  # type: ignore[attr-defined]


def test_they_travel() -> None:
    row = Row("a.b", ("x",), {"x": Role("takes")}, makes=(Made("fd", index=0),))
    assert pickle.loads(pickle.dumps(row)) == row
    assert copy.deepcopy(row) == row
    assert issubclass(Call, Event)
