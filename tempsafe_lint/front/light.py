"""Trees as libcst has them, made of what Python's own parser says: that takes a fraction of the time.

The nodes have what the survey and the lowering read, and nothing else: no blanks, no comments, no parentheses. Where
they stand is computed when somebody asks (`written`).

Not for every text. What this Python cannot parse (it refuses what would take the process down), what nests deeply and
the rare things that raise `Unfit` (`match`, type parameters, templates, an odd layout) are left to libcst.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import libcst as cst

from tempsafe_lint.front import nodes
from tempsafe_lint.front.literals import in_a_row
from tempsafe_lint.front.outline import DEEP, outline
from tempsafe_lint.front.parts import Part
from tempsafe_lint.front.written import Written

_LONE_RETURN = re.compile(r"\r(?!\n)")


class Unfit(Exception):
    """The text must be read by libcst."""


def parse_light(text: str, stubs: Mapping[str, Part]) -> tuple[Any, Written]:
    """The module, and what tells where its nodes stand; for the name of a stub that stands alone, the function that was
    left out there. Raises Unfit.
    """
    if "\r" in text and _LONE_RETURN.search(text):
        raise Unfit
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        reader = _Reader(text, stubs)
        module = reader.module(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unfit from None
    if reader.deepest > DEEP:
        raise Unfit
    return module, reader.written


class _Reader:
    """Makes nodes of the parser's, which they keep: those say where they stand."""

    def __init__(self, text: str, stubs: Mapping[str, Part]) -> None:
        self._text = text
        self._stubs = stubs
        self.written = Written(text)
        self._level = 0
        #: How far the tree nests: statements, expressions but for names and their attributes, chains.
        self.deepest = 0
        #: How much there was so far that binds a name from within an expression, or is a scope of its own.
        self._binding = 0

    def _deeper(self, links: int = 0) -> None:
        """One level down, with what is linked there."""
        self._level += 1
        if self._level + links > self.deepest:
            self.deepest = self._level + links

    # Statements

    def module(self, tree: ast.Module) -> Any:
        return nodes.module(self._lines(tree.body))

    def _lines(self, statements: list[Any]) -> list[Any]:
        """Those that stand on one line together are one there."""
        found: list[Any] = []
        row = 0
        for statement in statements:
            kind = type(statement)
            make = _COMPOUND.get(kind)
            if make is not None:
                self._deeper()
                found.append(_kept(make(self, statement), statement))
                self._level -= 1
                row = 0
                continue
            part = self._stubs.get(getattr(statement.value, "id", "")) if kind is ast.Expr else None
            if part is not None:
                found.append(nodes.stub(part.name, part.is_async))
                row = 0
                continue
            before = self._binding
            small = _kept(_SMALL.get(kind, _Reader._bare)(self, statement), statement)
            plain = self._binding == before
            if statement.lineno != row:
                found.append(nodes.line([small], plain))
            else:
                last = found.pop()
                found.append(nodes.line([*last.body, small], plain and nodes.is_plain(last)))
            row = statement.end_lineno
        return found

    def _bare(self, statement: Any) -> Any:
        make = nodes.BARE.get(type(statement))
        if make is None:
            raise Unfit
        return make()

    def _suite(self, statements: list[Any]) -> Any:
        lines = self._lines(statements)
        first = statements[0]
        if type(first) not in _COMPOUND:
            at = self.written.at(first.lineno, first.col_offset)
            line = self._text.rfind("\n", 0, at) + 1
            if self._text[line:at].strip():
                return nodes.inline(lines[0].body)
            if self._text[max(line - 3, 0) : line].rstrip("\r\n").endswith("\\"):
                raise Unfit
        return nodes.block(lines)

    def _else(self, statements: list[Any]) -> Any:
        return nodes.else_(self._suite(statements)) if statements else None

    def _if(self, node: ast.If) -> Any:
        orelse: Any = None
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If) and self._is_elif(node.orelse[0]):
            self._deeper()
            orelse = _kept(self._if(node.orelse[0]), node.orelse[0])
            self._level -= 1
        else:
            orelse = self._else(node.orelse)
        return nodes.if_(self.value(node.test), self._suite(node.body), orelse)

    def _is_elif(self, node: ast.If) -> bool:
        return self._text.startswith("elif", self.written.at(node.lineno, node.col_offset))

    def _while(self, node: ast.While) -> Any:
        return nodes.while_(self.value(node.test), self._suite(node.body), self._else(node.orelse))

    def _for(self, node: Any) -> Any:
        asynchronous = nodes.ASYNC if type(node) is ast.AsyncFor else None
        body, orelse = self._suite(node.body), self._else(node.orelse)
        return nodes.for_(self.value(node.target), self.value(node.iter), body, orelse, asynchronous)

    def _with(self, node: Any) -> Any:
        items = [nodes.with_item(self.value(i.context_expr), self._as(i.optional_vars)) for i in node.items]
        return nodes.with_(items, self._suite(node.body), nodes.ASYNC if type(node) is ast.AsyncWith else None)

    def _as(self, node: Any) -> Any:
        return None if node is None else nodes.as_name(self.value(node))

    def _try(self, node: Any) -> Any:
        make, handler = (nodes.try_, nodes.handler) if type(node) is ast.Try else (nodes.try_star, nodes.star_handler)
        handlers = [
            _kept(handler(self._maybe(one.type), _as_name(one.name) if one.name else None, self._suite(one.body)), one)
            for one in node.handlers
        ]
        final = nodes.finally_(self._suite(node.finalbody)) if node.finalbody else None
        return make(self._suite(node.body), handlers, self._else(node.orelse), final)

    def _function(self, node: Any) -> Any:
        if getattr(node, "type_params", None):
            raise Unfit
        return nodes.function(
            nodes.name(node.name),
            self._parameters(node.args),
            self._suite(node.body),
            self._decorators(node),
            self._annotation(node.returns),
            nodes.ASYNC if type(node) is ast.AsyncFunctionDef else None,
            None,
        )

    def _class(self, node: ast.ClassDef) -> Any:
        if getattr(node, "type_params", None):
            raise Unfit
        bases = [self._positional(base) for base in node.bases]
        keywords = [self._keyword(one) for one in node.keywords]
        return nodes.class_(
            nodes.name(node.name), bases, keywords, self._suite(node.body), self._decorators(node), None
        )

    def _decorators(self, node: Any) -> Sequence[Any]:
        found = node.decorator_list
        return [nodes.decorator(self.value(one), self.written.text_of(one)) for one in found] if found else ()

    def _annotation(self, node: Any) -> Any:
        return None if node is None else nodes.annotation(self.value(node), self.written.text_of(node))

    def _parameters(self, given: ast.arguments) -> Any:
        positional = [*given.posonlyargs, *given.args]
        defaults = [None] * (len(positional) - len(given.defaults)) + given.defaults
        made, only = list(map(self._parameter, positional, defaults)), len(given.posonlyargs)
        keywords = list(map(self._parameter, given.kwonlyargs, given.kw_defaults))
        star = nodes.BARE_STAR if keywords else None
        if given.vararg is not None:
            star = self._parameter(given.vararg, None)
        star_kwarg = self._parameter(given.kwarg, None) if given.kwarg is not None else None
        return nodes.parameters(made[:only], made[only:], star, keywords, star_kwarg)

    def _parameter(self, given: ast.arg, default: Any) -> Any:
        return nodes.parameter(nodes.name(given.arg), self._annotation(given.annotation), self._maybe(default))

    # Small statements

    def _expression(self, node: ast.Expr) -> Any:
        return nodes.expr(self.value(node.value))

    def _assign(self, node: ast.Assign) -> Any:
        return nodes.assign([nodes.target(self.value(one)) for one in node.targets], self.value(node.value))

    def _annotated(self, node: ast.AnnAssign) -> Any:
        return nodes.annotated(self.value(node.target), self._annotation(node.annotation), self._maybe(node.value))

    def _augmented(self, node: ast.AugAssign) -> Any:
        return nodes.augmented(self.value(node.target), nodes.AUGMENTED[type(node.op)], self.value(node.value))

    def _delete(self, node: ast.Delete) -> Any:
        if len(node.targets) == 1:
            return nodes.delete(self.value(node.targets[0]))
        return nodes.delete(nodes.tuple_([nodes.element(self.value(one)) for one in node.targets]))

    def _return(self, node: ast.Return) -> Any:
        return nodes.return_(self._maybe(node.value))

    def _raise(self, node: ast.Raise) -> Any:
        return nodes.raise_(self._maybe(node.exc), None if node.cause is None else nodes.from_(self.value(node.cause)))

    def _assert(self, node: ast.Assert) -> Any:
        return nodes.assert_(self.value(node.test), self._maybe(node.msg))

    def _import(self, node: ast.Import) -> Any:
        return nodes.import_([self._alias(one) for one in node.names])

    def _import_from(self, node: ast.ImportFrom) -> Any:
        names: Any = nodes.STAR if node.names[0].name == "*" else [self._alias(one) for one in node.names]
        return nodes.import_from(
            nodes.dotted(node.module) if node.module else None, names, [nodes.DOT] * (node.level or 0)
        )

    def _alias(self, given: ast.alias) -> Any:
        asname = _as_name(given.asname) if given.asname else None
        return _kept(nodes.import_alias(nodes.dotted(given.name), asname), given)

    def _global(self, node: ast.Global) -> Any:
        return nodes.global_([nodes.name_item(nodes.name(one)) for one in node.names])

    def _nonlocal(self, node: ast.Nonlocal) -> Any:
        return nodes.nonlocal_([nodes.name_item(nodes.name(one)) for one in node.names])

    # Expressions

    def value(self, node: Any) -> Any:
        kind = type(node)
        if kind is ast.Name:
            return nodes.kept_name(node.id, node)
        if kind is ast.Attribute:
            return nodes.kept_attribute(self.value(node.value), nodes.name(node.attr), node)
        make = _VALUES.get(kind)
        if make is None:
            raise Unfit
        level = self._level = self._level + 1
        if level > self.deepest:
            self.deepest = level
        made = make(self, node)
        self._level -= 1
        nodes.KEEP[type(made)](made, node)
        return made

    def _maybe(self, node: Any) -> Any:
        return None if node is None else self.value(node)

    def _real(self, node: Any) -> Any:
        """What libcst makes of an expression."""
        self._binding += 1
        written = self.written.text_of(node)
        if outline(written).depth + self._level > DEEP:
            raise Unfit
        try:
            return cst.parse_expression(f"({written})")
        except cst.ParserSyntaxError:
            raise Unfit from None

    def _constant(self, node: ast.Constant) -> Any:
        value = node.value
        kind = type(value)
        if kind is str or kind is bytes:
            return self._literals(node)
        if value is None or kind is bool:
            return nodes.name(str(value))
        make = nodes.NUMBERS.get(kind)
        return make(self.written.text_of(node)) if make is not None else nodes.ELLIPSIS()

    def _literals(self, node: Any) -> Any:
        """One string, or some in a row."""
        literals = in_a_row(self.written.text_of(node))
        if literals is None:
            return self._real(node)
        self._deeper(len(literals))
        self._level -= 1
        last = literals.pop()
        while literals:
            last = nodes.adjacent(literals.pop(), last)
        return last

    def _call(self, node: ast.Call) -> Any:
        args: Any = [self._positional(one) for one in node.args] if node.args else ()
        if node.keywords:
            named = [self._keyword(one) for one in node.keywords]
            if any(isinstance(one, ast.Starred) for one in node.args):  # it may stand behind a keyword
                written: list[tuple[Any, Any]] = [
                    *zip(node.args, args, strict=True),
                    *zip(node.keywords, named, strict=True),
                ]
                written.sort(key=lambda one: (one[0].lineno, one[0].col_offset))
                args = [made for _, made in written]
            else:
                args = [*args, *named]
        return nodes.call(self.value(node.func), args)

    def _positional(self, node: Any) -> Any:
        if type(node) is ast.Starred:
            return nodes.arg(self.value(node.value), None, "*")
        return nodes.arg(self.value(node), None, "")

    def _keyword(self, node: ast.keyword) -> Any:
        if node.arg is None:
            return nodes.arg(self.value(node.value), None, "**")
        return nodes.arg(self.value(node.value), nodes.name(node.arg), "")

    def _sequence(self, node: Any) -> Any:
        return nodes.SEQUENCES[type(node)]([self._element(one) for one in node.elts])

    def _element(self, node: Any) -> Any:
        return self._starred(node) if type(node) is ast.Starred else nodes.element(self.value(node))

    def _starred(self, node: ast.Starred) -> Any:
        return nodes.starred(self.value(node.value))

    def _dict(self, node: ast.Dict) -> Any:
        return nodes.dict_(
            [
                nodes.starred_pair(self.value(value)) if key is None else nodes.pair(self.value(key), self.value(value))
                for key, value in zip(node.keys, node.values, strict=True)
            ]
        )

    def _subscript(self, node: ast.Subscript) -> Any:
        inner: Any = node.slice
        parts: Sequence[Any] = (inner,)
        if type(inner) is ast.Tuple and inner.elts:
            begun = (inner.elts[0].lineno, inner.elts[0].col_offset) == (inner.lineno, inner.col_offset)
            last: Any = inner.elts[-1]
            if begun or (last.end_lineno, last.end_col_offset) == (inner.end_lineno, inner.end_col_offset):
                parts = inner.elts
            elif not self._is_enclosed(inner):
                raise Unfit
        if any(type(part) is ast.Starred for part in parts):
            raise Unfit
        return nodes.subscript(self.value(node.value), [nodes.subscript_element(self._part(part)) for part in parts])

    def _is_enclosed(self, node: ast.Tuple) -> bool:
        """Whether a tuple that begins and ends with a parenthesis certainly has them around all of it."""
        return not any(sign in self.written.text_of(node)[1:-1] for sign in "()\"'#")

    def _part(self, node: Any) -> Any:
        if type(node) is ast.Slice:
            return nodes.slice_(self._maybe(node.lower), self._maybe(node.upper), self._maybe(node.step))
        return nodes.index(self.value(node))

    def _binary(self, node: ast.BinOp) -> Any:
        return nodes.binary(self.value(node.left), nodes.OPERATORS[type(node.op)], self.value(node.right))

    def _boolean(self, node: ast.BoolOp) -> Any:
        operator = nodes.OPERATORS[type(node.op)]
        self._deeper(len(node.values))
        self._level -= 1
        first, *rest = map(self.value, node.values)
        for one in rest:
            first = nodes.boolean(first, operator, one)
        return first

    def _unary(self, node: ast.UnaryOp) -> Any:
        return nodes.unary(nodes.OPERATORS[type(node.op)], self.value(node.operand))

    def _compare(self, node: ast.Compare) -> Any:
        pairs = zip(node.ops, node.comparators, strict=True)
        return nodes.comparison(
            self.value(node.left), [nodes.compared(nodes.OPERATORS[type(op)], self.value(one)) for op, one in pairs]
        )

    def _conditional(self, node: ast.IfExp) -> Any:
        return nodes.if_exp(self.value(node.test), self.value(node.body), self.value(node.orelse))

    def _walrus(self, node: ast.NamedExpr) -> Any:
        self._binding += 1
        return nodes.named(self.value(node.target), self.value(node.value))

    def _await(self, node: ast.Await) -> Any:
        return nodes.await_(self.value(node.value))

    def _yield(self, node: ast.Yield) -> Any:
        self._binding += 1
        return nodes.yield_(self._maybe(node.value))

    def _yield_from(self, node: ast.YieldFrom) -> Any:
        self._binding += 1
        return nodes.yield_(nodes.from_(self.value(node.value)))

    def _lambda(self, node: ast.Lambda) -> Any:
        self._binding += 1
        return nodes.lambda_(self._parameters(node.args), self.value(node.body))

    def _comprehension(self, node: Any) -> Any:
        return nodes.COMPREHENSIONS[type(node)](self.value(node.elt), self._loops(node.generators))

    def _dict_comprehension(self, node: ast.DictComp) -> Any:
        return nodes.dict_comp(self.value(node.key), self._maybe(node.value), self._loops(node.generators))

    def _loops(self, generators: Iterable[ast.comprehension]) -> Any:
        self._binding += 1
        inner: Any = None
        for loop in reversed(list(generators)):
            tests = [nodes.comp_if(self.value(test)) for test in loop.ifs]
            asynchronous = nodes.ASYNC if loop.is_async else None
            inner = nodes.comp_for(self.value(loop.target), self.value(loop.iter), tests, inner, asynchronous)
        return inner


def _kept(made: Any, node: Any) -> Any:
    """What was made, with what it was made of."""
    nodes.KEEP[type(made)](made, node)
    return made


def _as_name(name: str) -> Any:
    return nodes.as_name(nodes.name(name))


_Make = Callable[[_Reader, Any], Any]
_COMPOUND: dict[type, _Make] = {
    ast.If: _Reader._if,
    ast.While: _Reader._while,
    ast.For: _Reader._for,
    ast.AsyncFor: _Reader._for,
    ast.With: _Reader._with,
    ast.AsyncWith: _Reader._with,
    ast.Try: _Reader._try,
    ast.FunctionDef: _Reader._function,
    ast.AsyncFunctionDef: _Reader._function,
    ast.ClassDef: _Reader._class,
}
if hasattr(ast, "TryStar"):
    _COMPOUND[ast.TryStar] = _Reader._try
_SMALL: dict[type, _Make] = {
    ast.Expr: _Reader._expression,
    ast.Assign: _Reader._assign,
    ast.AnnAssign: _Reader._annotated,
    ast.AugAssign: _Reader._augmented,
    ast.Delete: _Reader._delete,
    ast.Return: _Reader._return,
    ast.Raise: _Reader._raise,
    ast.Assert: _Reader._assert,
    ast.Import: _Reader._import,
    ast.ImportFrom: _Reader._import_from,
    ast.Global: _Reader._global,
    ast.Nonlocal: _Reader._nonlocal,
}
_VALUES: dict[type, _Make] = {
    ast.Constant: _Reader._constant,
    ast.Call: _Reader._call,
    ast.JoinedStr: _Reader._literals,
    ast.Tuple: _Reader._sequence,
    ast.List: _Reader._sequence,
    ast.Set: _Reader._sequence,
    ast.Starred: _Reader._starred,
    ast.Dict: _Reader._dict,
    ast.Subscript: _Reader._subscript,
    ast.BinOp: _Reader._binary,
    ast.BoolOp: _Reader._boolean,
    ast.UnaryOp: _Reader._unary,
    ast.Compare: _Reader._compare,
    ast.IfExp: _Reader._conditional,
    ast.NamedExpr: _Reader._walrus,
    ast.Await: _Reader._await,
    ast.Yield: _Reader._yield,
    ast.YieldFrom: _Reader._yield_from,
    ast.Lambda: _Reader._lambda,
    ast.ListComp: _Reader._comprehension,
    ast.SetComp: _Reader._comprehension,
    ast.GeneratorExp: _Reader._comprehension,
    ast.DictComp: _Reader._dict_comprehension,
}
