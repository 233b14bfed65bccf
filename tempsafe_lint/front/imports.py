"""What a fix must know of a file's imports."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Mapping, Set
from typing import Any

import libcst as cst

from tempsafe_lint.front.scopes import ImportRow, Scope
from tempsafe_lint.front.survey import Survey
from tempsafe_lint.plans import ImportedName, ImportTable
from tempsafe_lint.source import Span

_HEAD = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*")
#: Names that every module has.
_ALWAYS = frozenset(dir(builtins)) | {"__file__", "__path__", "__cached__", "__class__", "__module__", "__qualname__"}
_COMMENTS = re.compile(r"(?:[ \t\f]*#[^\r\n]*(?:\r\n|\r|\n))*")


#: Where a node stands: the node, the number of its top-level statement, whether its whole statement is meant.
Where = Callable[[Any, int, bool], Span]


def import_table(survey: Survey, where: Where, text: str, bound: Set[str]) -> ImportTable:
    """The table of one file; `bound` are the names that are bound by something else than an import."""
    mentions = survey.mentions.copy()
    loose: set[tuple[str, str]] = set()
    pending = [survey.root]
    while pending:
        scope = pending.pop()
        pending.extend(scope.children)
        mentions.update(scope.reads)
        loose.update((scope.name, name) for name in scope.reads if not _is_bound(name, scope))
    rows = [row for row in survey.imports if row.alias is not None]
    imports = tuple(_imported(row, where, _uses(row, mentions, survey.mentions)) for row in rows)
    stars = tuple(dict.fromkeys(row.dotted for row in survey.imports if row.alias is None))
    return ImportTable(imports, bound, _insert_at(survey, text, where), stars, frozenset(loose))


def _is_bound(name: str, scope: Scope) -> bool:
    """Whether some scope gives a name that is read in `scope` a value: its own, those of the functions around, the
    module's; not when.
    """
    if name in scope.bindings or name in _ALWAYS:
        return True
    around = scope.parent
    while around is not None:
        if name in around.bindings and around.kind != "class":
            return True
        around = around.parent
    return False


def _uses(row: ImportRow, everywhere: Mapping[str, int], outside: Mapping[str, int]) -> int:
    """Mentions of an imported name: those in its function where it is a name of that function's own."""
    scope = row.scope
    if scope.kind != "function" or row.name in scope.declared:
        return everywhere[row.name]
    found, pending = outside[row.name], [scope]
    while pending:
        inner = pending.pop()
        pending.extend(inner.children)
        found += inner.reads[row.name]
    return found


def _imported(row: ImportRow, where: Where, uses: int) -> ImportedName:
    alias: cst.ImportAlias = row.alias  # type: ignore[assignment]
    statement = where(row.statement, row.top, False)
    name = where(alias, row.top, False)
    return ImportedName(row.name, row.dotted, statement, name, row.count, uses, row.outermost)


def _insert_at(survey: Survey, text: str, where: Where) -> int:
    """The start of the first import's line after docstring and `__future__`; without one, behind those."""
    after = 0
    for top, statement in enumerate(survey.module.body):
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        docstring = top == 0 and isinstance(small, cst.Expr) and isinstance(small.value, cst.BaseString)
        future = isinstance(small, cst.ImportFrom) and isinstance(small.module, cst.Name)
        future = future and small.module.value == "__future__"  # type: ignore[union-attr]
        if docstring or future:
            after = _next_line(text, where(statement, top, True).end)
        elif isinstance(small, cst.Import | cst.ImportFrom):
            return where(statement, top, True).start
    if after:
        return after
    head = _COMMENTS.match(text)
    return head.end() if head else 0


def _next_line(text: str, offset: int) -> int:
    """The start of the line after the one of `offset`, or the end of the text."""
    found = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)").match(text, offset)
    return found.end() if found else len(text)
