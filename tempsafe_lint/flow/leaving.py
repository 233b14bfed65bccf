"""Guessable paths in the shared temp directory that are handed out: returned, kept, set as a default, given away.

Whoever joins a name to the temp root that a call answered with has a file or directory of this machine in mind. Where
the path leaves the function before it reaches a call that makes or opens it, leaving counts as its use (policy.toml,
handed-out). Silent on purpose: literals (`/tmp/x` may be meant for another machine), a path that is only asked about,
compared, put into a message or removed, a working directory, an entry of a list of candidates, and functions that check
who owns what they found there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import Target
from tempsafe_lint.flow.observations import PathSink, Place
from tempsafe_lint.flow.provenance import shared, tail
from tempsafe_lint.flow.summaries import Effect, Summary
from tempsafe_lint.flow.values import Hole, PathText
from tempsafe_lint.flow.verified import verifies
from tempsafe_lint.flow.words import words_of
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.catalogue import Policies

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.obligations import Recorder
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.source import Site

#: A constant that is only mentioned in these ways is no path to anything.
_LOOKED_AT = frozenset({"compare", "test", "format", "iterate"})
_GUESSABLE = ("fixed", "guessable", "partly")


class Leaving:
    """Looks at the ways by which texts leave one function, in the last pass."""

    def __init__(self, transfer: Transfer, recorder: Recorder) -> None:
        self._t = transfer
        self._recorder = recorder

    def event(self, state: State, event: ev.Event) -> None:
        """A return, a yield, a store, and what a function that is made here takes along."""
        if isinstance(event, ev.Return):
            self._left(state, event.src, "returned", event.site, deep=True)
        elif isinstance(event, ev.Yield):
            self._left(state, event.src, "yielded", event.site)
        elif isinstance(event, ev.Store):
            self._left(state, event.src, "kept", event.site, deep=event.kind != "item")
        elif isinstance(event, ev.Capture):
            for _, operand, site in event.defaults:
                self._left(state, operand, "default", site)

    def call(self, state: State, event: ev.Call, target: Target) -> None:
        """A call of something that nobody has said anything about."""
        policies = self._t.file.policies
        if not target.unknown or words_of(event) & policies.asks:
            return
        for operand in event.args:
            self._left(state, operand, "given", event.site)
        for name, operand in event.kwargs:
            if name not in policies.no_paths:
                self._left(state, operand, "given", event.site)

    def helper(self, state: State, event: ev.Call, bound: dict[str, ev.Operand], summary: Summary) -> None:
        """A call of a function of this file that keeps a parameter, or gives it to somebody unknown."""
        for parameter, operand in bound.items():
            effect = summary.effects.get(parameter, Effect())
            if effect.moves or effect.maybe:
                self._left(state, operand, "given", event.site)

    def _left(self, state: State, operand: ev.Operand | None, how: str, site: Site, *, deep: bool = False) -> None:
        texts = self._t.texts.of(state, operand, site)
        if deep and isinstance(operand, str) and not texts:
            held = [atom for place, atoms in state.env.below(operand) if place != operand for atom in atoms]
            texts = sorted({atom for atom in held if isinstance(atom, PathText)}, key=repr)
        for text in texts:
            seen = handed_out(text, how, Place(site), self._t.file.policies)
            if seen is not None and not verifies(self._t.file, self._t.function):
                self._recorder.add(seen)


def handed_out(text: PathText, how: str, at: Place, policies: Policies) -> PathSink | None:
    """What is to be said of a text that leaves: nothing if it does not begin with the answer of a call, or may be a
    message.
    """
    found = shared(text, policies.directories)
    if found is None or found[2] or any(" " in part for part in text.parts if isinstance(part, str)):
        return None
    kind = tail(found[1])
    if kind not in _GUESSABLE or any(isinstance(part, Hole) and part.kind == "unguessable" for part in text.parts):
        return None
    return PathSink(text, found[0], False, kind, how, at, False)


def constants(file: File, end: State) -> Iterator[PathSink]:
    """Constants of the module and of its classes, as they are when the module has run (`end`)."""
    for place, atoms in sorted(end.env.items()):
        if place.startswith("%") or "[" in place:
            continue
        for text in sorted((a for a in atoms if isinstance(a, PathText)), key=repr):
            seen = handed_out(text, "constant", Place(text.site), file.policies)
            if seen is not None and _is_for_others(file, place):
                yield seen


def _is_for_others(file: File, place: str) -> bool:
    """Whether a name can be meant for other code: no variable of a script, and more than looked at in this file."""
    name = place.rpartition(".")[2]
    hows: list[str] = []
    for lowered in sorted(file.holding(name), key=lambda function: function.name):
        function = lowered.name
        for block in lowered.blocks:
            bound = {event.statement for event in block.events if getattr(event, "dst", None) == place}
            for event in block.events:
                if not isinstance(event, ev.Load) or not isinstance(event.src, str):
                    continue
                if event.src == place or ("." in place and event.src.endswith(f".{name}")):
                    if function == "<module>" and event.statement in bound:
                        continue
                    if function == "<module>" and name != name.upper():
                        return False
                    hows.append(event.how)
    return not hows or not _LOOKED_AT.issuperset(hows)
