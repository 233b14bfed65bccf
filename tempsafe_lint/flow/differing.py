"""Whether a name that a function returns is something else than its temp on other ways: `path = asked(); if not
writable(path): path = mkdtemp(); return path`.

A caller cannot tell the two apart, and will hardly remove what it may have been asked to use. Limits: a parameter and a
constant are nothing else (who leaves them out knows what he gets); the order of what binds the name is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.ways import ancestors
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.solved import Solved
    from tempsafe_lint.flow.values import Resource


def may_differ(solved: Solved, resource: Resource) -> bool:
    """Whether a returned name is bound to something else outside of the branch in which the resource is made."""
    function = solved.function
    branches = {a for a in ancestors(function, resource.statement) if function.statements[a].kind == "if"}
    if not branches:
        return False
    binders = mentions(solved.file, function).binders
    return any(
        isinstance(event.src if isinstance(event, ev.Bind) else "", str)
        and event.statement != resource.statement
        and not branches.intersection(ancestors(function, event.statement))
        for name in solved.transfer.results_given.returned_as.get(resource, ())
        if not name.startswith("%")
        for event in binders.get(name, ())
    )
