"""Duties that are not done: leaked files, directories and descriptors, and cleanup that some ways skip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import Kept, Place, Stretch, Undo
from tempsafe_lint.plans import (
    AddExcept,
    AddFinally,
    ExtendWith,
    FirstOf,
    KeepReturned,
    Publish,
    ReplaceCallee,
    WrapInWith,
)
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Draft, Rule, atomic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tempsafe_lint.flow.observations import Unmet
    from tempsafe_lint.plans import Plan
    from tempsafe_lint.source import Site

LEAVES = "its path leaves this function: somebody may still want it"
HELPED = "a helper makes it: what is to become of it is better said there"


def forgotten(rule: Rule, seen: Unmet, thing: str, what: str) -> Draft | None:
    """A file or directory that nothing in the function removes and nobody else was given."""
    if seen.resource.owned or not seen.normal or not seen.always or seen.cleanup is not None:
        return None
    if seen.lent and seen.resource.kind == "file":
        return None  # whoever is given it may move it to its place: TMP404
    known = seen.shown or seen.touched & {"above", "unknown"}
    stranded = seen.nameless and seen.resource.kind == "dir" and not known
    weak = seen.maybe or seen.shown or (seen.settled and not seen.keeper)
    product = seen.resource.working and (seen.shown or seen.moved)
    weak = (weak and not stranded) or product or not seen.resource.told or seen.resource.claimed or seen.sheltered
    if seen.inner:
        what = "never removed: only a path below it is handed on"
    elif seen.moved and not seen.keeper and not weak:
        what = "never removed on a way out that hands it to nobody"
    plan, unfixed = swap(seen) or next(iter(keeping(seen)), None), LEAVES if seen.resource.instead else HELPED
    if seen.keeper:
        plan = None
        what = f"kept in `{seen.keeper}`, and no method of the class removes it"
        unfixed = f"`{seen.keeper}` may outlive the process' need for it: give the class a method that removes it"
    return rule.draft(
        seen.resource.site,
        f"the {thing} that `{seen.resource.maker.lstrip('.')}` makes is {what}",
        confidence=LOW if weak else MEDIUM if seen.keeper or stranded or seen.inner else HIGH,
        related=((seen.witness.site if seen.witness else None, "left behind here"), (seen.left, "its path goes here")),
        plan=plan,
        unfixed=None if plan else unfixed,
        unfixed_at=seen.left or seen.resource.site,
        about=seen.resource.site,
    )


def swap(seen: Unmet) -> ReplaceCallee | None:
    """The same call to the runtime, which ends what it makes.

    Safe where the path provably stays. Unsafe where others only borrowed it, as far as can be seen: one of them may
    count on the file after the process is gone. None where it leaves, or where a helper makes the call. What is
    renamed is no longer at its path then, and stays.
    """
    made = seen.resource
    leaves = seen.keeper or ((seen.moved or seen.maybe) and "takes" not in seen.touched)
    if made.instead is None or made.callee is None or (leaves and not seen.stays):
        return None
    safety, more = (Safety.SAFE, "") if seen.stays else (Safety.UNSAFE, ", which others who have its path may notice")
    title = f"use `{made.instead}`: gone at the latest with the process{more}"
    return ReplaceCallee(made.callee, made.instead, safety, title, made.site, made.arguments, made.positions)


def keeping(seen: Unmet) -> list[KeepReturned]:
    """The call of the runtime, and its `keep` where the path is returned; never safe: what is not, goes."""
    found, made = seen.kept, seen.resource
    if not isinstance(found, Kept) or made.instead is None or made.callee is None:
        return []
    title = f"use `{made.instead}`, and `{found.to}` where it is returned: what is not goes with the process"
    what = (made.callee, made.instead, made.site, made.arguments, made.positions)
    return [KeepReturned(*what, found.returned, found.to, Safety.UNSAFE, title)]


def _extended(seen: Unmet, found: Stretch, safety: Safety) -> list[ExtendWith]:
    made = seen.resource
    if made.entered is None or made.callee is None or made.instead is None:
        return []
    old, new = made.entered
    title = f"let the `with` remove it: `{made.instead}(..., {new}=...)`"
    plan = ExtendWith(
        *(found.made, made.site, made.callee, made.instead, old, new, found.name),
        *(found.first, found.last, found.removal, safety, title),
    )
    return [plan]


def guards(seen: Unmet) -> Sequence[AddFinally | WrapInWith | ExtendWith]:
    """Blocks that end it on every way, the best one first; none where it is not made and removed in one suite.

    Safe where nobody else has the path and nothing else in the function can see that it goes earlier.
    """
    found, made = seen.stretch, seen.resource
    if not isinstance(found, Stretch):
        return []
    safety = Safety.SAFE if seen.stays and found.calm and "takes" not in seen.touched else Safety.UNSAFE
    if found.name:
        return _extended(seen, found, safety)
    plans: list[AddFinally | WrapInWith] = []
    if made.block is not None and made.callee is not None and found.by == made.block[1]:
        title = f"make it in a `with {made.block[0]}(...)`"
        plans.append(WrapInWith(found.made, made.site, made.callee, made.block[0], found.removal, safety, title))
    plans.append(AddFinally(found.first, found.removal, safety, "remove it in a `finally`"))
    return plans


def undone(seen: Unmet) -> list[AddExcept]:
    """A handler that removes it where something fails before somebody else has it, or ends it.

    None where only a name says that the maker gives a pair: what would be removed may be the pair.
    Safe where nobody else ever has the path, and nothing else in the function can see that it is gone.
    """
    found = seen.undo
    if not isinstance(found, Undo) or isinstance(seen.stretch, Stretch):
        return []
    if seen.resource.kind == "file" and not seen.resource.told:
        return []
    safety = Safety.SAFE if seen.stays and found.calm and "takes" not in seen.touched else Safety.UNSAFE
    call, given, quiet = found.how
    title = f"remove it where something fails: `except BaseException: {call}({found.path})`"
    undo = (call, found.path + given)
    return [AddExcept(found.first, found.last, undo, quiet, "OSError", safety, title)]


def ended(seen: Unmet) -> tuple[Plan | None, str | None, Site | None]:
    """The best plan that ends what is removed on some ways only; or why there is none, and what prevents it."""
    swapped = swap(seen)
    plans: list[AddFinally | WrapInWith | ExtendWith | Publish | AddExcept | ReplaceCallee | KeepReturned] = [
        *atomic(seen.published, keep=True),
        *guards(seen),
    ]
    swaps = [swapped] if swapped is not None else []
    plans += [*swaps, *undone(seen)] if seen.stays else [*undone(seen), *swaps, *keeping(seen)]
    plans.sort(key=lambda plan: plan.safety is not Safety.SAFE)
    if plans:
        return FirstOf(tuple(plans)) if len(plans) > 1 else plans[0], None, None
    for found in (seen.undo, seen.stretch):
        if isinstance(found, Place):
            return None, found.what, found.site
    if seen.resource.instead is None:
        return None, HELPED, seen.resource.site
    return None, LEAVES, seen.left or seen.resource.site
