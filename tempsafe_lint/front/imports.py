"""What a fix must know of a file's imports."""

from __future__ import annotations

import builtins
import re

import libcst as cst

from tempsafe_lint.front.scopes import ImportRow, Scope
from tempsafe_lint.front.spans import Spans
from tempsafe_lint.front.survey import Survey
from tempsafe_lint.plans import ImportedName, ImportTable

_HEAD = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*")
#: Names that every module has.
_ALWAYS = frozenset(dir(builtins)) | {"__file__", "__path__", "__cached__", "__class__", "__module__", "__qualname__"}
_COMMENTS = re.compile(r"(?:[ \t\f]*#[^\r\n]*(?:\r\n|\r|\n))*")


def import_table(survey: Survey, spans: Spans, text: str, starts: list[int]) -> ImportTable:
    """The table of one file; `starts` are the offsets of its top-level statements."""
    mentions = survey.mentions.copy()
    bound: set[str] = set()
    loose: set[tuple[str, str]] = set()
    pending = [survey.root]
    while pending:
        scope = pending.pop()
        pending.extend(scope.children)
        mentions.update(scope.reads)
        loose.update((scope.name, name) for name in scope.reads if not _is_bound(name, scope))
        bound.update(name for name, found in scope.bindings.items() if any(b.kind != "import" for b in found))
    rows = [row for row in survey.imports if row.alias is not None]
    imports = tuple(_imported(row, spans, mentions[row.name]) for row in rows)
    stars = tuple(dict.fromkeys(row.dotted for row in survey.imports if row.alias is None))
    return ImportTable(imports, frozenset(bound), _insert_at(survey, text, spans), stars, frozenset(loose))


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


def _imported(row: ImportRow, spans: Spans, uses: int) -> ImportedName:
    alias: cst.ImportAlias = row.alias  # type: ignore[assignment]
    statement = spans.expression(row.statement, row.top)
    name = spans.expression(alias, row.top)
    return ImportedName(row.name, row.dotted, statement, name, row.count, uses, row.outermost)


def _insert_at(survey: Survey, text: str, spans: Spans) -> int:
    """The start of the first import's line after docstring and `__future__`; without one, behind those."""
    after = 0
    for top, statement in enumerate(survey.module.body):
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        docstring = top == 0 and isinstance(small, cst.Expr) and isinstance(small.value, cst.BaseString)
        future = isinstance(small, cst.ImportFrom) and isinstance(small.module, cst.Name)
        future = future and small.module.value == "__future__"  # type: ignore[union-attr]
        if docstring or future:
            after = _next_line(text, spans.statement(statement, top).end)
        elif isinstance(small, cst.Import | cst.ImportFrom):
            return spans.statement(statement, top).start
    if after:
        return after
    head = _COMMENTS.match(text)
    return head.end() if head else 0


def _next_line(text: str, offset: int) -> int:
    """The start of the line after the one of `offset`, or the end of the text."""
    found = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)").match(text, offset)
    return found.end() if found else len(text)
