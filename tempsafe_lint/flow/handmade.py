"""Directories that a program makes by itself in a shared temp directory, under a name that nobody can guess.

Only names of the function itself are followed: a path in an attribute or an outer variable has an owner elsewhere. A
name with several components is silent: which of the directories are new is not in the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.provenance import shared, tail
from tempsafe_lint.flow.values import Fact, PathText, Resource

if TYPE_CHECKING:
    from tempsafe_lint.flow.calls import Argument, Target
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.ir import events as ev
    from tempsafe_lint.models.schema import Row


class HandMade:
    """Asked after each call, in one function."""

    def __init__(self, transfer: Transfer) -> None:
        self._t = transfer

    def call(self, state: State, event: ev.Call, row: Row, target: Target, args: list[Argument]) -> None:
        """A directory comes to life under the text that a call was given."""
        if row.name not in self._t.file.policies.handmade:
            return
        place = event.receiver if target.receiver is not None else args[0].operand if args else None
        if not isinstance(place, str) or not self._own(place) or self._t.names(state, place):
            return
        texts = self._t.texts.of(state, place, event.site)
        if len(texts) != 1 or not self._private(texts[0]):
            return
        holders = [name for name in self._t.function.variables if texts[0] in state.env.get(name, ())]
        aliases = frozenset((name, "path") for name in {place, *holders})
        maker = row.name.removeprefix("path.")
        made = Resource(event.site, 0, "dir", maker, callee=event.callee_site, statement=event.statement)
        state.born(made, Fact(aliases=aliases))
        if self._t.recorder is not None:
            self._t.recorder.birth(made)

    def _own(self, place: str) -> bool:
        parameters = {p.name for p in self._t.function.params}
        return place in self._t.function.variables and place not in parameters and self._t.function.name != "<module>"

    def _private(self, text: PathText) -> bool:
        found = shared(text, self._t.file.policies.directories)
        if found is None or tail(found[1]) != "unguessable":
            return False
        rest = "".join(part if isinstance(part, str) else "x" for part in found[1])
        return "/" not in rest.strip("/")
