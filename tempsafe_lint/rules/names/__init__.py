"""Names that somebody else can know: fixed paths and guessable ones in shared directories."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tempsafe_lint.flow.observations import PathSink

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
#: Sinks through which another user's file does the most harm.
SEVERE = ("write", "bind", "load")


def shown(seen: PathSink) -> str:
    """The text as people are shown it, with a mark for each part that is not constant."""
    return "".join(part if isinstance(part, str) else "…" for part in seen.text.parts)
