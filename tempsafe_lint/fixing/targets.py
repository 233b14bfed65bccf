"""How a project calls the runtime: as the library itself, as a copy inside the project, or not at all.

Plans name the runtime as `tempsafe`. Where the project has a copy of it, the same names come from there; where it wants
the standard library alone, or runs on a Python that the runtime does not, a plan that needs the runtime is withheld.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tempsafe_lint.fixing import Withheld
from tempsafe_lint.plans import FirstOf, ReplaceCallee
from tempsafe_lint.records import dataclass, fields, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tempsafe_lint.plans import Plan

_NAME = re.compile(r"\btempsafe\.(?=\w)")
_FULL_NAME = re.compile(r"\btempsafe(?:\.\w+)+")
#: What people read; everything else of a plan is code.
_PROSE = ("title",)

#: The lowest Python that the runtime runs on.
OLDEST = (3, 9)


@dataclass(frozen=True, slots=True)
class Target:
    """`runtime` is `tempsafe`, `vendored` or `stdlib`; `module` is the copy's dotted name; `version` the lowest Python
    that the project runs on. `standard` has names of the runtime with what is the same in the standard library.
    """

    runtime: str = "tempsafe"
    module: str = "tempsafe"
    version: tuple[int, int] = OLDEST
    standard: tuple[tuple[str, str], ...] = ()


def aim(plan: Plan, target: Target) -> Plan:
    """The plan in the project's own names. Raises Withheld where the project does not want what it needs."""
    if isinstance(plan, FirstOf):
        return _first_of(plan, target)
    if target.runtime == "stdlib":
        return _in_standard_library(plan, target)
    if _needs_runtime(plan) and target.version < OLDEST:
        wanted, there = (".".join(map(str, version)) for version in (OLDEST, target.version))
        raise Withheld(f"the runtime needs Python {wanted}, and the project runs on {there}, too")
    if target.runtime != "vendored" or target.module == "tempsafe":
        return plan
    short = target.module.rpartition(".")[2]
    return _changed(plan, lambda text, prose: _NAME.sub(f"{short if prose else target.module}.", text))


def _in_standard_library(plan: Plan, target: Target) -> Plan:
    """The plan with the standard library's own. A call that is only swapped comes from there: nothing is gained."""
    if not _needs_runtime(plan):
        return plan
    names = dict(target.standard)
    aimed = _changed(plan, lambda text, _: _FULL_NAME.sub(lambda found: names.get(found[0], found[0]), text))
    if isinstance(plan, ReplaceCallee) or _needs_runtime(aimed):
        raise Withheld("the standard library has nothing that does the same, and the project wants nothing else")
    return aimed


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


def _needs_runtime(plan: Plan) -> bool:
    return any(_names_runtime(getattr(plan, field.name)) for field in fields(plan) if field.name not in _PROSE)


def _names_runtime(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_names_runtime, value))
    return isinstance(value, str) and _NAME.search(value) is not None


def _changed(plan: Plan, change: Callable[[str, bool], str]) -> Plan:
    """The plan with every text of it changed; `change` is told whether it is prose."""

    def changed(value: Any, prose: bool) -> Any:
        if type(value) is tuple:
            return tuple(changed(item, prose) for item in value)
        return change(value, prose) if type(value) is str else value

    texts = {f.name: changed(getattr(plan, f.name), f.name in _PROSE) for f in fields(plan) if f.init}
    return replace(plan, **texts)
