"""Names that somebody else can know: fixed paths and guessable ones in shared directories."""

from __future__ import annotations

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import PathSink
from tempsafe_lint.flow.values import PathText
from tempsafe_lint.plans import Advice, FirstOf, MakeFresh, MeetUser
from tempsafe_lint.rules.base import Context

#: What is done with a path, by sink.
VERBS = {
    "create": "created",
    "write": "written",
    "open": "opened",
    "read": "opened",
    "bind": "bound",
    "load": "loaded",
    "exec": "executed",
}
#: What happened to a path that was handed out before anything was done with it, by way.
LEFT = {
    "returned": "returned",
    "yielded": "yielded",
    "kept": "kept",
    "constant": "kept in a constant",
    "default": "a default",
    "given": "handed on",
}
#: Sinks that put something there.
MADE = ("create", "write", "bind")
#: Sinks through which another user's file does the most harm.
SEVERE = ("write", "bind", "load")


UNFIXED = "whether several runs must meet at this path is not in the code"


def shown(text: PathText) -> str:
    """The text as people are shown it, with a mark for each part that is not constant."""
    return "".join(part if isinstance(part, str) else "…" for part in text.parts)


def meeting(text: PathText, ctx: Context) -> MeetUser | Advice:
    """The same name in a directory of this user's own: always unsafe, for other users no longer meet there."""
    call, lifetimes = ctx.meeting[0], dict(ctx.meeting[1])
    first = text.parts[0] if text.parts else ""
    directory = ""
    if isinstance(first, str):
        known = (d for d in lifetimes if d and (first == d or first.startswith(f"{d}/")))
        directory = next(known, first)
    if directory not in lifetimes:
        return Advice("use a private temporary directory, or `tempsafe.user_path` if several runs must meet")
    title = f"use `{call}`: the same place for all runs of this user, and for nobody else"
    return MeetUser(text.site, directory, call, lifetimes[directory], Safety.UNSAFE, title)


def private(seen: PathSink, ctx: Context) -> FirstOf | MeetUser | Advice:
    """A path of this user's own; one that nobody else knows where the function that makes it removes it."""
    plan = meeting(seen.text, ctx)
    call, freely, known = ctx.fresh
    if seen.removed is None or not isinstance(plan, MeetUser) or plan.directory not in freely:
        return plan
    if any(word in shown(seen.text).lower() for word in known):
        return plan
    title = f"use `{call}`: a fresh path for what is removed in the same function"
    return FirstOf((MakeFresh(plan.path, seen.removed, plan.directory, call, Safety.UNSAFE, title), plan))
