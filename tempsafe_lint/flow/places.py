"""What a place names, also through attributes (`f.name`), elements and containers."""

from __future__ import annotations

from tempsafe_lint.flow.state import State
from tempsafe_lint.flow.values import Fact, Handle, Resource
from tempsafe_lint.ir.events import Operand
from tempsafe_lint.models.catalogue import Models

Names = list[tuple[Resource, Fact, Handle]]


def resolve(state: State, models: Models, operand: Operand | None) -> Names:
    """What an operand names. An attribute that a model row knows (`.name` of a file object) is looked through."""
    if not isinstance(operand, str):
        return []
    direct = state.named(operand)
    if direct or "." not in operand:
        return direct
    base, _, attribute = operand.rpartition(".")
    found: Names = []
    for resource, fact, handle in resolve(state, models, base):
        given = derived(models, resource, handle, attribute)
        if given is not None:
            found.append((resource, fact, given))
    return found


def derived(models: Models, resource: Resource, handle: Handle, attribute: str) -> Handle | None:
    """The handle that an attribute of something held gives, or None."""
    if handle == "seed":
        row = models.method("path", attribute)
        return "folder" if row is not None and row.gives == "above" else "seed"
    kind = "path" if handle in ("path", "inside") else handle
    row = models.method(kind, attribute)
    if row is None or row.gives is None:
        return None
    if row.gives == "path" and not resource.named:
        return "number"
    if row.gives == "above":
        return above(handle)
    return row.gives


def above(handle: Handle) -> Handle | None:
    """The folder of something: of a path below a directory it may be that directory; of the path itself it is
    another's.
    """
    return {"inside": "path", "seed": "folder"}.get(handle)


def below(resource: Resource, handle: Handle) -> Handle:
    """A path made by adding a component."""
    if handle in ("inside", "mention", "beside"):
        return handle
    return "inside" if resource.kind in ("dir", "dirobject", "name", "seed") else "beside"


def everything(state: State, models: Models, operand: Operand | None) -> Names:
    """What an operand names or holds in elements and attributes."""
    if not isinstance(operand, str):
        return []
    return resolve(state, models, operand) + state.held(operand)


def held(state: State, operand: Operand | None) -> Names:
    """What hangs on an operand: attributes and elements."""
    return state.held(operand) if isinstance(operand, str) else []


def elements(state: State, base: str, index: int | str | None) -> list[str]:
    """The places of one element of a container, or of any (index None), of which something is known."""
    if index is None:
        heads = {_head(place, base) for place in state.places(base)}
    else:
        heads = {f"{base}[{index!r}]", f"{base}[*]"}
    return sorted(h for h in heads if h and (state.named(h) or state.held(h) or h in state.env))


def _head(place: str, base: str) -> str:
    """`base[key]` of a place below it, or nothing."""
    if not place.startswith(base + "["):
        return ""
    end = place.find("]", len(base))
    return place[: end + 1]
