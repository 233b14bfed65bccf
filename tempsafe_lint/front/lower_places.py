"""Names as places, and the targets of assignments."""

from __future__ import annotations

from typing import Any

import libcst as cst

from tempsafe_lint.front.build import Builder
from tempsafe_lint.front.scopes import Scope
from tempsafe_lint.front.tree import chain
from tempsafe_lint.ir import events as ev

_CONSTANTS = {"None": ev.Const(None), "True": ev.Const(True), "False": ev.Const(False)}


class Places(Builder):
    """Lowers mentions of names, and what is assigned to."""

    def value(self, node: Any, how: str = "use") -> ev.Operand:
        """Evaluate; `how` says what happens to the value if it is a mention (see Load)."""
        raise NotImplementedError

    # Names and chains

    def place(self, name: str) -> ev.Place:
        """The place of a variable as seen from here."""
        owner = self.names.owner(name, self.scope)
        if owner is None:
            return name
        if owner.kind == "comp":
            return self.private.get((id(owner), name), name)
        return self.class_prefix(owner) + name

    def class_prefix(self, scope: Scope | None) -> str:
        """`C.` for names bound in the body of class C (`C.D.` for one inside of it)."""
        prefix = ""
        while scope is not None and scope.kind == "class" and isinstance(scope.node, cst.ClassDef):
            prefix = f"{scope.node.name.value}.{prefix}"
            scope = scope.parent
        return prefix

    def reference(self, name: str, attributes: list[str]) -> ev.Operand:
        """What `name.attributes` stands for; no event."""
        if not attributes and name in _CONSTANTS:
            return _CONSTANTS[name]
        dotted = self.names.attributes(name, attributes, self.scope)
        if dotted is not None:
            return ev.Dotted(dotted)
        return ".".join([self.place(name), *attributes]) if attributes else self.place(name)

    def mention(self, node: Any, how: str) -> ev.Operand:
        """`a` or `a.b.c` as a value."""
        found = (node, []) if type(node) is cst.Name else chain(node)
        if found is None:
            base = self.addressable(node.value, self.value(node.value))
            operand: ev.Operand = f"{base}.{node.attr.value}" if base != ev.VALUE else ev.VALUE
        else:
            operand = self.reference(found[0].value, found[1])
        if not isinstance(operand, ev.Const) and operand != ev.VALUE:
            self.emit(ev.Load(self.site(node), operand, how))
        return operand

    def addressable(self, node: Any, operand: ev.Operand) -> ev.Place:
        """A place for the operand."""
        return operand if isinstance(operand, str) else self.copied(node, operand)

    def copied(self, node: Any, operand: ev.Operand) -> ev.Place:
        """A temporary that holds the operand."""
        place = self.temporary()
        self.emit(ev.Bind(self.site(node), place, operand))
        return place

    def rebound(self, operand: ev.Operand, target: Any) -> bool:
        """Whether assigning to the target gives the variable of the operand another value."""
        if not isinstance(operand, str):
            return False
        root = operand.partition(".")[0]
        pending = [target]
        while pending:
            node = pending.pop()
            if isinstance(node, cst.Tuple | cst.List):
                pending.extend(element.value for element in node.elements)
            elif isinstance(node, cst.Name) and self.variable(node.value) == root:
                return True
        return False

    def base(self, node: Any) -> ev.Operand:
        """The object of a method call or a store: not a mention of its own if it is a plain chain."""
        found = chain(node)
        return self.reference(found[0].value, found[1]) if found else self.value(node)

    def pack(self, node: Any, items: list[ev.Operand], keys: list[int | str | None], kind: str) -> ev.Place:
        place = self.temporary()
        self.emit(ev.Pack(self.site(node), place, tuple(items), tuple(keys), kind))
        return place

    # Assignment targets

    def element(self, target: Any, source: ev.Operand) -> None:
        """The target of a loop over `source`."""
        self.unpack(target, source, None)

    def unpack(self, target: Any, source: ev.Operand, index: int | str | None) -> None:
        """`target = source[index]`."""
        place = self.variable(target.value) if isinstance(target, cst.Name) else None
        plain = place is not None
        dst = place if place is not None else self.temporary()
        self.emit(ev.Unpack(self.site(target), dst, source, index))
        if not plain:
            self.assign(target, dst)

    def variable(self, name: str) -> ev.Place | None:
        """The place that a plain name binds; None if it was declared global or nonlocal."""
        scope = self.scope
        if scope.kind == "comp":
            if name in scope.bindings:
                return self.private[id(scope), name]
            scope = scope.body
        if name in scope.declared and scope.kind != "module":
            return None
        return self.class_prefix(scope) + name

    def assign(self, target: Any, source: ev.Operand, value: Any = None) -> None:
        """`target = source`; the event stands at the `value` that is written there, if there is one."""
        site = self.site(value if value is not None else target)
        if isinstance(target, cst.Name):
            place = self.variable(target.value)
            if place is None:
                how = self.scope.body.declared[target.value]
                self.emit(ev.Store(site, how, None, target.value, source))
            else:
                self.emit(ev.Bind(site, place, source))
        elif isinstance(target, cst.Attribute):
            self.emit(ev.Store(site, "attr", self.base(target.value), target.attr.value, source))
        elif isinstance(target, cst.Subscript):
            base = self.base(target.value)
            self.emit(ev.Store(site, "item", base, self.index(target), source))
        elif isinstance(target, cst.Tuple | cst.List):
            self._assign_all(target.elements, source)
        elif isinstance(target, cst.StarredElement):
            self.assign(target.value, source)

    def _assign_all(self, elements: Any, source: ev.Operand) -> None:
        starred = next((i for i, e in enumerate(elements) if isinstance(e, cst.StarredElement)), len(elements))
        for i, element in enumerate(elements):
            index = None if i == starred else i if i < starred else i - len(elements)
            self.unpack(element.value, source, index)

    def index(self, node: cst.Subscript) -> int | str | None:
        """Evaluate what stands in the brackets; a constant int or str is the key."""
        key: ev.Operand | None = None
        for element in node.slice:
            inner = element.slice
            if isinstance(inner, cst.Index):
                key = self.value(inner.value)
            elif isinstance(inner, cst.Slice):
                for part in (inner.lower, inner.upper, inner.step):
                    if part is not None:
                        self.value(part)
        single = len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index)
        return key_of(key) if single else None


def width(node: cst.Subscript) -> int | None:
    """How many elements a slice keeps at most: `x[:8]`, `x[-8:]`, `x[2:10]`; None where its bounds do not say so."""
    part = node.slice[0].slice
    if len(node.slice) != 1 or not isinstance(part, cst.Slice) or part.step is not None:
        return None
    first, last = _bound(part.lower, 0), _bound(part.upper, 0)
    if first is None or last is None:
        return None
    if part.upper is None:
        return -first if first < 0 else None
    return last - first if (first < 0) == (last < 0) and last > first else None


def _bound(node: cst.BaseExpression | None, default: int) -> int | None:
    """A bound of a slice that is a number or is left out."""
    if node is None:
        return default
    sign = 1
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        sign, node = -1, node.expression
    return sign * int(node.value, 0) if isinstance(node, cst.Integer) else None


def key_of(operand: ev.Operand | None) -> int | str | None:
    """A constant that can be a key of an unpacking or a store."""
    if isinstance(operand, ev.Const) and isinstance(operand.value, int | str) and not isinstance(operand.value, bool):
        return operand.value
    return None
