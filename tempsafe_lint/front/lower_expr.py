"""Expressions: events in the order of evaluation, and the operand that stands for the result.

Limits: an operand that is a variable is read where its event stands, so `f(x, (x := 2))` sees the new `x`; arithmetic
and comparisons give `VALUE`, a value that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from tempsafe_lint.front.lower_places import key_of, width
from tempsafe_lint.front.lower_tests import Conditions
from tempsafe_lint.front.scopes import Scope
from tempsafe_lint.front.tree import COMPREHENSIONS, all_parameters, chain
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Block
from tempsafe_lint.source import Site


class Expressions(Conditions):
    """Lowers expressions by the type of their node."""

    def value(self, node: Any, how: str = "use") -> ev.Operand:
        """Evaluate; `how` says what happens to the value if it is a mention (see Load)."""
        handler = _VALUES.get(type(node))
        return handler(self, node, how) if handler is not None else ev.VALUE

    def _display(self, node: Any, how: str) -> ev.Operand:
        """Tuple, list, set."""
        items: list[ev.Operand] = []
        keys: list[int | str | None] = []
        ordered = True
        for element in node.elements:
            items.append(self.value(element.value))
            ordered = ordered and type(element) is not cst.StarredElement
            keys.append(len(keys) if ordered else None)
        kind = type(node).__name__.lower()
        return self.pack(node, items, keys if kind != "set" else [None] * len(items), kind)

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
            value = arg.value
            operand = self.value(value)
            star = star or arg.star == "*"
            if arg.keyword is not None:
                kwargs.append((arg.keyword.value, operand))
                kwarg_sites.append(self.site(value))
            elif arg.star or star:
                starred.append(operand)
            else:
                args.append(operand)
                arg_sites.append(self.site(value))
        place = self.temporary()
        event = ev.Call(self.site(node), place, target.name if isinstance(target, ev.Dotted) else None, target)
        event.receiver, event.method = receiver, method
        event.args, event.kwargs, event.starred = tuple(args), tuple(kwargs), tuple(starred)
        event.arg_sites, event.kwarg_sites = tuple(arg_sites), tuple(kwarg_sites)
        event.star, event.awaited = star, awaited
        event.callee_site = self.site(node.func)
        self.emit(event)
        return place

    def _subscript(self, node: cst.Subscript, how: str) -> ev.Operand:
        base = self.value(node.value)
        index = self.index(node)
        place = self.temporary()
        self.emit(ev.Unpack(self.site(node), place, base, index, width(node)))
        return place

    # Lambdas and comprehensions

    def _lambda(self, node: cst.Lambda, how: str) -> ev.Operand:
        defaults = self.defaults(node.params)
        place = self.temporary()
        scope = self.survey.scopes[id(node)]
        self.emit(ev.Capture(self.site(node), place, scope.name, self.captured(scope), defaults))
        return place

    def defaults(self, params: cst.Parameters) -> tuple[tuple[str, ev.Operand, Site], ...]:
        """Defaults of parameters are evaluated where the function is made: name, value and place of each."""
        found = []
        for param in all_parameters(params):
            if param.default is not None:
                found.append((param.name.value, self.value(param.default), self.site(param.default)))
        return tuple(found)

    def captured(self, scope: Scope) -> tuple[ev.Place, ...]:
        """Variables of this function that the code in `scope` mentions: none where no function is around it."""
        around = scope.parent
        while around is not None and around.kind in ("module", "class"):
            around = around.parent
        if around is None:
            return ()
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

    def _nest(self, node: Any, level: cst.CompFor, source: ev.Operand, result: ev.Place, after: Block) -> None:
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
    cst.TemplatedString: Expressions._template,
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
