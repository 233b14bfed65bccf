"""Where the events of a function mention each place: found once, so that a look at one place is no walk over all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.sharing import locate
from tempsafe_lint.ir import events as ev
from tempsafe_lint.records import fields

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.source import Site


_READ = ("src", "base", "manager", "receiver", "func")
_FIELDS = (*_READ, "dst", "key", "place")
_SEVERAL = ("args", "starred", "items", "parts", "places")
#: Those of them that a kind of event has, filled as they are met.
_OF: dict[type, tuple[list[str], list[str]]] = {}


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
        return {locate(place)[2] for place in _places(event)}
    return {part for place in _places(event, written=False) for part in place.split("[")[0].split(".")}


def _places(event: ev.Event, *, written: bool = True) -> list[str]:
    """Every place that an event may mention; names of functions and keywords among them do no harm."""
    single, several = _fields(type(event))
    found = [getattr(event, name) for name in single if written or name in _READ]
    for name in several:
        found.extend(getattr(event, name))
    if isinstance(event, ev.Call):
        found.extend([value for _, value in event.kwargs])
    elif isinstance(event, ev.Capture):
        found.extend([value for _, value, _ in event.defaults if isinstance(value, str) and value[:1] != "%"])
    return [value for value in found if isinstance(value, str)]


def _fields(kind: type) -> tuple[list[str], list[str]]:
    """The fields of a kind of event that hold one operand, and those that hold several."""
    found = _OF.get(kind)
    if found is None:
        names = {one.name for one in fields(kind)}
        found = [name for name in _FIELDS if name in names], [name for name in _SEVERAL if name in names]
        _OF[kind] = found
    return found


def mentions(file: File, function: Function) -> Mentions:
    """The index of a function, made when it is first asked for."""
    known = file.mentions.get(function.name)
    if known is None:
        known = file.mentions[function.name] = Mentions(function)
    return known
