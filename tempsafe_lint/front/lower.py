"""Statements: one function of the file (or the module's body) as a graph of events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import libcst as cst

from tempsafe_lint.front.build import ENTRY, EXIT, RAISED, Frame, Sites, tidy
from tempsafe_lint.front.lower_match import Matching
from tempsafe_lint.front.names import Names
from tempsafe_lint.front.nodes import STUB, code_of
from tempsafe_lint.front.scopes import Scope
from tempsafe_lint.front.survey import Survey
from tempsafe_lint.front.tree import IMPORTS, IMPORTS_FROM, LISTED, text_of
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import Function

_SPELLED = {
    "functiondef": "def",
    "classdef": "class",
    "importfrom": "import",
    "lazyimport": "import",
    "lazyimportfrom": "import",
    "trystar": "try",
    "typealias": "type",
}
#: By the type of node, filled as they are met.
_KINDS: dict[type, str] = {}


class Lowering(Matching):
    """Lowers the statements of one function."""

    # Suites and the statement table

    def suite(self, node: Any, part: str, parent: int | None) -> None:
        suite = self.suite_number(node)
        for index, statement in enumerate(_statements(node)):
            self._statement(statement, suite, index, parent, part)

    def _statement(self, node: Any, suite: int, index: int, parent: int | None, part: str) -> None:
        kind = type(node)
        handler = _STATEMENTS.get(kind)
        row = self.row(node, suite, index, _KINDS.get(kind) or _kind(kind), parent, part)
        if handler is not None and self.block is not None:
            self.statement = row
            handler(self, node, row)

    def module(self, module: cst.Module) -> None:
        suite = self.suite_number(module)
        index = 0
        for top, line in enumerate(module.body):
            self.top = top
            for statement in line.body if type(line) is cst.SimpleStatementLine else (line,):
                self._statement(statement, suite, index, None, "body")
                index += 1

    def body(self) -> None:
        """The whole function."""
        node = self.function.node
        if isinstance(node, cst.Module):
            self.module(node)
        elif isinstance(node, cst.FunctionDef):
            self.suite(node.body, "body", None)
        elif isinstance(node, cst.Lambda):
            self.statement = self.row(node.body, self.suite_number(node), 0, "return", None, "body")
            self.emit(ev.Return(self.site(node.body), self.value(node.body)))
        self.jump(EXIT)

    # Small statements

    def _expr(self, node: cst.Expr, row: int) -> None:
        self.value(node.value)

    def _assign(self, node: cst.Assign, row: int) -> None:
        if len(node.targets) == 1 and self._pairwise(node.targets[0].target, node.value):
            return
        operand = self.value(node.value)
        for target in node.targets:
            self.assign(target.target, operand, node.value)

    def _pairwise(self, target: Any, value: Any) -> bool:
        """`a, b = x, y` without a tuple in between."""
        if type(target) not in LISTED or type(value) not in LISTED:
            return False
        pairs = (target.elements, value.elements)
        if len(pairs[0]) != len(pairs[1]) or any(type(e) is cst.StarredElement for side in pairs for e in side):
            return False
        operands = []
        for element in value.elements:
            operand = self.value(element.value)
            if isinstance(operand, str) and not operand.startswith(("%", "@")):
                operand = self.copied(element.value, operand)  # the target may be one of the other values
            operands.append(operand)
        for element, written, operand in zip(target.elements, value.elements, operands, strict=True):
            self.assign(element.value, operand, written.value)
        return True

    def _annotated(self, node: cst.AnnAssign, row: int) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value), node.value)

    def _augmented(self, node: cst.AugAssign, row: int) -> None:
        target, kind = node.target, _OPERATORS[type(node.operator)]
        old = self.value(target)
        new = self.value(node.value, "format" if kind is cst.Modulo else "use")
        if kind is cst.Add or kind is cst.Divide:
            result = self.joined(node, kind, [old, new])
        elif kind is cst.Modulo:
            result = self.text(node, [old, new], "%")
        else:
            result = self.combined(node, kind, old, new)
        self.assign(target, result)

    def _delete(self, node: cst.Del, row: int) -> None:
        pending: list[Any] = [node.target]
        while pending:
            target = pending.pop()
            if isinstance(target, cst.Tuple | cst.List):
                pending.extend(element.value for element in reversed(target.elements))
            elif text_of(target):
                operand = self.base(target)
                place = operand if isinstance(operand, str) else text_of(target)
                self.emit(ev.Delete(self.site(target), place))
            elif isinstance(target, cst.Subscript):
                self.value(target.value)
                self.index(target)
            else:
                self.value(target)

    def _raise(self, node: cst.Raise, row: int) -> None:
        operand = self.value(node.exc) if node.exc is not None else None
        if node.cause is not None:
            self.value(node.cause.item)
        self.emit(ev.Raise(self.site(node), operand))
        self.block = None

    def _assert(self, node: cst.Assert, row: int) -> None:
        after, failed = self.new(), self.new()
        self.condition(node.test, after, failed)
        self.enter(failed)
        if self.block is not None:
            operand = self.value(node.msg) if node.msg is not None else None
            self.emit(ev.Raise(self.site(node), operand, "assert"))
        self.enter(after)

    def _import(self, node: Any, row: int) -> None:
        """An event only where a name may also mean something else, so that flow has to follow it."""
        for imported in self.survey.imports_of.get(id(node), ()):
            if imported.alias is not None and self.names.name(imported.name, self.scope) is None:
                place = self.variable(imported.name)
                site, source = self.site(imported.alias), ev.Dotted(imported.dotted)
                if place is not None:
                    self.emit(ev.Bind(site, place, source))
                else:
                    self.emit(ev.Store(site, self.scope.body.declared[imported.name], None, imported.name, source))

    def _type_alias(self, node: cst.TypeAlias, row: int) -> None:
        self.assign(node.name, ev.VALUE)

    # Branches and loops

    def _if(self, node: cst.If, row: int) -> None:
        after = self.new()
        branch = node
        while True:
            yes, no = self.new(), self.new()
            known = self.decided(branch.test)
            self.condition(branch.test, yes, no)
            self.enter(yes)
            if known is False:
                self.turn_off()
            self.suite(branch.body, "body", row)
            self.jump(after)
            self.enter(no)
            if known is True:
                self.turn_off()
            if type(branch.orelse) is not cst.If:
                break
            branch = branch.orelse
            row = self.row(branch, self.suite_number(branch), 0, "if", row, "orelse")
            self.statement = row
        if branch.orelse is not None:
            self.suite(branch.orelse.body, "orelse", row)
        self.jump(after)
        self.enter(after)

    def _while(self, node: cst.While, row: int) -> None:
        head, body, done, after = self.new(), self.new(), self.new(), self.new()
        self.jump(head)
        self.enter(head)
        self.condition(node.test, body, done)
        self.frames.append(Frame("loop", self.handler, row, after.number, head.number))
        self.enter(body)
        self.suite(node.body, "body", row)
        self.jump(head)
        self.frames.pop()
        self._done(node, row, done, after)

    def _for(self, node: cst.For, row: int) -> None:
        source = self.value(node.iter, "iterate")
        body, again, done, after = self.new(), self.new(), self.new(), self.new()
        if isinstance(source, ev.Const) or self.rebound(source, node.target):
            source = self.copied(node.iter, source)
        self.fork([source], "nonempty", None, body, done, True)
        self.enter(body)
        self.element(node.target, source)
        self.frames.append(Frame("loop", self.handler, row, after.number, again.number))
        self.suite(node.body, "body", row)
        self.jump(again)
        self.frames.pop()
        self.enter(again)
        self.go(body)
        self.jump(done)
        self._done(node, row, done, after)

    def _done(self, node: cst.For | cst.While, row: int, done: Any, after: Any) -> None:
        """The end of a loop that was not broken."""
        self.enter(done)
        if node.orelse is not None:
            self.suite(node.orelse.body, "orelse", row)
        self.jump(after)
        self.enter(after)

    # Definitions

    def _def(self, node: cst.FunctionDef, row: int) -> None:
        decorators = [self._decorator(decorator.decorator) for decorator in node.decorators]
        defaults = self.defaults(node.params)
        scope = self.survey.scopes[id(node)]
        bound = self.variable(node.name.value)
        if node.body is STUB and self.names.is_definition(node.name.value, self.scope):
            return  # whoever says the name means the function, so nobody asks for what the variable holds
        place = bound if bound is not None else self.temporary()
        self.emit(ev.Capture(self.site(node), place, scope.name, self.captured(scope), defaults))
        if bound is None:
            self.assign(node.name, place)
        self._decorate(node, decorators, place)

    def _class(self, node: cst.ClassDef, row: int) -> None:
        """The body runs here; its names become `C.name`."""
        decorators = [self._decorator(decorator.decorator) for decorator in node.decorators]
        for argument in (*node.bases, *node.keywords):
            self.value(argument.value)
        outer, self.scope = self.scope, self.survey.scopes[id(node)]
        name = self.scope.name
        self.suite(node.body, "body", row)
        self.scope, self.statement = outer, row
        self.assign(node.name, ev.Dotted(f".{name}"))
        self._decorate(node, decorators, self.place(node.name.value))

    def _decorator(self, node: Any) -> tuple[Any, ev.Operand]:
        return node, self.base(node)

    def _decorate(self, node: Any, decorators: list[tuple[Any, ev.Operand]], place: ev.Place) -> None:
        """Each decorator is called with what was defined; the name goes on meaning the definition."""
        for decorator, operand in reversed(decorators):
            callee = operand.name if isinstance(operand, ev.Dotted) else None
            site = self.site(decorator)
            event = ev.Call(site, self.temporary(), callee, operand, args=(place,), callee_site=site)
            if isinstance(operand, str) and "." in operand:
                event.receiver, _, event.method = operand.rpartition(".")
            event.arg_sites = (self.site(node),)
            self.emit(event)


def lower(survey: Survey, names: Names, sites: Sites, scope: Scope) -> Function:
    """The graph of the function whose scope this is."""
    at = Lowering(survey, names, sites, scope)
    at.body()
    node: Any = scope.node
    owner = scope.parent
    enclosing = owner
    while enclosing is not None and enclosing.kind not in ("function", "lambda"):
        enclosing = enclosing.parent
    function = Function(scope.name, sites.of(node, scope.top), tidy(at.blocks, at.off), ENTRY, EXIT, RAISED)
    function.variables = frozenset(scope.bindings) | at.private_names
    function.statements = at.statements
    function.over_budget = at.over_budget
    function.is_generator = scope.generator
    function.outer = enclosing.name if enclosing is not None else None
    if owner is not None:
        at.scope = owner
        function.params = tuple(_parameters(node.params, at))
        function.class_name = owner.name if owner.kind == "class" and scope.kind == "function" else None
    if isinstance(node, cst.FunctionDef) and owner is not None:
        function.is_async = node.asynchronous is not None
        function.decorators = tuple(_decorator_name(decorator, names, owner) for decorator in node.decorators)
    return function


def _parameters(params: cst.Parameters, at: Lowering) -> Iterator[ev.Parameter]:
    for kind, group in (
        ("positional", (*params.posonly_params, *params.params)),
        ("*", (params.star_arg,)),
        ("keyword", params.kwonly_params),
        ("**", (params.star_kwarg,)),
    ):
        for param in group:
            if type(param) is cst.Param:
                yield ev.Parameter(param.name.value, kind, _default(param.default, at), _annotation(param, at))


def _default(node: Any, at: Lowering) -> ev.Operand | None:
    """The default as an operand; `VALUE` if it takes more than a constant or a name."""
    if node is None:
        return None
    if text_of(node):
        return at.base(node)
    at.block = None  # nothing is emitted: the enclosing function has these events
    operand = at.value(node)
    return operand if not isinstance(operand, str) else ev.VALUE


def _annotation(param: cst.Param, at: Lowering) -> str | None:
    """The annotation as text; a dotted name is resolved."""
    if param.annotation is None:
        return None
    node = param.annotation.annotation
    dotted = at.names.dotted(node, at.scope) or text_of(node)
    return dotted or code_of(param.annotation, node)


def _decorator_name(decorator: cst.Decorator, names: Names, scope: Scope) -> str:
    node = decorator.decorator
    if isinstance(node, cst.Call):
        node = node.func
    return names.dotted(node, scope) or text_of(node) or code_of(decorator, node)


def _statements(suite: Any) -> Sequence[Any]:
    """The statements of a suite, those of one line each by itself."""
    if type(suite) is cst.SimpleStatementSuite:
        return suite.body
    found: list[Any] = []
    for line in suite.body:
        if type(line) is cst.SimpleStatementLine:
            found.extend(line.body)
        else:
            found.append(line)
    return found


def _kind(of: type) -> str:
    """The kind of a type of node that was not met before."""
    kind = _KINDS[of] = _SPELLED.get(of.__name__.lower(), of.__name__.lower())
    return kind


_OPERATORS: dict[type, type] = {
    cst.AddAssign: cst.Add,
    cst.SubtractAssign: cst.Subtract,
    cst.MultiplyAssign: cst.Multiply,
    cst.MatrixMultiplyAssign: cst.MatrixMultiply,
    cst.DivideAssign: cst.Divide,
    cst.ModuloAssign: cst.Modulo,
    cst.BitAndAssign: cst.BitAnd,
    cst.BitOrAssign: cst.BitOr,
    cst.BitXorAssign: cst.BitXor,
    cst.LeftShiftAssign: cst.LeftShift,
    cst.RightShiftAssign: cst.RightShift,
    cst.PowerAssign: cst.Power,
    cst.FloorDivideAssign: cst.FloorDivide,
}

_Handler = Callable[[Lowering, Any, int], None]
_STATEMENTS: dict[type, _Handler] = {
    cst.Expr: Lowering._expr,
    cst.Assign: Lowering._assign,
    cst.AnnAssign: Lowering._annotated,
    cst.AugAssign: Lowering._augmented,
    cst.Del: Lowering._delete,
    cst.Return: Lowering._return,
    cst.Raise: Lowering._raise,
    cst.Assert: Lowering._assert,
    cst.Break: Lowering._break,
    cst.Continue: Lowering._break,
    cst.TypeAlias: Lowering._type_alias,
    cst.If: Lowering._if,
    cst.While: Lowering._while,
    cst.For: Lowering._for,
    cst.Try: Lowering._try,
    cst.TryStar: Lowering._try,
    cst.With: Lowering._with,
    cst.Match: Lowering._match,
    cst.FunctionDef: Lowering._def,
    cst.ClassDef: Lowering._class,
    **dict.fromkeys((*IMPORTS, *IMPORTS_FROM), Lowering._import),
}
