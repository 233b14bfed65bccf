"""One file as units that flow can ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

import libcst as cst

from tempsafe_lint.front.build import Sites
from tempsafe_lint.front.depth import roomy
from tempsafe_lint.front.imports import import_table
from tempsafe_lint.front.lower import lower
from tempsafe_lint.front.names import Names
from tempsafe_lint.front.outline import DEEP, Outline, outline
from tempsafe_lint.front.spans import Spans
from tempsafe_lint.front.survey import Survey
from tempsafe_lint.front.tree import text_of
from tempsafe_lint.ir.cfg import ClassInfo, Function
from tempsafe_lint.plans import ImportTable
from tempsafe_lint.source import Site, Source, Span

_PYTHON_2 = (
    (
        re.compile(r"\bprint\s+(?:[^\W\d]\w*\s*(?:$|[,.(%;#])|[uUbBrR]{0,2}[\"']|[-\d`])|\bprint\s*>>"),
        "a print statement",
    ),
    (re.compile(r"^\s*exec\s+[\"'\w]"), "an exec statement"),
    (re.compile(r"^\s*except\s+.+,\s*\w+\s*:"), "`except ..., name`"),
    (re.compile(r"^\s*raise\s+[\w.]+\s*,"), "`raise ..., value`"),
    (re.compile(r"`[^`]*`"), "backticks"),
    (re.compile(r"<>"), "`<>`"),
    (re.compile(r"\b0[0-7]+\b(?!\.)|\b\d+[lL]\b"), "an old number literal"),
    (re.compile(r"\b[uU][rR][\"']"), "a `ur` string"),
)


class Unparsable(Exception):
    """The text is not Python that can be read: row and column are 1-based, the message is one line."""

    def __init__(self, row: int, column: int, message: str) -> None:
        super().__init__(message)
        self.row = row
        self.column = column
        self.message = message

    def __str__(self) -> str:
        return f"{self.row}:{self.column}: {self.message}"


class File:
    """A parsed file: graphs of its functions, spans of its sites, its comments and imports.

    `functions` are the qualified names in source order, the first is `<module>`; a name that is defined again is
    `name#2`. `comments` maps a row (1-based) to the offset of `#` and the comment. Implements ir.cfg.Units.
    """

    def __init__(self, source: Source, module: cst.Module, seen: Outline) -> None:
        self.source = source
        self.module = module
        self._outline = seen
        self._deep = seen.depth > DEEP
        self._survey = roomy(lambda: Survey(module), self._deep)
        self._names = Names(self._survey)
        self._sites = Sites()
        self._spans = Spans(module, source.text, seen.starts)
        self._lowered: dict[str, Function] = {}

    @property
    def comments(self) -> dict[int, tuple[int, str]]:
        return self._outline.comments

    @cached_property
    def functions(self) -> tuple[str, ...]:
        return tuple(self._survey.functions)

    @cached_property
    def classes(self) -> dict[str, ClassInfo]:
        found = {}
        for name, scope in self._survey.classes.items():
            if scope.parent is None or not isinstance(scope.node, cst.ClassDef):
                continue
            names = ((base.value, self._names.dotted(base.value, scope.parent)) for base in scope.node.bases)
            bases = tuple(dotted or text_of(node) for node, dotted in names if dotted or text_of(node))
            methods = tuple(inner.name for inner in scope.children if inner.kind == "function")
            found[name] = ClassInfo(name, bases, methods)
        return found

    @cached_property
    def taken(self) -> frozenset[str]:
        rows = (row for row in self._survey.imports if isinstance(row.statement, cst.ImportFrom))
        return frozenset(row.dotted for row in rows if row.alias is not None)

    def lower(self, name: str) -> Function:
        """The graph of one function; KeyError if there is none of that name."""
        found = self._lowered.get(name)
        if found is None:
            scope = self._survey.functions[name]
            found = roomy(lambda: lower(self._survey, self._names, self._sites, scope), self._deep)
            self._lowered[name] = found
        return found

    def spans(self, sites: Iterable[Site]) -> dict[Site, Span]:
        """Where the sites stand, in code points."""
        wanted = list(sites)
        return roomy(lambda: {site: self._span(site) for site in wanted}, self._deep)

    def _span(self, site: Site) -> Span:
        node, top, whole = self._sites.nodes[site.number]
        return self._spans.statement(node, top) if whole else self._spans.expression(node, top)

    def imports(self) -> ImportTable:
        """Imported and bound names, and where a new import can go."""
        return roomy(
            lambda: import_table(self._survey, self._spans, self.source.text, self._outline.starts), self._deep
        )


def parse(source: Source) -> File:
    """Read one file; raises Unparsable."""
    seen = outline(source.text)
    if seen.problem is not None:
        row, reason = seen.problem
        raise Unparsable(row, 1, f"too deeply nested: {reason}")
    try:
        module = roomy(lambda: cst.parse_module(source.text), seen.depth > DEEP)
    except cst.ParserSyntaxError as error:
        raise _unparsable(source, error) from None
    return File(source, module, seen)


def _unparsable(source: Source, error: cst.ParserSyntaxError) -> Unparsable:
    row = min(max(error.raw_line, 1), len(source.line_starts))
    line = source.line(row)
    column = min(max(error.raw_column, 0), len(line)) + 1
    for pattern, what in _PYTHON_2:
        if pattern.search(line):
            return Unparsable(row, column, f"looks like Python 2: {what}")
    return Unparsable(row, column, "not valid Python")
