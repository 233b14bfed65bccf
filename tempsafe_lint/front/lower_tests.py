"""Conditions: control flow inside of expressions, with what each edge assumes."""

from __future__ import annotations

from typing import Any

import libcst as cst

from tempsafe_lint.front.lower_text import Texts
from tempsafe_lint.front.tree import text_of
from tempsafe_lint.front.versions import by_version
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Block

_TYPE_CHECKING = ("TYPE_CHECKING", "typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING")


class Conditions(Texts):
    """Lowers tests, and expressions that branch."""

    def condition(self, node: Any, yes: Block, no: Block) -> None:
        """Evaluate as a test; ends dead, with edges to the blocks `yes` and `no`."""
        while type(node) is cst.UnaryOperation and type(node.operator) is cst.Not:
            node, yes, no = node.expression, no, yes
        if self.block is None:
            return
        kind = type(node)
        if kind is cst.BooleanOperation:
            self._shortcut(node, yes, no)
        elif kind is cst.Comparison:
            self._compared(node, yes, no)
        elif kind is cst.NamedExpr:
            self.fork(self.walrus(node), "truthy", None, yes, no, True)
        else:
            constant = self.truth(node)
            if constant is None:
                operand = self.value(node, "test")
                if isinstance(operand, ev.Const):
                    constant = bool(operand.value)
                else:
                    self.fork([operand], "truthy", None, yes, no, True)
            if constant is not None:
                self.jump(yes if constant else no)

    def truth(self, node: Any) -> bool | None:
        """What a test always gives, if that is known before it is evaluated."""
        name = text_of(node)
        return False if name and (self.names.dotted(node, self.scope) or name) in _TYPE_CHECKING else None

    def decided(self, node: Any) -> bool | None:
        """What a test gives under every Python 3, while the constants of the module are what they are in the file."""
        kind = type(node)
        if kind is cst.UnaryOperation and type(node.operator) is cst.Not:
            inner = self.decided(node.expression)
            return None if inner is None else not inner
        if kind is cst.BooleanOperation:
            settles = isinstance(node.operator, cst.Or)
            parts = [self.decided(part) for part in operands_of(node)]
            return settles if settles in parts else None if None in parts else not settles
        if kind is cst.Name and self.names.is_off(node.value, self.scope):
            return False
        return by_version(self.names, node, self.scope)

    def _shortcut(self, node: cst.BooleanOperation, yes: Block, no: Block) -> None:
        parts = operands_of(node)
        for part in parts[:-1]:
            following = self.new()
            if isinstance(node.operator, cst.And):
                self.condition(part, following, no)
            else:
                self.condition(part, yes, following)
            self.enter(following)
        self.condition(parts[-1], yes, no)

    def _compared(self, node: cst.Comparison, yes: Block, no: Block) -> None:
        left = self.walrus(node.left) if type(node.left) is cst.NamedExpr else (self.value(node.left, "compare"),)
        for target in node.comparisons:
            right = self.value(target.comparator, "compare")
            last = target is node.comparisons[-1]
            following = yes if last else self.new()
            self._link(target.operator, left, right, following, no)
            self.enter(following)
            left = (right,)
        self.block = None

    def _link(self, operator: Any, left: tuple[ev.Operand, ...], right: ev.Operand, yes: Block, no: Block) -> None:
        """One comparison of a chain."""
        equal = isinstance(operator, cst.Is | cst.Equal)
        if equal or isinstance(operator, cst.IsNot | cst.NotEqual):
            if _fixed(left[0]) and not _fixed(right):
                left, right = (right,), left[0]
            if isinstance(right, ev.Const) and right.value is None:
                self.fork(left, "is-none", None, yes, no, equal)
                return
            if _fixed(right):
                self.fork(left, "equals", right, yes, no, equal)
                return
        self.go(yes)
        self.jump(no)

    def _boolean(self, node: cst.BooleanOperation, how: str) -> ev.Operand:
        """`a or b` as a value: the operand where evaluation stopped."""
        result, end = self.temporary(), self.new()
        settles = isinstance(node.operator, cst.Or)
        parts = operands_of(node)
        for part in parts[:-1]:
            operand = self.value(part, how)
            self.emit(ev.Bind(self.site(part), result, operand))
            following = self.new()
            self.fork([operand], "truthy", None, end, following, settles)
            self.enter(following)
        self.emit(ev.Bind(self.site(parts[-1]), result, self.value(parts[-1], how)))
        self.jump(end)
        self.enter(end)
        return result

    def _comparison(self, node: cst.Comparison, how: str) -> ev.Operand:
        self.value(node.left, "compare")
        end = self.new() if len(node.comparisons) > 1 else None
        for target in node.comparisons[:-1]:
            self.value(target.comparator, "compare")
            following = self.new()
            if end is not None:
                self.go(end)
            self.jump(following)
            self.enter(following)
        self.value(node.comparisons[-1].comparator, "compare")
        if end is not None:
            self.jump(end)
            self.enter(end)
        return ev.VALUE

    def _conditional(self, node: cst.IfExp, how: str) -> ev.Operand:
        result, end = self.temporary(), self.new()
        while True:
            yes, no = self.new(), self.new()
            self.condition(node.test, yes, no)
            self.enter(yes)
            self._settle(node.body, how, result)
            self.jump(end)
            self.enter(no)
            if not isinstance(node.orelse, cst.IfExp):
                break
            node = node.orelse
        self._settle(node.orelse, how, result)
        self.jump(end)
        self.enter(end)
        return result

    def _settle(self, node: Any, how: str, result: ev.Place) -> None:
        if self.block is not None:
            self.emit(ev.Bind(self.site(node), result, self.value(node, how)))

    def _walrus(self, node: cst.NamedExpr, how: str) -> ev.Operand:
        return self.walrus(node)[0]

    def walrus(self, node: cst.NamedExpr) -> tuple[ev.Operand, ...]:
        """The operands that hold the value: a temporary and the variable, or the variable alone."""
        operand = self.value(node.value)
        self.assign(node.target, operand)
        place = self.reference(node.target.value, []) if isinstance(node.target, cst.Name) else operand
        return (operand, place) if isinstance(operand, str) and operand.startswith("%") else (place,)


def operands_of(node: cst.BooleanOperation) -> list[Any]:
    """`a`, `b`, `c` of `a and b and c`, however it nests (parentheses change nothing)."""
    kind = type(node.operator)
    out: list[Any] = []
    pending: list[Any] = [node]
    while pending:
        part = pending.pop()
        if type(part) is cst.BooleanOperation and type(part.operator) is kind:
            pending += [part.right, part.left]
        else:
            out.append(part)
    return out


def _fixed(operand: ev.Operand) -> bool:
    return isinstance(operand, ev.Const | ev.Dotted | ev.Flags)
