"""Which names a file binds and reads, scope by scope: one walk over the whole tree.

Annotations are not evaluated: names in them count as mentions of an import, and as nothing else. A comprehension is a
scope of its own; a walrus in it binds in the function around it, as in Python.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import libcst as cst

from tempsafe_lint.front.nodes import STUB, is_plain
from tempsafe_lint.front.scopes import Binding, ImportRow, Scope
from tempsafe_lint.front.tree import (
    COMPREHENSIONS,
    IMPORTS,
    IMPORTS_FROM,
    LISTED,
    PARTS,
    all_parameters,
    chain,
    text_of,
)

#: What nothing more is known of.
_OTHER, _PARAM = Binding("other"), Binding("param")
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(slots=True, eq=False)
class Survey:
    """Everything that one walk finds. `latest` maps a name without `#n` to the last definition of that name."""

    module: cst.Module
    root: Scope = field(init=False)
    scopes: dict[int, Scope] = field(default_factory=dict)
    functions: dict[str, Scope] = field(default_factory=dict)
    classes: dict[str, Scope] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    imports: list[ImportRow] = field(default_factory=list)
    imports_of: dict[int, list[ImportRow]] = field(default_factory=dict)
    mentions: Counter[str] = field(default_factory=Counter)
    _seen: Counter[str] = field(default_factory=Counter)
    _top: int = 0
    _level: int = 0
    _plain: bool = False

    def __post_init__(self) -> None:
        self.root = Scope("module", "<module>", self.module)
        self.functions["<module>"] = self.root
        for top, statement in enumerate(self.module.body):
            self._top = top
            self._statement(statement, self.root)

    def __del__(self) -> None:
        for scope in (self.root, *self.scopes.values()):
            scope.children.clear()  # they hold each other

    # Statements

    def _suite(self, suite: cst.BaseSuite, scope: Scope) -> None:
        self._level += 1
        for statement in suite.body:
            self._statement(statement, scope)
        self._level -= 1

    def _statement(self, node: cst.CSTNode, scope: Scope) -> None:
        handler = _COMPOUND.get(type(node))
        if handler is not None:
            handler(self, node, scope)
        elif isinstance(node, cst.SimpleStatementLine):
            self._plain = is_plain(node)
            for small in node.body:
                self._small(small, scope)
            self._plain = False
        else:
            self._small(node, scope)

    def _small(self, node: Any, scope: Scope) -> None:
        handler = _SMALL.get(type(node))
        if handler is not None:
            handler(self, node, scope)

    def _expr(self, node: cst.Expr, scope: Scope) -> None:
        self._read(node.value, scope)

    def _assign(self, node: cst.Assign, scope: Scope) -> None:
        self._read(node.value, scope)
        binding = _assigned(node.value)
        for target in node.targets:
            if isinstance(target.target, cst.Name):
                if target.target.value == "__all__":
                    self._listed(node.value)
                self._bind(target.target.value, scope, binding)
            else:
                self._target(target.target, scope)

    def _annotated(self, node: cst.AnnAssign, scope: Scope) -> None:
        self._mention(node.annotation.annotation)
        if node.value is None:
            if isinstance(node.target, cst.Name) and scope.kind == "module":
                return
            self._target(node.target, scope)
            return
        self._read(node.value, scope)
        if isinstance(node.target, cst.Name):
            self._bind(node.target.value, scope, _assigned(node.value))
        else:
            self._target(node.target, scope)

    def _augmented(self, node: cst.AugAssign, scope: Scope) -> None:
        self._read(node.value, scope)
        self._read(node.target, scope)
        if isinstance(node.target, cst.Name):
            if node.target.value == "__all__":
                self._listed(node.value)
            self._bind(node.target.value, scope, _OTHER)

    def _delete(self, node: cst.Del, scope: Scope) -> None:
        self._read(node.target, scope)

    def _global(self, node: cst.Global | cst.Nonlocal, scope: Scope) -> None:
        kind = "global" if isinstance(node, cst.Global) else "nonlocal"
        for item in node.names:
            scope.declared[item.name.value] = kind
            self.mentions[item.name.value] += 1

    def _values(self, node: cst.Return | cst.Raise | cst.Assert, scope: Scope) -> None:
        if isinstance(node, cst.Return):
            parts: tuple[cst.CSTNode | None, ...] = (node.value,)
        elif isinstance(node, cst.Raise):
            parts = (node.exc, node.cause)
        else:
            parts = (node.test, node.msg)
        for part in parts:
            if part is not None:
                self._read(part, scope)

    def _type_alias(self, node: cst.TypeAlias, scope: Scope) -> None:
        self._bind(node.name.value, scope, _OTHER)
        self._mention(node.value)

    def _import(self, node: cst.Import, scope: Scope) -> None:
        for alias in node.names:
            dotted = text_of(alias.name)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                name = alias.asname.name.value
            else:
                name, dotted = dotted.partition(".")[0], dotted.partition(".")[0]
            self._imported(node, alias, name, dotted, len(node.names), scope)

    def _import_from(self, node: cst.ImportFrom, scope: Scope) -> None:
        module = text_of(node.module) if node.module is not None else ""
        # One dot more than written: a single leading dot is for what this file defines.
        module = ("." * (len(node.relative) + 1) if node.relative else "") + module
        if isinstance(node.names, cst.ImportStar):
            row = ImportRow(node, None, "*", module, self._top, self._outermost(scope), 1, scope)
            self.imports.append(row)
            return
        for alias in node.names:
            own = text_of(alias.name)
            renamed = alias.asname is not None and isinstance(alias.asname.name, cst.Name)
            name = cast("cst.Name", cast("cst.AsName", alias.asname).name).value if renamed else own
            join = "" if module.endswith(".") or not module else "."
            self._imported(node, alias, name, module + join + own, len(node.names), scope)

    def _imported(
        self, node: cst.CSTNode, alias: cst.ImportAlias, name: str, dotted: str, count: int, scope: Scope
    ) -> None:
        self._bind(name, scope, Binding("import", dotted))
        row = ImportRow(node, alias, name, dotted, self._top, self._outermost(scope), count, scope)
        self.imports.append(row)
        self.imports_of.setdefault(id(node), []).append(row)

    def _outermost(self, scope: Scope) -> bool:
        return scope.kind == "module" and self._level == 0

    def _if(self, node: cst.If, scope: Scope) -> None:
        branch: cst.If | cst.Else | None = node
        while type(branch) is cst.If:
            self._read(branch.test, scope)
            self._suite(branch.body, scope)
            branch = branch.orelse
        if branch is not None:
            self._suite(branch.body, scope)

    def _while(self, node: cst.While, scope: Scope) -> None:
        self._read(node.test, scope)
        self._suite(node.body, scope)
        if node.orelse is not None:
            self._suite(node.orelse.body, scope)

    def _for(self, node: cst.For, scope: Scope) -> None:
        self._read(node.iter, scope)
        self._target(node.target, scope)
        self._suite(node.body, scope)
        if node.orelse is not None:
            self._suite(node.orelse.body, scope)

    def _try(self, node: cst.Try | cst.TryStar, scope: Scope) -> None:
        self._suite(node.body, scope)
        for handler in node.handlers:
            if handler.type is not None:
                self._read(handler.type, scope)
            if handler.name is not None:
                self._target(handler.name.name, scope)
            self._suite(handler.body, scope)
        if node.orelse is not None:
            self._suite(node.orelse.body, scope)
        if node.finalbody is not None:
            self._suite(node.finalbody.body, scope)

    def _with(self, node: cst.With, scope: Scope) -> None:
        for item in node.items:
            self._read(item.item, scope)
            if item.asname is not None:
                self._target(item.asname.name, scope)
        self._suite(node.body, scope)

    def _match(self, node: cst.Match, scope: Scope) -> None:
        self._read(node.subject, scope)
        for case in node.cases:
            self._pattern(case.pattern, scope)
            if case.guard is not None:
                self._read(case.guard, scope)
            self._suite(case.body, scope)

    def _pattern(self, node: Any, scope: Scope) -> None:
        stack = [node]
        while stack:
            node = stack.pop()
            if isinstance(node, cst.MatchAs | cst.MatchStar):
                if node.name is not None:
                    self._bind(node.name.value, scope, _OTHER)
                if isinstance(node, cst.MatchAs) and node.pattern is not None:
                    stack.append(node.pattern)
            elif isinstance(node, cst.MatchMapping):
                stack.extend(node.elements)
                if node.rest is not None:
                    self._bind(node.rest.value, scope, _OTHER)
            elif isinstance(node, cst.MatchPattern) or type(node).__name__.startswith("Match"):
                for part in PARTS.get(type(node), lambda _: ())(node):
                    stack.extend(part if isinstance(part, list | tuple) else (part,))
            elif isinstance(node, cst.BaseExpression):
                self._read(node, scope)

    def _function(self, node: cst.FunctionDef, scope: Scope) -> None:
        for decorator in node.decorators:
            self._read(decorator.decorator, scope)
        name = self._unique(scope.prefix + node.name.value)
        self._bind(node.name.value, scope, Binding("def", name))
        inner = self._open("function", name, node, scope)
        self.functions[name] = inner
        if node.body is STUB:
            return
        self._parameters(node.params, scope, inner)
        if node.returns is not None:
            self._mention(node.returns.annotation)
        self._type_parameters(node, inner)
        self._suite(node.body, inner)

    def _class(self, node: cst.ClassDef, scope: Scope) -> None:
        for decorator in node.decorators:
            self._read(decorator.decorator, scope)
        for argument in (*node.bases, *node.keywords):
            self._read(argument.value, scope)
        name = self._unique(scope.prefix + node.name.value)
        self._bind(node.name.value, scope, Binding("class", name))
        inner = self.classes[name] = self._open("class", name, node, scope)
        self._type_parameters(node, inner)
        self._suite(node.body, inner)

    def _type_parameters(self, node: cst.FunctionDef | cst.ClassDef, inner: Scope) -> None:
        if node.type_parameters is not None:
            for parameter in node.type_parameters.params:
                inner.bind(parameter.param.name.value, _PARAM)

    def _parameters(self, params: cst.Parameters, outer: Scope, inner: Scope) -> None:
        for param in all_parameters(params):
            inner.bind(param.name.value, _PARAM)
            if param.default is not None:
                self._read(param.default, outer)
            if param.annotation is not None:
                self._mention(param.annotation.annotation)

    def graft(self, scope: Scope, node: cst.FunctionDef, top: int) -> None:
        """A function that was left out at first; `top` numbers the statement that it came with."""
        scope.node, scope.top, self._top = node, top, top
        scope.counted = None
        scope.known.clear()
        scope.unread.clear()
        self._parameters(node.params, scope.parent or self.root, scope)
        self._type_parameters(node, scope)
        self._suite(node.body, scope)

    def _open(self, kind: str, name: str, node: cst.CSTNode, parent: Scope) -> Scope:
        scope = self.scopes[id(node)] = Scope(kind, name, node, parent, self._top)
        parent.children.append(scope)
        return scope

    def _unique(self, name: str) -> str:
        self._seen[name] += 1
        number = self._seen[name]
        self.latest[name] = full = name if number == 1 else f"{name}#{number}"
        return full

    # Bindings

    def _bind(self, name: str, scope: Scope, binding: Binding) -> None:
        scope = scope.body
        how = scope.declared.get(name)
        if how == "global":
            binding = _OTHER if binding.kind != "import" else binding
            scope = self.root
        elif how == "nonlocal":
            return
        scope.bind(name, binding)

    def _target(self, node: Any, scope: Scope, comp: Scope | None = None) -> None:
        """An assignment's target; in `comp` it is private to the comprehension."""
        stack = [node]
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind is cst.Name:
                if comp is not None:
                    comp.bind(node.value, _OTHER)
                else:
                    self._bind(node.value, scope, _OTHER)
            elif kind in LISTED:
                stack.extend(reversed(node.elements))
            elif kind is cst.Element or kind is cst.StarredElement:
                stack.append(node.value)
            else:
                self._read(node, comp or scope)

    def _listed(self, value: cst.CSTNode) -> None:
        """Names in `__all__`."""
        if isinstance(value, cst.List | cst.Tuple):
            for element in value.elements:
                if isinstance(element.value, cst.SimpleString):
                    self.mentions.update(_WORD.findall(element.value.value))

    # Expressions

    def _read(self, node: cst.CSTNode, scope: Scope) -> None:
        if self._plain:
            scope.unread.append(node)
            return
        stack: list[tuple[Any, Scope]] = [(node, scope)]
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            if kind is cst.Name:
                scope.known.append(node.value)  # type: ignore[attr-defined]
                continue
            parts = PARTS.get(kind)
            if parts is not None:
                for part in parts(node):
                    if part.__class__ is tuple or part.__class__ is list:
                        stack.extend([(item, scope) for item in reversed(part)])
                    elif part is not None:
                        stack.append((part, scope))
            elif kind is cst.NamedExpr or kind is cst.Yield or kind is cst.Lambda or kind in COMPREHENSIONS:
                self._special(node, scope, stack)

    def _special(self, node: Any, scope: Scope, stack: list[tuple[Any, Scope]]) -> None:
        if isinstance(node, cst.NamedExpr):
            if isinstance(node.target, cst.Name):
                self._bind(node.target.value, scope, _OTHER)
            stack.append((node.value, scope))
        elif isinstance(node, cst.Yield):
            scope.body.generator = True
            if node.value is not None:
                stack.append((node.value, scope))
        elif isinstance(node, cst.Lambda):
            owner = scope.body
            owner.lambdas += 1
            name = f"{scope.prefix}<lambda#{owner.lambdas}>"
            inner = self.functions[name] = self._open("lambda", name, node, scope)
            self._parameters(node.params, scope, inner)
            stack.append((node.body, inner))
        else:
            inner = self._open("comp", "", node, scope)
            stack.append((node.for_in.iter, scope))
            self._comprehension(node, node.for_in, inner, stack)

    def _comprehension(self, node: Any, loop: cst.CompFor, inner: Scope, stack: list[tuple[Any, Scope]]) -> None:
        level: cst.CompFor | None = loop
        while level is not None:
            self._target(level.target, inner, inner)
            if level is not loop:
                stack.append((level.iter, inner))
            stack.extend((test.test, inner) for test in level.ifs)
            level = level.inner_for_in
        for name in ("elt", "key", "value"):
            part = getattr(node, name, None)
            if part is not None:
                stack.append((part, inner))

    def _mention(self, node: cst.CSTNode) -> None:
        """Names in an annotation, also inside of strings; nothing in it is evaluated."""
        stack: list[Any] = [node]
        while stack:
            node = stack.pop()
            if isinstance(node, cst.Name):
                self.mentions[node.value] += 1
            elif isinstance(node, cst.SimpleString):
                self.mentions.update(_WORD.findall(node.value))
            else:
                for part in PARTS.get(type(node), lambda _: ())(node):
                    if isinstance(part, list | tuple):
                        stack.extend(part)
                    elif part is not None:
                        stack.append(part)


def _assigned(value: cst.CSTNode) -> Binding:
    """What an assignment of this value makes of a name."""
    kind = type(value)
    if kind is cst.Name and value.value in ("None", "False"):  # type: ignore[attr-defined]
        return Binding("none", value=value)
    if (kind is cst.Name or kind is cst.Attribute) and chain(value) is not None:
        return Binding("alias", value=value)
    return Binding("other", value=value) if kind is cst.Integer or kind is cst.Comparison else _OTHER


_Handler = Callable[[Survey, Any, Scope], None]
_SMALL: dict[type, _Handler] = {
    cst.Expr: Survey._expr,
    cst.Assign: Survey._assign,
    cst.AnnAssign: Survey._annotated,
    cst.AugAssign: Survey._augmented,
    cst.Del: Survey._delete,
    cst.Global: Survey._global,
    cst.Nonlocal: Survey._global,
    cst.Return: Survey._values,
    cst.Raise: Survey._values,
    cst.Assert: Survey._values,
    cst.TypeAlias: Survey._type_alias,
    **dict.fromkeys(IMPORTS, cast("_Handler", Survey._import)),
    **dict.fromkeys(IMPORTS_FROM, cast("_Handler", Survey._import_from)),
}
_COMPOUND: dict[type, _Handler] = {
    cst.If: Survey._if,
    cst.While: Survey._while,
    cst.For: Survey._for,
    cst.Try: Survey._try,
    cst.TryStar: Survey._try,
    cst.With: Survey._with,
    cst.Match: Survey._match,
    cst.FunctionDef: Survey._function,
    cst.ClassDef: Survey._class,
}
