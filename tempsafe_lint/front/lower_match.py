"""`match`: patterns as tests on the subject, captures as bindings.

A capture is bound as soon as its part of the pattern has matched, also when the rest of the pattern fails later.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from tempsafe_lint.front.lower_places import key_of
from tempsafe_lint.front.lower_try import Guarded
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Block


class Matching(Guarded):
    """Lowers `match`."""

    def _match(self, node: cst.Match, row: int) -> None:
        after = self.new()
        subject = self.value(node.subject)
        if isinstance(subject, ev.Const):
            subject = self.copied(node.subject, subject)
        for i, case in enumerate(node.cases):
            self.statement = row
            matched, following = self.new(), self.new()
            self._pattern(case.pattern, subject, matched, following)
            self.enter(matched)
            if case.guard is not None:
                body = self.new()
                self.condition(case.guard, body, following)
                self.enter(body)
            self.suite(case.body, f"case{i}", row)
            self.jump(after)
            self.enter(following)
        self.jump(after)
        self.enter(after)

    def _pattern(self, node: Any, subject: ev.Operand, yes: Block, no: Block) -> None:
        """Ends dead, with edges to `yes` and, if the pattern can fail, to `no`."""
        if self.block is None:
            return
        if isinstance(node, cst.MatchAs):
            self._capture(node, subject, yes, no)
        elif isinstance(node, cst.MatchOr):
            for alternative in node.patterns[:-1]:
                following = self.new()
                self._pattern(alternative.pattern, subject, yes, following)
                self.enter(following)
            self._pattern(node.patterns[-1].pattern, subject, yes, no)
        elif isinstance(node, cst.MatchValue | cst.MatchSingleton):
            value = self.value(node.value, "compare")
            if isinstance(value, ev.Const) and value.value is None:
                self.fork([subject], "is-none", None, yes, no, True)
            else:
                self.fork([subject], "equals", value, yes, no, True)
        else:
            self._parts(node, subject, yes, no)

    def _capture(self, node: cst.MatchAs, subject: ev.Operand, yes: Block, no: Block) -> None:
        if node.pattern is not None:
            inner = self.new()
            self._pattern(node.pattern, subject, inner, no)
            self.enter(inner)
        if node.name is not None:
            self.assign(node.name, subject)
        self.jump(yes)

    def _parts(self, node: Any, subject: ev.Operand, yes: Block, no: Block) -> None:
        """A sequence, a mapping or a class: its shape may fail, then each of its parts."""
        if isinstance(node, cst.MatchClass):
            self.value(node.cls, "compare")
        inside = self.new()
        self.go(no)
        self.jump(inside)
        self.enter(inside)
        if isinstance(node, cst.MatchList | cst.MatchTuple):
            self._sequence(node, subject, no)
        elif isinstance(node, cst.MatchMapping):
            for element in node.elements:
                self._part(element.pattern, subject, key_of(self.value(element.key)), no)
            if node.rest is not None:
                self.unpack(node.rest, subject, None)
        elif isinstance(node, cst.MatchClass):
            for positional in node.patterns:
                self._part(positional.value, subject, None, no)
            for keyword in node.kwds:
                base = self.addressable(node, subject)
                self._test(keyword.pattern, f"{base}.{keyword.key.value}", no)
        self.jump(yes)

    def _sequence(self, node: Any, subject: ev.Operand, no: Block) -> None:
        items = node.patterns
        starred = next((i for i, item in enumerate(items) if isinstance(item, cst.MatchStar)), len(items))
        for i, item in enumerate(items):
            if isinstance(item, cst.MatchStar):
                if item.name is not None:
                    self.unpack(item.name, subject, None)
            else:
                self._part(item.value, subject, i if i < starred else i - len(items), no)

    def _part(self, pattern: Any, subject: ev.Operand, index: int | str | None, no: Block) -> None:
        """Match one element of the subject; goes on where it matched."""
        plain = isinstance(pattern, cst.MatchAs) and pattern.pattern is None
        if plain and pattern.name is None:
            return
        if plain:
            self.unpack(pattern.name, subject, index)
            return
        place = self.temporary()
        self.emit(ev.Unpack(self.site(pattern), place, subject, index))
        self._test(pattern, place, no)

    def _test(self, pattern: Any, subject: ev.Operand, no: Block) -> None:
        following = self.new()
        self._pattern(pattern, subject, following, no)
        self.enter(following)
