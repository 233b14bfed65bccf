"""Where the events of a function mention each place: found once, so that a look at one place is no walk over all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.source import Site


_READ = ("src", "base", "manager", "receiver", "func")
_FIELDS = (*_READ, "dst", "key", "place")


class Mentions:
    """The events of one function by what they mention: `events` in order, `at` their positions by root of a place."""

    def __init__(self, function: Function) -> None:
        self.events = [event for block in function.blocks for event in block.events]
        self.at: dict[str, list[int]] = {}
        self.binders: dict[str, list[ev.Event]] = {}
        self.calls: dict[Site, list[ev.Call]] = {}
        #: What a look at the function finds out for all others: calls that give every path away, places taken up.
        self.spilling: list[int] | None = None
        self.used: set[str] | None = None
        #: Of a suite that was looked at: each of its statements, with the numbers of all that it holds.
        self.suites: dict[int, dict[int, list[int]]] = {}
        #: Events by the number of their statement.
        self.of: dict[int, list[ev.Event]] = {}
        for number, event in enumerate(self.events):
            self.of.setdefault(event.statement, []).append(event)
            for root in roots(event):
                self.at.setdefault(root, []).append(number)
            dst = getattr(event, "dst", None)
            if isinstance(dst, str):
                self.binders.setdefault(dst, []).append(event)
            if isinstance(event, ev.Call):
                self.calls.setdefault(event.site, []).append(event)


def roots(event: ev.Event, *, written: bool = True) -> set[str]:
    """First parts of the places that an event mentions; without those that it only writes to if not `written`.

    What is read comes with its attributes' names: `self.work` reads `self` and `work`.
    """
    if written:
        return {place.split(".")[0].split("[")[0] for place in _places(event)}
    return {part for place in _places(event, written=False) for part in place.split("[")[0].split(".")}


def _places(event: ev.Event, *, written: bool = True) -> Iterator[str]:
    """Every place that an event may mention; names of functions and keywords among them do no harm."""
    if isinstance(event, ev.Capture):
        yield from (value for _, value, _ in event.defaults if isinstance(value, str) and value[:1] != "%")
    for name in _FIELDS if written else _READ:
        value = getattr(event, name, None)
        if isinstance(value, str):
            yield value
    for name in ("args", "starred", "items", "parts", "places"):
        yield from (value for value in getattr(event, name, ()) if isinstance(value, str))
    yield from (value for _, value in getattr(event, "kwargs", ()) if isinstance(value, str))


def mentions(file: File, function: Function) -> Mentions:
    """The index of a function, made when it is first asked for."""
    known = file.mentions.get(function.name)
    if known is None:
        known = file.mentions[function.name] = Mentions(function)
    return known
