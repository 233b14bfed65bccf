"""Scratch files in the current directory: a fixed temp name that a file makes and removes again.

What counts as such a name is data (policy.toml, scratch). Only whole constants without a directory count, and only
where the same file removes the same name. Silent where the file changes its directory: it may be in one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from tempsafe_lint.flow.observations import CwdTemp, Place
from tempsafe_lint.flow.provenance import constant
from tempsafe_lint.flow.words import last_name
from tempsafe_lint.ir import events as ev
from tempsafe_lint.source import Site

if TYPE_CHECKING:
    from tempsafe_lint.flow.calls import Argument
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer

_MAKING = ("create", "write")


@dataclass(slots=True)
class Scratch:
    """What one file makes and removes under a temp name, by name; `moved`: it changes its directory."""

    made: dict[str, dict[Site, tuple[str, CwdTemp]]] = field(default_factory=dict)
    removed: dict[str, Site] = field(default_factory=dict)
    moved: bool = False

    def note(self, t: Transfer, state: State, arg: Argument, sink: str | None, does: str, at: Place) -> None:
        """A path meets a call."""
        if sink not in _MAKING and does != "deletes":
            return
        for text in t.texts.of(state, arg.operand, arg.site):
            name = constant(text)
            if name is None or not _pattern(t.file.policies.scratch).match(name):
                continue
            if does == "deletes":
                self.removed.setdefault(name, at.site)
            else:
                found = CwdTemp(text, sink or "", at, at.site)
                self.made.setdefault(name, {}).setdefault(text.site, (t.function.name, found))

    def call(self, file: File, event: ev.Call) -> None:
        """Any call: does it change the directory?"""
        self.moved = self.moved or last_name(event) in _last_parts(file.policies.proof["changes-directory"])

    def found(self) -> Iterator[tuple[str, CwdTemp]]:
        """Each place where a name is made that the file removes too, and the function it is in."""
        if self.moved:
            return
        for name in sorted(self.made.keys() & self.removed.keys()):
            for unit, seen in self.made[name].values():
                yield unit, CwdTemp(seen.text, seen.sink, seen.at, self.removed[name])


@lru_cache(maxsize=4)
def _last_parts(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in names)


@lru_cache(maxsize=4)
def _pattern(starts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(map(re.escape, starts))})(?:[._-][^/\\]*)?\Z")
