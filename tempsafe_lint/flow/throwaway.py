"""Paths that a function makes and removes again: nobody else has to know their names.

Said only of a path whose making is the first thing that happens to it, and whose removal comes behind every making in
the text: what is looked for or removed before is of another run or somebody else's, what is returned is handed on.
Limits: a removal in a helper is not seen; order is that of the statements, not of the ways through them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tempsafe_lint.flow.calls import Argument
    from tempsafe_lint.flow.solved import Solved
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.ir import events as ev
    from tempsafe_lint.models.schema import Row
    from tempsafe_lint.source import Site

_MAKING = ("create", "write")


def happens(
    t: Transfer, state: State, event: ev.Call, row: Row, arg: Argument, sink: str | None, *, claimed: bool
) -> None:
    """A path meets a call; `claimed` is true of a call that fails where there is something already."""
    does = arg.role.does
    if t.recorder is None or (sink is None and does not in ("deletes", "checks")):
        return
    what = "makes" if sink in _MAKING else does if sink is None else "other"
    # A file that only one can make, a pipe and a socket are there for others to find.
    if sink == "bind" or row.name in t.file.policies.found_by_others or (claimed and arg.role.mode is not None):
        what = "meets"
    for text in t.texts.of(state, arg.operand, arg.site):
        t.recorder.happened.setdefault(text.site, []).append((event.statement, what, event.site))


def thrown_away(solved: Solved) -> dict[Site, Site]:
    """The paths (where each is written) that the function makes and removes, and where it removes them."""
    returned = {text.site for text in solved.transfer.returned_texts}
    found: dict[Site, Site] = {}
    for path, all_of_it in solved.recorder.happened.items():
        first = min(statement for statement, _, _ in all_of_it)
        begins = {what for statement, what, _ in all_of_it if statement == first}
        removals = [(statement, site) for statement, what, site in all_of_it if what == "deletes"]
        met = path in returned or any(what == "meets" for _, what, _ in all_of_it)
        if removals and begins == {"makes"} and first >= 0 and not met:
            last, site = max(removals)
            if all(statement < last for statement, what, _ in all_of_it if what == "makes"):
                found[path] = site
    return found
