"""Duties that are not done: leaked files, directories and descriptors, and cleanup that some ways skip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.findings import Safety
from tempsafe_lint.plans import ReplaceCallee
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Draft, Rule

if TYPE_CHECKING:
    from tempsafe_lint.flow.observations import Unmet


def forgotten(rule: Rule, seen: Unmet, thing: str, what: str) -> Draft | None:
    """A file or directory that nothing in the function removes and nobody else was given."""
    if seen.resource.owned or not seen.normal or not seen.always or seen.cleanup is not None:
        return None
    stranded = seen.nameless and seen.resource.kind == "dir" and not seen.touched & {"above", "unknown"}
    weak = not stranded and (seen.maybe or seen.shown or (seen.moved and not seen.keeper))
    plan, unfixed = swap(seen)
    if seen.keeper:
        plan = None
        what = f"kept in `{seen.keeper}`, and no method of the class removes it"
        unfixed = f"`{seen.keeper}` may outlive the process' need for it: give the class a method that removes it"
    return rule.draft(
        seen.resource.site,
        f"the {thing} that `{seen.resource.maker.lstrip('.')}` makes is {what}",
        confidence=LOW if weak else MEDIUM if seen.keeper or stranded else HIGH,
        related=((seen.witness.site if seen.witness else None, "left behind here"), (seen.left, "its path goes here")),
        plan=plan,
        unfixed=unfixed,
        about=seen.resource.site,
    )


def swap(seen: Unmet) -> tuple[ReplaceCallee | None, str | None]:
    """The same call to the runtime, which ends what it makes; or why that is not offered.

    Safe where the path provably stays. Unsafe where others only borrowed it, as far as can be seen: one of them may
    count on the file after the process is gone.
    """
    made = seen.resource
    if made.instead is None or made.callee is None:
        return None, "it is made by a helper: the call there has to change"
    if not seen.stays and (seen.moved or seen.maybe or seen.keeper):
        return None, "its path leaves this function: somebody may still want it"
    safety, more = (Safety.SAFE, "") if seen.stays else (Safety.UNSAFE, ", which others who have its path may notice")
    title = f"use `{made.instead}`: gone at the latest with the process{more}"
    plan = ReplaceCallee(made.callee, made.instead, safety, title, made.site, made.arguments, made.positions)
    return plan, None
