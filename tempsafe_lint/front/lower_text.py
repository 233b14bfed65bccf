"""Text and arithmetic: literals, f-strings, `%`, `.format(...)`, `+`, `/`, flags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from tempsafe_lint.front.lower_places import Places
from tempsafe_lint.front.strings import formatted, literal, merged, percent, unescaped
from tempsafe_lint.ir import events as ev

_MAX_BITS = 256

_FOLD: dict[type, Callable[[int, int], int]] = {
    cst.Add: lambda a, b: a + b,
    cst.Subtract: lambda a, b: a - b,
    cst.Multiply: lambda a, b: a * b,
    cst.BitOr: lambda a, b: a | b,
    cst.BitAnd: lambda a, b: a & b,
    cst.BitXor: lambda a, b: a ^ b,
    cst.LeftShift: lambda a, b: a << b if 0 <= b < _MAX_BITS else 0,
}
_SPELLED: dict[type, str] = {cst.Add: "+", cst.Divide: "/", cst.Modulo: "%"}


class Texts(Places):
    """Lowers what makes text, and operators."""

    def _constant(self, node: Any, how: str) -> ev.Operand:
        if type(node) is cst.Ellipsis:
            return ev.Const(...)
        try:
            return ev.Const(int(node.value, 0) if isinstance(node, cst.Integer) else node.evaluated_value)
        except (SyntaxError, ValueError):
            return ev.VALUE

    def _string(self, node: cst.SimpleString, how: str) -> ev.Operand:
        return ev.Const(literal(node.value))

    def _text(self, node: Any, how: str) -> ev.Operand:
        """Adjacent literals and f-strings."""
        parts = merged(self._text_parts(node))
        if all(isinstance(part, ev.Const) for part in parts) and len(parts) < 2:
            return parts[0] if parts else ev.Const("")
        return self.text(node, parts, "f")

    def _text_parts(self, node: Any) -> list[ev.Operand]:
        parts: list[ev.Operand] = []
        while isinstance(node, cst.ConcatenatedString):  # it nests to the right
            parts += self._text_parts(node.left)
            node = node.right
        if isinstance(node, cst.SimpleString):
            parts.append(ev.Const(literal(node.value)))
            return parts
        raw = "r" in node.start.lower()
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText | cst.TemplatedStringText):
                text = part.value.replace("{{", "{").replace("}}", "}")
                parts.append(ev.Const(unescaped(text, raw)))
            else:
                parts.append(self._field(part))
        return parts

    def _template(self, node: cst.TemplatedString, how: str) -> ev.Operand:
        """A template is no text: it holds what stands in it."""
        fields = [self._field(part) for part in node.parts if isinstance(part, cst.TemplatedStringExpression)]
        place = self.temporary()
        self.emit(ev.Pack(self.site(node), place, tuple(fields), (None,) * len(fields), "template"))
        return place

    def _field(self, part: Any) -> ev.Operand:
        value = self.value(part.expression, "format")
        for inner in part.format_spec or ():
            if not isinstance(inner, cst.FormattedStringText | cst.TemplatedStringText):
                self._field(inner)
        if isinstance(value, ev.Const) and not isinstance(value.value, str):
            return ev.Const(str(value.value))
        return value

    def text(self, node: Any, parts: list[ev.Operand], how: str) -> ev.Operand:
        place = self.temporary()
        self.emit(ev.Text(self.site(node), place, tuple(parts), how))
        return place

    def _binary(self, node: cst.BinaryOperation, how: str) -> ev.Operand:
        kind = type(node.operator)
        if kind is cst.Modulo:
            return self._modulo(node)
        if kind is cst.Add or kind is cst.Divide:
            return self._joined(node, kind)
        left, right = self.value(node.left), self.value(node.right)
        return self.combined(node, kind, left, right)

    def _joined(self, node: Any, kind: type) -> ev.Operand:
        """`a + b + c`, `a / b / c`: one text of all the parts."""
        nodes: list[Any] = []
        left: Any = node
        while isinstance(left, cst.BinaryOperation) and type(left.operator) is kind:
            nodes.append(left.right)
            left = left.left
        nodes.append(left)
        parts = [self.value(part) for part in reversed(nodes)]
        return self.joined(node, kind, parts)

    def joined(self, node: Any, kind: type, parts: list[ev.Operand]) -> ev.Operand:
        numbers = [part.value for part in parts if isinstance(part, ev.Const) and isinstance(part.value, int | float)]
        if len(numbers) == len(parts):
            return ev.Const(sum(numbers)) if kind is cst.Add else ev.VALUE
        if kind is cst.Add:
            parts = merged(parts)
            if len(parts) < 2 and isinstance(parts[0] if parts else ev.Const(""), ev.Const):
                return parts[0] if parts else ev.Const("")
        return self.text(node, parts, _SPELLED[kind])

    def combined(self, node: Any, kind: type, left: ev.Operand, right: ev.Operand) -> ev.Operand:
        """The result of an operator that makes no text."""
        if isinstance(left, ev.Const) and isinstance(right, ev.Const):
            a, b = left.value, right.value
            fold = _FOLD.get(kind)
            if fold is not None and isinstance(a, int) and isinstance(b, int) and _small(a) and _small(b):
                return ev.Const(fold(a, b))
        if kind is cst.BitOr:
            flags = _flags(left, right)
            return flags if flags is not None else self.pack(node, [left, right], [None, None], "|")
        return ev.VALUE

    def _modulo(self, node: cst.BinaryOperation) -> ev.Operand:
        left = self.value(node.left)
        right = node.right
        if not isinstance(left, ev.Const):
            if isinstance(right, cst.Tuple):
                return self.text(node, [left, *(self.value(item.value, "format") for item in right.elements)], "%")
            return self.text(node, [left, self.value(right, "format")], "%")
        if not isinstance(left.value, str | bytes):
            self.value(right)
            return ev.VALUE
        positional: list[ev.Operand] | None = None
        named: dict[object, ev.Operand] = {}
        whole: ev.Operand = ev.VALUE
        if isinstance(right, cst.Tuple) and not any(isinstance(e, cst.StarredElement) for e in right.elements):
            positional = [self.value(element.value, "format") for element in right.elements]
        elif isinstance(right, cst.Dict):
            for element in right.elements:
                key = self.value(element.key) if isinstance(element, cst.DictElement) else None
                value = self.value(element.value, "format")
                if isinstance(key, ev.Const):
                    named[key.value] = value
                else:
                    whole = value
        else:
            whole = self.value(right, "format")
        return self.text(node, percent(left.value, positional, named, whole), "%")

    def _format(self, node: cst.Call, receiver: ev.Operand) -> ev.Operand:
        if isinstance(receiver, str) and not receiver.startswith(("%", "@")) and isinstance(node.func, cst.Attribute):
            self.emit(ev.Load(self.site(node.func.value), receiver, "format"))
        positional: list[ev.Operand] = []
        named: dict[str, ev.Operand] = {}
        starred: list[ev.Operand] = []
        for arg in node.args:
            operand = self.value(arg.value, "format")
            if arg.keyword is not None:
                named[arg.keyword.value] = operand
            else:
                (starred if arg.star or starred else positional).append(operand)
        if isinstance(receiver, ev.Const) and isinstance(receiver.value, str):
            parts = formatted(receiver.value, positional, named, starred)
            if len(parts) < 2 and all(isinstance(part, ev.Const) for part in parts):
                return parts[0] if parts else ev.Const("")
        else:
            parts = [receiver, *positional, *named.values(), *starred]
        return self.text(node, parts, "format")

    def _unary(self, node: cst.UnaryOperation, how: str) -> ev.Operand:
        if isinstance(node.operator, cst.Not):
            self.value(node.expression, "test")
            return ev.VALUE
        operand = self.value(node.expression)
        if isinstance(operand, ev.Const) and isinstance(operand.value, int | float):
            number = operand.value
            if isinstance(node.operator, cst.Minus):
                return ev.Const(-number)
            if isinstance(node.operator, cst.BitInvert) and isinstance(number, int):
                return ev.Const(~number)
            return operand
        return ev.VALUE


def _small(number: int) -> bool:
    return number.bit_length() <= _MAX_BITS


def _flags(left: ev.Operand, right: ev.Operand) -> ev.Flags | None:
    """Names and numbers joined by `|`; None if one of them is something else."""
    names: set[str] = set()
    bits = 0
    for operand in (left, right):
        if isinstance(operand, ev.Flags):
            names |= operand.names
            bits |= operand.bits
        elif isinstance(operand, ev.Dotted):
            names.add(operand.name)
        elif isinstance(operand, ev.Const) and isinstance(operand.value, int):
            bits |= operand.value
        else:
            return None
    return ev.Flags(frozenset(names), bits)
