"""Imports that fixes made unused: taken out one statement at a time, unless something else may want the name.

A name is taken out only if the fixes took its last uses away. What was unused before is not our business.
Offsets are code points.
"""

from __future__ import annotations

import re
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import libcst as cst

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.imports import split_need
from tempsafe_lint.fixing.items import Item, remove_items
from tempsafe_lint.fixing.layout import Layout, Line, layout
from tempsafe_lint.fixing.statements import delete_statement
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Collection

    from tempsafe_lint.plans import ImportedName, ImportTable
    from tempsafe_lint.source import Source

_REEXPORT = re.compile(r"(?:.*\.)?(\w+)\s+as\s+\1\Z", re.DOTALL)
_WANTED_UNUSED = re.compile(
    r"#\s*noqa(?!\s*:)|#\s*noqa\s*:.*\bF401\b|pylint:\s*disable=.*unused-import|isort:\s*skip", re.IGNORECASE
)
_FUNCTION = re.compile(r"(?:async\s+)?def\b")
_BRANCH = re.compile(r"(?:if|elif|else|try|except|finally)\b")
_CATCHES_IMPORT = re.compile(r"except\s*(?::|.*\b(?:ImportError|ModuleNotFoundError|Exception|BaseException)\b)")
_QUOTED = re.compile(r"\A\w*(\"\"\"|'''|\"|')(.*)\1\Z", re.DOTALL)


def unused_names(source: Source, before: ImportTable, after: ImportTable) -> list[ImportedName]:
    """Names of `after` (the table of `source`) that lost their last use since `before`, and that nothing may want."""
    used = {(name.name, name.dotted) for name in before.imports if name.uses}
    idle = {(name.name, name.dotted) for name in before.imports if not name.uses}  # which of several is not told
    lost = [name for name in after.imports if not name.uses and (name.name, name.dotted) in used - idle]
    return [name for name in lost if not _is_wanted(name, source, after)]


def remove_unused(source: Source, before: ImportTable, after: ImportTable, needs: Collection[str] = ()) -> list[Edit]:
    """Edits that take the last statement with such names out of `source`; empty when there is none.

    A comment behind a statement that goes moves to the import that serves `needs`, or stays as a row of its own.
    Call again with the new text until nothing is left: what stands alone in a suite depends on what went before.
    """
    for name in reversed(unused_names(source, before, after)):
        together = [other for other in after.imports if other.statement == name.statement]
        gone = [other for other in unused_names(source, before, after) if other.statement == name.statement]
        try:
            if len(gone) < max(name.count, len(together)):
                return _some(source, together, gone)
            return _whole(source, name, after, needs)
        except Withheld:
            continue
    return []


def _is_wanted(name: ImportedName, source: Source, table: ImportTable) -> bool:
    text, lay = source.text, layout(source.text)
    line = lay.lines[lay.index(name.statement.start)]
    return (
        name.name in table.bound
        or name.dotted.partition(".")[0] not in sys.stdlib_module_names  # importing it may do something
        or any(other.name == name.name and other.dotted != name.dotted for other in table.imports)
        or _REEXPORT.match(text[name.alias.start : name.alias.end]) is not None
        or (name.top and PurePosixPath(source.path).stem == "__init__")  # others import it from here
        or any(_WANTED_UNUSED.search(comment) for comment in lay.comments_in(Span(line.start, line.stop)))
        or _is_conditional(lay, line)
        or _is_mentioned(lay, name.name)
    )


def _is_conditional(lay: Layout, line: Line) -> bool:
    """Whether the import is one of several ways to get the name, a test for its module, or an attribute."""
    above = _headers(lay, line)
    for number, words in above:
        if _FUNCTION.match(words):
            return False
        if words.startswith("class") or _CATCHES_IMPORT.match(words):
            return True
        if words.startswith("try") and _is_caught(lay, number):
            return True
    return any(_BRANCH.match(words) and "__name__" not in words for _, words in above)


def _headers(lay: Layout, line: Line) -> list[tuple[int, str]]:
    """The rows that open the suites around a line, innermost first: number and text of each."""
    number = lay.index(line.start)
    found = [(number, lay.text[line.first : line.end])]  # a suite may stand in one row with its header
    width = lay.width(line)
    for above in range(number - 1, -1, -1):
        header = lay.lines[above]
        if lay.width(header) < width:
            width = lay.width(header)
            found.append((above, lay.text[header.first : header.end]))
    return found


def _is_caught(lay: Layout, number: int) -> bool:
    """Whether the `try` in logical line `number` has a handler that catches a failed import."""
    width = lay.width(lay.lines[number])
    for line in lay.lines[number + 1 :]:
        words = lay.text[line.first : line.end]
        if lay.width(line) < width or (lay.width(line) == width and not _BRANCH.match(words)):
            return False
        if lay.width(line) == width and _CATCHES_IMPORT.match(words):
            return True
    return False


def _is_mentioned(lay: Layout, name: str) -> bool:
    """Whether a string or a type comment may mean the name: `__all__`, a quoted annotation, a doctest."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    for comment in lay.comments:
        written = lay.text[comment.start : comment.end]
        if re.match(r"#\s*type:", written) and word.search(written):
            return True
    return any(_means(lay.text[s.start : s.end], word) for s in lay.strings)


def _means(literal: str, word: re.Pattern[str]) -> bool:
    if not word.search(literal):
        return False
    found = _QUOTED.match(literal)
    body = found[2] if found else literal
    if any(word.search(row) for row in body.splitlines() if row.lstrip().startswith((">>>", "..."))):
        return True
    if len(body) > 300 or body.count("(") + body.count("[") > 20:  # prose
        return False
    try:
        cst.parse_expression(body.strip())
    except Exception:
        return False
    return True


def _some(source: Source, together: list[ImportedName], gone: list[ImportedName]) -> list[Edit]:
    """Take some of the names out of a statement."""
    text = source.text
    names = sorted(together, key=lambda name: name.alias.start)
    comma = re.compile(r"(?:[ \t\f]|\\(?:\r\n|\r|\n)|[\r\n]|#[^\r\n]*)*,")
    items = []
    for name in names:
        found = comma.match(text, name.alias.end, name.statement.end)
        items.append(Item(name.alias.start, name.alias.end, found.end() - 1 if found else None))
    return remove_items(text, items, {number for number, name in enumerate(names) if name in gone})


def _whole(source: Source, name: ImportedName, table: ImportTable, needs: Collection[str]) -> list[Edit]:
    """Take a whole import statement out, with the blank rows that nothing separates any more."""
    text, lay = source.text, layout(source.text)
    line = lay.lines[lay.index(name.statement.start)]
    comments = lay.comments_in(Span(line.end, line.stop))
    target = _home(lay, table, needs) if comments and name.top else None
    edit = delete_statement(text, name.statement, source.newline, move_comment=target is not None)
    if edit.span == Span(line.start, line.stop) and not edit.text and name.top:
        edit = Edit(_with_blank_rows(text, edit.span), "")
    if target is None or edit.span.end <= line.end:
        return [edit]
    return [edit, Edit(Span(target, target), f"  {comments[0]}")]


def _home(lay: Layout, table: ImportTable, needs: Collection[str]) -> int | None:
    """Where a comment of a vanishing import can go: the end of the import that replaces it, if none stands there."""
    wanted = {split_need(need) for need in needs}
    for name in table.imports:
        if name.top and (name.dotted, name.name) in wanted:
            line = lay.lines[lay.index(name.statement.start)]
            if not lay.comments_in(Span(line.start, line.stop)):
                return line.end
    return None


def _with_blank_rows(text: str, rows: Span) -> Span:
    """`rows`, with the smaller of the two runs of blank rows around it if both are there (or the file begins)."""
    before = re.compile(r"(?:^|(?<=\n)|(?<=\r)(?!\n))(?:[ \t\f]*(?:\r\n|\r|\n))*\Z").search(text[: rows.start])
    after = re.compile(r"(?:[ \t\f]*(?:\r\n|\r|\n))*").match(text, rows.end)
    above = before.start() if before else rows.start
    below = after.end() if after else rows.end
    if above == 0:
        return Span(rows.start, below)
    if above == rows.start or below == rows.end:
        return rows
    fewer_above = len(text[above : rows.start].splitlines()) < len(text[rows.end : below].splitlines())
    return Span(above, rows.end) if fewer_above else Span(rows.start, below)
