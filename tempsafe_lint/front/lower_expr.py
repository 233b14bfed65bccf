"""Expressions: events in the order of evaluation, and the operand that stands for the result.

Limits: an operand that is a variable is read where its event stands, so `f(x, (x := 2))` sees the new `x`; arithmetic
and comparisons give `VALUE`, a value that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from tempsafe_lint.front.build import Builder
from tempsafe_lint.front.scopes import COMPREHENSIONS, Scope, all_parameters, chain
from tempsafe_lint.front.strings import formatted, literal, merged, percent, unescaped
from tempsafe_lint.ir import events as ev

_CONSTANTS = {"None": ev.Const(None), "True": ev.Const(True), "False": ev.Const(False)}
_TYPE_CHECKING = ("typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING")
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


class Expressions(Builder):
    """Lowers expressions, conditions and assignment targets."""

    def value(self, node: Any, how: str = "use") -> ev.Operand:
        """Evaluate; `how` says what happens to the value if it is a mention (see Load)."""
        handler = _VALUES.get(type(node))
        return handler(self, node, how) if handler is not None else ev.VALUE

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
        return ev.Dotted(dotted) if dotted is not None else ".".join([self.place(name), *attributes])

    def mention(self, node: Any, how: str) -> ev.Operand:
        """`a` or `a.b.c` as a value."""
        found = chain(node)
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
        if isinstance(operand, str):
            return operand
        place = self.temporary()
        self.emit(ev.Bind(self.site(node), place, operand))
        return place

    def base(self, node: Any) -> ev.Operand:
        """The object of a method call or a store: not a mention of its own if it is a plain chain."""
        found = chain(node)
        return self.reference(found[0].value, found[1]) if found else self.value(node)

    # Literals

    def _constant(self, node: Any, how: str) -> ev.Operand:
        if isinstance(node, cst.Ellipsis):
            return ev.Const(...)
        try:
            return ev.Const(node.evaluated_value)
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
        if isinstance(node, cst.SimpleString):
            return [ev.Const(literal(node.value))]
        if isinstance(node, cst.ConcatenatedString):
            return [*self._text_parts(node.left), *self._text_parts(node.right)]
        raw = "r" in node.start.lower()
        parts: list[ev.Operand] = []
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText | cst.TemplatedStringText):
                text = part.value.replace("{{", "{").replace("}}", "}")
                parts.append(ev.Const(unescaped(text, raw)))
            else:
                parts.append(self._field(part))
        return parts

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

    def _display(self, node: Any, how: str) -> ev.Operand:
        """Tuple, list, set."""
        items: list[ev.Operand] = []
        keys: list[int | str | None] = []
        ordered = True
        for element in node.elements:
            items.append(self.value(element.value))
            ordered = ordered and not isinstance(element, cst.StarredElement)
            keys.append(len(keys) if ordered else None)
        kind = type(node).__name__.lower()
        return self.pack(node, items, keys if kind != "set" else [None] * len(items), kind)

    def pack(self, node: Any, items: list[ev.Operand], keys: list[int | str | None], kind: str) -> ev.Place:
        place = self.temporary()
        self.emit(ev.Pack(self.site(node), place, tuple(items), tuple(keys), kind))
        return place

    def _dict(self, node: cst.Dict, how: str) -> ev.Operand:
        items: list[ev.Operand] = []
        keys: list[int | str | None] = []
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                keys.append(key_of(self.value(element.key)))
            else:
                keys.append(None)
            items.append(self.value(element.value))
        return self.pack(node, items, keys, "dict")

    # Operators

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

    def _await(self, node: cst.Await, how: str) -> ev.Operand:
        """What is awaited stands for its own result."""
        if isinstance(node.expression, cst.Call):
            return self.call(node.expression, awaited=True)
        return self.value(node.expression, how)

    def _yield(self, node: cst.Yield, how: str) -> ev.Operand:
        whole = isinstance(node.value, cst.From)
        source = node.value.item if isinstance(node.value, cst.From) else node.value
        operand = self.value(source, "iterate" if whole else "use") if source is not None else None
        place = self.temporary()
        self.emit(ev.Yield(self.site(node), place, operand, whole))
        return place

    def _star(self, node: cst.StarredElement, how: str) -> ev.Operand:
        return self.value(node.value, how)

    # Calls and subscripts

    def _call(self, node: cst.Call, how: str) -> ev.Operand:
        return self.call(node)

    def call(self, node: cst.Call, awaited: bool = False) -> ev.Operand:
        func = node.func
        receiver: ev.Operand | None = None
        method: str | None = None
        target: ev.Operand
        found = chain(func)
        if found is not None:
            target = self.reference(found[0].value, found[1])
            if not isinstance(target, ev.Dotted) and found[1]:
                receiver, method = self.reference(found[0].value, found[1][:-1]), found[1][-1]
        elif isinstance(func, cst.Attribute):
            receiver, method = self.value(func.value), func.attr.value
            target = self._method(receiver, method)
        else:
            target = self.value(func)
        if method == "format" and receiver is not None:
            return self._format(node, receiver)
        return self._invoke(node, target, receiver, method, awaited)

    def _method(self, receiver: ev.Operand, method: str) -> ev.Operand:
        if isinstance(receiver, ev.Const):
            return ev.Dotted(f"builtins.{type(receiver.value).__name__}.{method}")
        return f"{receiver}.{method}" if isinstance(receiver, str) and receiver != ev.VALUE else ev.VALUE

    def _invoke(
        self, node: cst.Call, target: ev.Operand, receiver: ev.Operand | None, method: str | None, awaited: bool
    ) -> ev.Operand:
        args: list[ev.Operand] = []
        kwargs: list[tuple[str, ev.Operand]] = []
        starred: list[ev.Operand] = []
        arg_sites, kwarg_sites = [], []
        star = False
        for arg in node.args:
            operand = self.value(arg.value)
            star = star or arg.star == "*"
            if arg.keyword is not None:
                kwargs.append((arg.keyword.value, operand))
                kwarg_sites.append(self.site(arg.value))
            elif arg.star or star:
                starred.append(operand)
            else:
                args.append(operand)
                arg_sites.append(self.site(arg.value))
        place = self.temporary()
        event = ev.Call(self.site(node), place, target.name if isinstance(target, ev.Dotted) else None, target)
        event.receiver, event.method = receiver, method
        event.args, event.kwargs, event.starred = tuple(args), tuple(kwargs), tuple(starred)
        event.arg_sites, event.kwarg_sites = tuple(arg_sites), tuple(kwarg_sites)
        event.star, event.awaited = star, awaited
        event.callee_site = self.site(node.func)
        self.emit(event)
        return place

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

    def _subscript(self, node: cst.Subscript, how: str) -> ev.Operand:
        base = self.value(node.value)
        index = self.index(node)
        place = self.temporary()
        self.emit(ev.Unpack(self.site(node), place, base, index))
        return place

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

    # Lambdas and comprehensions

    def _lambda(self, node: cst.Lambda, how: str) -> ev.Operand:
        self.defaults(node.params)
        place = self.temporary()
        scope = self.survey.scopes[id(node)]
        self.emit(ev.Capture(self.site(node), place, scope.name, self.captured(scope)))
        return place

    def defaults(self, params: cst.Parameters) -> None:
        """Defaults of parameters are evaluated where the function is made."""
        for param in all_parameters(params):
            if param.default is not None:
                self.value(param.default)

    def captured(self, scope: Scope) -> tuple[ev.Place, ...]:
        """Variables of this function that the code in `scope` mentions."""
        found: dict[str, None] = {}
        pending = [scope]
        while pending:
            inner = pending.pop()
            pending.extend(inner.children)
            for name in (*inner.reads, *inner.declared):
                owner = self.names.owner(name, inner)
                if owner is None or owner.kind == "module" or not self._encloses(owner, scope):
                    continue
                if self.names.name(name, inner) is None:
                    found[self.place(name)] = None
        return tuple(sorted(found))

    def _encloses(self, owner: Scope, scope: Scope) -> bool:
        at = scope.parent
        while at is not None:
            if at is owner:
                return True
            at = at.parent
        return False

    def _comprehension(self, node: Any, how: str) -> ev.Operand:
        """A loop that fills a container (a generator is run where it stands)."""
        kind = {"ListComp": "list", "SetComp": "set", "GeneratorExp": "generator"}.get(type(node).__name__, "dict")
        outer, inner = self.scope, self.survey.scopes[id(node)]
        first = self.value(node.for_in.iter, "iterate")
        result = self.pack(node, [], [], kind)
        number = len(self.private_names) + 1
        for name in inner.bindings:
            self.private[id(inner), name] = f"{name}@{number}"
        self.private_names.update(f"{name}@{number}" for name in inner.bindings)
        self.scope = inner
        after = self.new()
        self._nest(node, node.for_in, first, result, after)
        self.scope = outer
        self.enter(after)
        return result

    def _nest(self, node: Any, level: cst.CompFor, source: ev.Operand, result: ev.Place, after: Any) -> None:
        """One `for` of a comprehension with its conditions and what stands inside of it; ends dead."""
        body, again = self.new(), self.new()
        self.fork([source], "nonempty", None, body, after, True)
        self.enter(body)
        self.element(level.target, source)
        for test in level.ifs:
            passed = self.new()
            self.condition(test.test, passed, again)
            self.enter(passed)
        if level.inner_for_in is not None:
            self._nest(node, level.inner_for_in, self.value(level.inner_for_in.iter, "iterate"), result, again)
        else:
            self._collect(node, result)
            self.jump(again)
        self.enter(again)
        self.go(body)
        self.jump(after)

    def _collect(self, node: Any, result: ev.Place) -> None:
        key: int | str | None = None
        if isinstance(node, cst.DictComp):
            key = key_of(self.value(node.key))
            operand = self.value(node.value)
        else:
            part = node.elt if hasattr(node, "elt") else node.value
            operand = self.value(part)
        self.emit(ev.Store(self.site(node), "item", result, key, operand))

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

    # Conditions

    def condition(self, node: Any, yes: Any, no: Any) -> None:
        """Evaluate as a test; ends dead, with edges to the blocks `yes` and `no`."""
        while isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
            node, yes, no = node.expression, no, yes
        if self.block is None:
            return
        if isinstance(node, cst.BooleanOperation):
            self._shortcut(node, yes, no)
        elif isinstance(node, cst.Comparison):
            self._compared(node, yes, no)
        elif isinstance(node, cst.NamedExpr):
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
        if isinstance(node, cst.Name | cst.Attribute):
            name = self.names.dotted(node, self.scope)
            if name in _TYPE_CHECKING or (name is None and isinstance(node, cst.Name) and node.value == "TYPE_CHECKING"):
                return False
        return None

    def _shortcut(self, node: cst.BooleanOperation, yes: Any, no: Any) -> None:
        parts = operands_of(node)
        for part in parts[:-1]:
            following = self.new()
            if isinstance(node.operator, cst.And):
                self.condition(part, following, no)
            else:
                self.condition(part, yes, following)
            self.enter(following)
        self.condition(parts[-1], yes, no)

    def _compared(self, node: cst.Comparison, yes: Any, no: Any) -> None:
        left = self.walrus(node.left) if isinstance(node.left, cst.NamedExpr) else (self.value(node.left, "compare"),)
        for target in node.comparisons:
            right = self.value(target.comparator, "compare")
            last = target is node.comparisons[-1]
            following = yes if last else self.new()
            self._link(target.operator, left, right, following, no)
            self.enter(following)
            left = (right,)
        self.block = None

    def _link(self, operator: Any, left: tuple[ev.Operand, ...], right: ev.Operand, yes: Any, no: Any) -> None:
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


def operands_of(node: cst.BooleanOperation) -> list[Any]:
    """`a`, `b`, `c` of `a and b and c`, however it nests (parentheses change nothing)."""
    kind = type(node.operator)
    out: list[Any] = []
    pending: list[Any] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, cst.BooleanOperation) and type(part.operator) is kind:
            pending += [part.right, part.left]
        else:
            out.append(part)
    return out


def key_of(operand: ev.Operand | None) -> int | str | None:
    """A constant that can be a key of an unpacking or a store."""
    if isinstance(operand, ev.Const) and isinstance(operand.value, int | str) and not isinstance(operand.value, bool):
        return operand.value
    return None


def _fixed(operand: ev.Operand) -> bool:
    return isinstance(operand, ev.Const | ev.Dotted | ev.Flags)


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


_Value = Callable[[Expressions, Any, str], ev.Operand]
_VALUES: dict[type, _Value] = {
    cst.Name: Expressions.mention,
    cst.Attribute: Expressions.mention,
    cst.Integer: Expressions._constant,
    cst.Float: Expressions._constant,
    cst.Imaginary: Expressions._constant,
    cst.Ellipsis: Expressions._constant,
    cst.SimpleString: Expressions._string,
    cst.ConcatenatedString: Expressions._text,
    cst.FormattedString: Expressions._text,
    cst.TemplatedString: Expressions._text,
    cst.Tuple: Expressions._display,
    cst.List: Expressions._display,
    cst.Set: Expressions._display,
    cst.Dict: Expressions._dict,
    cst.BinaryOperation: Expressions._binary,
    cst.UnaryOperation: Expressions._unary,
    cst.BooleanOperation: Expressions._boolean,
    cst.Comparison: Expressions._comparison,
    cst.IfExp: Expressions._conditional,
    cst.NamedExpr: Expressions._walrus,
    cst.Await: Expressions._await,
    cst.Yield: Expressions._yield,
    cst.StarredElement: Expressions._star,
    cst.Call: Expressions._call,
    cst.Subscript: Expressions._subscript,
    cst.Lambda: Expressions._lambda,
    **dict.fromkeys(COMPREHENSIONS, Expressions._comprehension),
}
