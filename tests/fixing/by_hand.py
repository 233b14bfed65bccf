"""A small front and a small linter for the tests of fixing, made from the standard library's `ast`.

They know enough to give plans, places and import tables for a text; the real ones have tests of their own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise

from tempsafe_lint.edits import Fix
from tempsafe_lint.findings import Finding, Level, Report, Safety
from tempsafe_lint.fixing.render import Withheld, render
from tempsafe_lint.plans import DeleteStatement, ImportedName, ImportTable, Plan, ReplaceCallee
from tempsafe_lint.source import Site, Source, Span

CALLEE, CALL = Site(0, 1), Site(0, 2)


def source_of(text: str, **options: object) -> Source:
    return Source(text, "sample.py", **options)  # type: ignore[arg-type]


def marked(text: str) -> tuple[str, Span]:
    """A text whose wanted part stands between « and », and the place of that part."""
    start, end = text.index("«"), text.index("»") - 1
    return text.replace("«", "").replace("»", ""), Span(start, end)


def span(source: Source, node: ast.AST) -> Span:
    """Code points of a node."""

    def offset(row: int, column: int) -> int:
        line = source.line(row).encode("utf-8")
        return source.line_starts[row - 1] + len(line[:column].decode("utf-8"))

    return Span(offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset))  # type: ignore[attr-defined]


def imports_of(source: Source) -> ImportTable:
    """The import table of a text that `ast` can parse."""
    tree = ast.parse(source.text)
    uses: dict[str, int] = {}
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                uses[node.id] = uses.get(node.id, 0) + 1
            else:
                bound.add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
    names, stars = [], []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for alias in node.names:
            if alias.name == "*":
                stars.append(node.module or "")
                continue
            name = alias.asname or alias.name.partition(".")[0]
            dotted = alias.name if alias.asname else name
            if isinstance(node, ast.ImportFrom):
                dotted = "." * node.level + (f"{node.module}." if node.module else "") + alias.name
            where = span(source, node), span(source, alias)
            names.append(ImportedName(name, dotted, *where, len(node.names), uses.get(name, 0), node in tree.body))
    return ImportTable(tuple(names), frozenset(bound), _insert_at(source, tree), tuple(stars))


def _insert_at(source: Source, tree: ast.Module) -> int:
    row = 1
    for number, node in enumerate(tree.body):
        docstring = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if docstring or future:
            row = (node.end_lineno or 0) + 1
    while row <= len(source.line_starts) and source.line(row).startswith("#"):
        row += 1
    return source.line_starts[row - 1] if row <= len(source.line_starts) else len(source.text)


def replace_callee(text: str, to: str = "tempsafe.mktemp", *, path: str | None = None, **plan: object) -> Fix:
    """The fix for the callee between « and » in `text`; the call around it is found by `ast`."""
    text, place = marked(text)
    source = Source(text, "sample.py", path=path)
    calls = [
        span(source, node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and span(source, node.func) == place
    ]
    spans = {CALLEE: place, **({CALL: calls[0]} if calls else {})}
    wanted = ReplaceCallee(CALLEE, to, Safety.SAFE, "use it", call=CALL if calls else None, **plan)  # type: ignore[arg-type]
    return render(wanted, source, spans, imports_of(source))


#: What the small linter reports, and what it would have instead. Arguments to set, and where they stand by position.
SWAPS: dict[str, tuple[str, str, tuple[tuple[str, str], ...], tuple[tuple[str, int], ...]]] = {
    "tempfile.mktemp": ("TMP201", "tempsafe.mktemp", (), ()),
    "tempfile.mkdtemp": ("TMP402", "tempsafe.mkdtemp", (), ()),
    "tempfile.mkstemp": ("TMP401", "tempsafe.mkstemp", (), ()),
    "tempfile.NamedTemporaryFile": (
        "TMP401",
        "tempsafe.NamedTemporaryFile",
        (("delete", '"exit"'),),
        (("delete", 7),),
    ),
}


class Linter:
    """Reports swaps, statements that repeat the one before them, and descriptors of `mkstemp()[1]`."""

    def __init__(self, extra: Callable[[Source], list[Finding]] | None = None) -> None:
        self.extra = extra
        self.runs = 0

    def __call__(self, source: Source) -> Report:
        self.runs += 1
        try:
            tree = ast.parse(source.text)
        except SyntaxError as error:
            return Report(source.filename, (finding(source, "TMP900", Span(0, 0), str(error)),))
        findings = [*self.swaps(source, tree), *self.repeats(source, tree), *(self.extra(source) if self.extra else [])]
        return Report(source.filename, tuple(sorted(findings, key=lambda one: one.order)))

    def swaps(self, source: Source, tree: ast.Module) -> Iterator[Finding]:
        imports = imports_of(source)
        calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for unit, node in _in_units(tree):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("mkstemp()"):
                yield finding(source, "TMP403", span(source, node.value), "fd", unit=unit)
            name = _dotted(node, imports)
            if name not in SWAPS:
                continue
            call = calls.get(id(node))
            code, to, arguments, positions = SWAPS[name]
            if arguments and (call is None or "delete=False" not in ast.unparse(call)):
                continue
            spans = {CALLEE: span(source, node), CALL: span(source, call or node)}
            plan = ReplaceCallee(CALLEE, to, Safety.SAFE, f"use {to}", CALL if call else None, arguments, positions)
            yield _with_plan(finding(source, code, spans[CALL], name, unit=unit), plan, source, spans, imports)

    def repeats(self, source: Source, tree: ast.Module) -> Iterator[Finding]:
        imports = imports_of(source)
        for unit, node in _in_units(tree):
            for suite in (getattr(node, part, []) for part in ("body", "orelse", "finalbody", "handlers")):
                rows = suite if isinstance(suite, list) else []
                for one, two in pairwise(rows):
                    if isinstance(two, ast.Expr) and ast.dump(one) == ast.dump(two):
                        plan = DeleteStatement(CALL, Safety.SAFE, "delete it")
                        spans = {CALL: span(source, two)}
                        yield _with_plan(
                            finding(source, "TMP405", spans[CALL], "twice", unit=unit), plan, source, spans, imports
                        )


def _in_units(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    stack: list[tuple[str, ast.AST]] = [("<module>", tree)]
    while stack:
        unit, node = stack.pop()
        yield unit, node
        inner = node.name if isinstance(node, ast.FunctionDef) else unit
        stack.extend((inner, child) for child in ast.iter_child_nodes(node))


def _dotted(node: ast.AST, imports: ImportTable) -> str | None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        known = next((name.dotted for name in imports.imports if name.name == node.value.id), None)
        return None if known is None or node.value.id in imports.bound else f"{known}.{node.attr}"
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in imports.bound:
        known = next((name.dotted for name in imports.imports if name.name == node.id), None)
        stars = [f"{module}.{node.id}" for module in imports.stars]
        return known or next((name for name in stars if name in SWAPS), None)
    return None


def _with_plan(one: Finding, plan: Plan, source: Source, spans: dict[Site, Span], imports: ImportTable) -> Finding:
    from tempsafe_lint.records import replace

    try:
        return replace(one, fix=render(plan, source, spans, imports))
    except Withheld as reason:
        return one.without_fix(str(reason))


def finding(
    source: Source, code: str, place: Span, message: str, *, unit: str = "<module>", fix: Fix | None = None
) -> Finding:
    return Finding(
        code,
        code.lower(),
        message,
        Level.HIGH,
        Level.HIGH,
        source.filename,
        source.region(place),
        unit,
        source.text[place.start : place.end],
        fix=fix,
    )
