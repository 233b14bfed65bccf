"""What the returns of a function give, seen together: a helper's temp may be claimed by others than its caller.

A way on which one `return` gives the temp and another thing under the same name is not told apart, nor is a helper that
calls itself: what it gives then counts as something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.values import KEPT, MAYBE, MOVED, REGISTERED, Known, Resource

if TYPE_CHECKING:
    from tempsafe_lint.flow.places import Names
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.ir.events import Operand

_CLAIMED = (MAYBE, KEPT, REGISTERED, MOVED)


class GivenBack:
    """Looks at every `return` of one function, in the last pass, before what it gives counts as the caller's."""

    def __init__(self) -> None:
        #: By `return`: the suffixes of the result that are a temp, or a constant, which nobody takes for one; with
        #: true those that are an object.
        self._plain: list[set[tuple[str, bool]]] = []
        self._elsewhere: set[Resource] = set()
        #: The names of this function under which each was returned.
        self.returned_as: dict[Resource, set[str]] = {}

    def note(self, state: State, src: Operand | None, names: Names) -> None:
        """One `return`, and what its value names. A constant is how a helper says that it failed."""
        if not isinstance(src, str):
            return
        known = state.env.below(src)
        found = {
            (p[len(src) :], is_object)
            for p, atoms in known
            if all(isinstance(a, Known) for a in atoms)
            for is_object in (True, False)
        }
        hanging = [(r, f, h, p[len(src) :]) for r, f, h in state.held(src) for p, _ in f.aliases if p.startswith(src)]
        for resource, _, _ in names:
            self.returned_as.setdefault(resource, set()).add(src)
        for resource, fact, handle, suffix in (*((r, f, h, "") for r, f, h in names), *hanging):
            if resource.kind != "seed":
                found |= {(suffix, False), (suffix, handle == "object")}
            if fact.moved in _CLAIMED:
                self._elsewhere.add(resource)
        self._plain.append(found)

    def claims(self, resource: Resource, suffix: str) -> bool:
        """Whether a returned temp is somebody else's on some way, or the same suffix is something else on another.

        A path will do for a file that other ways give as an object, but it is nothing to close.
        """
        wanted = resource.kind == "object"
        return resource in self._elsewhere or any((suffix, wanted) not in found for found in self._plain)
