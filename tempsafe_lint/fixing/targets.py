"""How a project calls the runtime: as the library itself, as a copy inside the project, or not at all.

Plans name the runtime as `tempsafe`. Where the project has a copy of it, the same names come from there; where it wants
the standard library alone, a plan that needs the runtime is withheld.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from tempsafe_lint.fixing import Withheld
from tempsafe_lint.plans import FirstOf

if TYPE_CHECKING:
    from tempsafe_lint.plans import Plan

_NAME = re.compile(r"\btempsafe\.(?=\w)")
#: What people read; everything else of a plan is code.
_PROSE = ("title",)


@dataclass(frozen=True, slots=True)
class Target:
    """`runtime` is `tempsafe`, `vendored` or `stdlib`; `module` is the copy's dotted name."""

    runtime: str = "tempsafe"
    module: str = "tempsafe"


def aim(plan: Plan, target: Target) -> Plan:
    """The plan in the project's own names. Raises Withheld where the project does not want what it needs."""
    if isinstance(plan, FirstOf):
        return _first_of(plan, target)
    if target.runtime == "tempsafe" or (target.runtime == "vendored" and target.module == "tempsafe"):
        return plan
    code = [getattr(plan, field.name) for field in fields(plan) if field.name not in _PROSE]
    if target.runtime == "stdlib":
        if any(map(_names_runtime, code)):
            raise Withheld("the standard library has nothing that does the same, and the project wants nothing else")
        return plan
    short = target.module.rpartition(".")[2]
    changes = {
        field.name: _renamed(getattr(plan, field.name), short if field.name in _PROSE else target.module)
        for field in fields(plan)
        if field.init
    }
    return replace(plan, **changes)


def _first_of(plan: FirstOf, target: Target) -> FirstOf:
    """Those of the plans that the project wants."""
    kept: list[Plan] = []
    refused = Withheld("there is no plan for it")
    for one in plan.plans:
        try:
            kept.append(aim(one, target))
        except Withheld as reason:
            refused = reason
    if not kept:
        raise refused
    return FirstOf(tuple(kept))


def _names_runtime(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_names_runtime, value))
    return isinstance(value, str) and _NAME.search(value) is not None


def _renamed(value: Any, module: str) -> Any:
    if type(value) is tuple:
        return tuple(_renamed(item, module) for item in value)
    return _NAME.sub(f"{module}.", value) if type(value) is str else value
