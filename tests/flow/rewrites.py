"""Rewrites of a program that mean nothing: each gives the new text and where its rows have gone.

A rewrite answers with a reason (`Kept`) where it does not apply to a program.
"""

from __future__ import annotations

import ast
import builtins
import io
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import libcst as cst

#: What is put between statements; one line, and no other line looks like it.
_UNRELATED = "unrelated_thing = 1 + 1"
_REMARK = "# nothing to see here"
_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Kept(Exception):
    """The rewrite does not apply, and why."""


@dataclass(frozen=True)
class Rewritten:
    """The new text; `rows[i]` is where row `i` has gone (rows that are not there stay)."""

    text: str
    rows: dict[int, int]


def _same_rows(text: str) -> Rewritten:
    return Rewritten(text, {})


def _without_added(text: str, added: str) -> Rewritten:
    """Rows of a text into which whole lines were put."""
    rows: dict[int, int] = {}
    for row, line in enumerate(text.splitlines(), 1):
        if line.strip() != added and (added != _REMARK or line.strip()):
            rows[len(rows) + 1] = row
    return Rewritten(text, rows)


# -- names -----------------------------------------------------------------------------------------------------------


class _Renamer(cst.CSTTransformer):
    """Renames variables, never attributes or keywords."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self._names.get(original_node.value, original_node.value))

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)


def renamed_variables(text: str) -> Rewritten:
    """Every variable of a function has another name."""
    tree = ast.parse(text)
    local, taken = set(), set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            local |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            arguments = node.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            taken |= {argument.arg for argument in every if argument is not None}
        if isinstance(node, ast.Import | ast.ImportFrom):
            taken |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        if isinstance(node, ast.Global | ast.Nonlocal):
            taken |= set(node.names)
        if isinstance(node, _DEFS):
            taken.add(node.name)
        if isinstance(node, ast.ExceptHandler) and node.name:
            taken.add(node.name)
        if isinstance(node, ast.Module | ast.ClassDef):
            inside = [n for part in node.body if not isinstance(part, _DEFS) for n in ast.walk(part)]
            taken |= {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {name: f"{name}_renamed" for name in local - taken}
    if not names:
        raise Kept("no variable of a function")
    return _same_rows(cst.parse_module(text).visit(_Renamer(names)).code)


class _Aliased(cst.CSTTransformer):
    """`import tempfile` under another name."""

    def __init__(self) -> None:
        self.done = False

    def leave_ImportAlias(self, original_node: cst.ImportAlias, updated_node: cst.ImportAlias) -> cst.ImportAlias:
        if updated_node.asname is not None or updated_node.evaluated_name != "tempfile":
            return updated_node
        self.done = True
        return updated_node.with_changes(asname=cst.AsName(cst.Name("t_renamed")))

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def visit_ImportAlias(self, node: cst.ImportAlias) -> bool:
        return False

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return cst.Name("t_renamed") if original_node.value == "tempfile" else updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)


def _plain_import(text: str) -> None:
    bound = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and n.id == "tempfile"]
    if any(not isinstance(n.ctx, ast.Load) for n in bound):
        raise Kept("`tempfile` is bound by something else")
    if "import tempfile." in text:
        raise Kept("a module below `tempfile`")


def aliased_import(text: str) -> Rewritten:
    """`import tempfile as t`."""
    _plain_import(text)
    change = _Aliased()
    result = cst.parse_module(text).visit(change).code
    if not change.done:
        raise Kept("no `import tempfile`")
    return _same_rows(result)


class _FromImport(cst.CSTTransformer):
    """`tempfile.mkstemp` as a name of its own."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self.done = False

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        first = original_node.body[0]
        if not isinstance(first, cst.Import) or [a.evaluated_name for a in first.names] != ["tempfile"]:
            return updated_node
        self.done = True
        names = ", ".join(f"{name} as {name}_m" for name in self._names)
        statement = cst.parse_statement(f"from tempfile import {names}")
        assert isinstance(statement, cst.SimpleStatementLine)
        return updated_node.with_changes(body=[statement.body[0], *updated_node.body[1:]])

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        if isinstance(original_node.value, cst.Name) and original_node.value.value == "tempfile":
            return cst.Name(f"{original_node.attr.value}_m", original_node.lpar, original_node.rpar)
        return updated_node


def from_import(text: str) -> Rewritten:
    """`from tempfile import mkstemp as m`."""
    _plain_import(text)
    found = ast.walk(ast.parse(text))
    names = {n.attr for n in found if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == "tempfile"}
    if not names:
        raise Kept("nothing of `tempfile` is used")
    uses = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and n.id == "tempfile"]
    parents = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    if len(uses) != sum(n.value.id == "tempfile" for n in parents if isinstance(n.value, ast.Name)):
        raise Kept("the module itself is used as a value")
    if any(isinstance(n.ctx, ast.Store) and getattr(n.value, "id", "") == "tempfile" for n in parents):
        raise Kept("an attribute of the module is set")
    change = _FromImport(sorted(names))
    result = cst.parse_module(text).visit(change).code
    if not change.done:
        raise Kept("`tempfile` is not imported by itself")
    return _same_rows(result)


# -- layout ----------------------------------------------------------------------------------------------------------


def crlf(text: str) -> Rewritten:
    """Other line ends."""
    return _same_rows(text.replace("\n", "\r\n"))


class _Parentheses(cst.CSTTransformer):
    """Parentheses around what is bound, returned or passed."""

    def _around(self, value: cst.BaseExpression) -> cst.BaseExpression:
        if isinstance(value, cst.Tuple | cst.GeneratorExp | cst.Yield | cst.Await | cst.NamedExpr):
            return value
        return value.with_changes(lpar=[cst.LeftParen(), *value.lpar], rpar=[*value.rpar, cst.RightParen()])

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        return updated_node.with_changes(value=self._around(updated_node.value))

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(value=self._around(updated_node.value))

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.Expr:
        if isinstance(original_node.value, cst.Call):
            return updated_node.with_changes(value=self._around(updated_node.value))
        return updated_node


def parenthesised(text: str) -> Rewritten:
    """Parentheses that change nothing."""
    return _same_rows(cst.parse_module(text).visit(_Parentheses()).code)


def _logical_lines(text: str) -> list[int]:
    """Rows on which a statement begins, and with which its indentation is that of code."""
    starts, fresh = [], True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            fresh = True
        elif fresh and token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
            starts.append(token.start[0])
            fresh = False
    return starts


def spaced(text: str) -> Rewritten:
    """A blank line and a comment before every statement."""
    starts, lines, rows = set(_logical_lines(text)), [], {}
    for row, line in enumerate(text.splitlines(), 1):
        if row in starts:
            lines += ["", line[: len(line) - len(line.lstrip())] + _REMARK]
        lines.append(line)
        rows[row] = len(lines)
    return Rewritten("\n".join(lines) + "\n", rows)


class _Interleaved(cst.CSTTransformer):
    """An unrelated statement before every statement of every block."""

    def _between(self, body: list[cst.BaseStatement], start: int) -> list[cst.BaseStatement]:
        fresh: list[cst.BaseStatement] = list(body[:start])
        for statement in body[start:]:
            fresh += [cst.parse_statement(_UNRELATED + "\n"), statement]  # type: ignore[list-item]
        return fresh

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        docstring = original_node.body[0]
        start = int("'''" in cst.Module([docstring]).code or '"""' in cst.Module([docstring]).code)
        return updated_node.with_changes(body=self._between(list(updated_node.body), start))


def interleaved(text: str) -> Rewritten:
    """Unrelated statements in between."""
    module = cst.parse_module(text).visit(_Interleaved())
    if module.code == text:
        raise Kept("no block")
    return _without_added(module.code, _UNRELATED)


# -- wrapping --------------------------------------------------------------------------------------------------------


def _cut(text: str) -> tuple[int, ast.Module]:
    """How many rows at the head are imports, docstring and comments; the rest is what is wrapped."""
    tree = ast.parse(text)
    end = 0
    for statement in tree.body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not isinstance(statement, ast.Import | ast.ImportFrom) and not docstring:
            break
        end = statement.end_lineno or 0
    rest = [statement for statement in tree.body if statement.lineno > end]
    if not rest:
        raise Kept("nothing but imports")
    if any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in rest):
        raise Kept("a star import cannot be moved")
    return end, tree


def _indented(text: str, end: int, head: list[str], indent: str = "    ") -> Rewritten:
    lines = text.splitlines()
    inside: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING:
            inside |= set(range(token.start[0] + 1, token.end[0] + 1))
    fresh, rows = [*lines[:end], *head], {row: row for row in range(1, end + 1)}
    for row, line in enumerate(lines[end:], end + 1):
        fresh.append(line if row in inside or not line.strip() else indent + line)
        rows[row] = len(fresh)
    return Rewritten("\n".join(fresh) + "\n", rows)


def under_if(text: str) -> Rewritten:
    """All but the imports under `if True:`."""
    end, _ = _cut(text)
    return _indented(text, end, ["if True:"])


def _only_functions(tree: ast.Module, end: int) -> list[ast.stmt]:
    rest = [statement for statement in tree.body if statement.lineno > end]
    if not all(isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) for statement in rest):
        raise Kept("not only functions: what a module or class keeps is judged by other measures")
    return rest


def _independent(rest: list[ast.stmt]) -> None:
    names = {statement.name for statement in rest if isinstance(statement, _DEFS)}
    mentioned = {n.id for statement in rest for n in ast.walk(statement) if isinstance(n, ast.Name)}
    if names & mentioned:
        raise Kept("functions that mention each other")


def _plain(rest: list[ast.stmt]) -> None:
    if any(s.decorator_list for s in rest if isinstance(s, _DEFS)):
        raise Kept("decorated")


def nested(text: str) -> Rewritten:
    """Functions inside a function."""
    end, tree = _cut(text)
    _only_functions(tree, end)
    return _indented(text, end, ["def outer_function():"])


def in_class(text: str) -> Rewritten:
    """Functions as methods."""
    end, tree = _cut(text)
    rest = _only_functions(tree, end)
    _independent(rest)
    _plain(rest)
    if any(s.name.startswith("__") for s in rest if isinstance(s, ast.FunctionDef)):
        raise Kept("a name that means something else in a class")
    if any(n.id in ("self", "cls") for s in rest for n in ast.walk(s) if isinstance(n, ast.Name)):
        raise Kept("uses `self` as a plain name")
    lines = text.splitlines()
    for statement in rest:
        assert isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
        row = statement.lineno - 1
        arguments = statement.args
        some = [*arguments.args, *arguments.posonlyargs, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        more = ", " if any(a is not None for a in some) else ""
        lines[row] = lines[row].replace("(", f"(self{more}", 1)
    return _indented("\n".join(lines) + "\n", end, ["class Wrapping:"])


def made_async(text: str) -> Rewritten:
    """Functions that are called elsewhere, as coroutines."""
    end, tree = _cut(text)
    rest = _only_functions(tree, end)
    _independent(rest)
    _plain(rest)
    if any(isinstance(n, ast.YieldFrom) for s in rest for n in ast.walk(s)):
        raise Kept("`yield from` cannot stand in a coroutine")
    lines = text.splitlines()
    for statement in rest:
        if isinstance(statement, ast.FunctionDef):
            lines[statement.lineno - 1] = "async " + lines[statement.lineno - 1]
    return _same_rows("\n".join(lines) + "\n")


def reordered(text: str) -> Rewritten:
    """Top-level functions and classes the other way round."""
    end, tree = _cut(text)
    rest = [statement for statement in tree.body if statement.lineno > end]
    if len(rest) < 2:
        raise Kept("one statement")
    if not all(isinstance(statement, _DEFS) for statement in rest):
        raise Kept("statements of the module whose order matters")
    names = {s.name for s in rest if isinstance(s, _DEFS)}
    for statement in rest:
        assert isinstance(statement, _DEFS)
        early: list[ast.AST] = list(statement.decorator_list)
        early += statement.bases if isinstance(statement, ast.ClassDef) else [statement.args]
        if {n.id for part in early for n in ast.walk(part) if isinstance(n, ast.Name)} & names or len(names) < len(
            rest
        ):
            raise Kept("a definition that needs another one before it")
    lines = text.splitlines()
    starts = [min([s.lineno, *(d.lineno for d in s.decorator_list)]) for s in rest if isinstance(s, _DEFS)]
    edges = [end + 1, *starts[1:], len(lines) + 1]
    fresh, rows = lines[:end], {row: row for row in range(1, end + 1)}
    for first, last in reversed(list(pairwise(edges))):
        for row in range(first, last):
            fresh.append(lines[row - 1])
            rows[row] = len(fresh)
    return Rewritten("\n".join(fresh) + "\n", rows)


#: Each rewrite with the largest share of examples that it may leave out.
ALL: dict[Callable[[str], Rewritten], float] = {
    renamed_variables: 0.2,
    aliased_import: 0.15,
    from_import: 0.15,
    crlf: 0.0,
    parenthesised: 0.0,
    spaced: 0.0,
    interleaved: 0.05,
    under_if: 0.0,
    nested: 0.25,
    in_class: 0.4,
    made_async: 0.4,
    reordered: 0.65,
}
