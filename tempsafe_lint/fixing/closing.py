"""Closing a descriptor that a call gives beside a path: a name for it if it has none, and a row that closes it.

Offsets are code points.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.blocks import own_rows
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.fixing.names import fresh
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from tempsafe_lint.plans import ImportTable
    from tempsafe_lint.source import Source

_TARGET = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*[ \t]*=[ \t]*")
_WHOLE = re.compile(r"return[ \t]+|(?:[^\W\d]\w*(?:\.[^\W\d]\w*)*[ \t]*=[ \t]*){2,}|[^\W\d]\w*[ \t]*:[^=#\r\n]+=[ \t]*")
_SECOND = re.compile(r"[ \t]*\[[ \t]*1[ \t]*\]")
_UNNAMED = re.compile(r"\(?[ \t]*(?P<name>_+)[ \t]*,")


def close_lost(
    source: Source, imports: ImportTable, statement: Span, call: Span, name: str, closer: str, after: Span
) -> list[Edit]:
    """Edits that close the first of the two results of `call` behind the statement at `after`.

    `name` is the variable that has it, or empty where only the second result is taken (`call[1]`). `closer` is the
    closing function as it is spelled in the file.
    """
    lay = layout(source.text)
    line = own_rows(source, lay, statement)
    if name:
        return _named(source, imports, statement, name, closer, _row_after(source, after, lay.indent(line)))
    second = _SECOND.match(source.text, call.end)
    tail = source.text[second.end() : lay.lines[lay.index(call.end)].end] if second else ""
    if second is None or tail.strip(" \t\f;"):
        raise Withheld(f"the pair is a part of a larger expression in line {source.row(statement.start)}")
    handle = fresh(("fd", "handle", "descriptor"), source, imports)
    row = _row_after(source, after, lay.indent(line))
    if _TARGET.fullmatch(source.text, statement.start, call.start):
        return [
            Edit(Span(statement.start, statement.start), f"{handle}, "),
            Edit(Span(call.end, second.end()), ""),
            Edit(row.span, row.text.replace("@", f"{closer}({handle})")),
        ]
    if not _WHOLE.fullmatch(source.text, statement.start, call.start) or "#" in source.text[call.start : call.end]:
        raise Withheld(f"the pair is a part of a larger expression in line {source.row(statement.start)}")
    path = fresh(("path", "name", "filename"), source, imports)
    made = source.text[call.start : call.end]
    rows = (f"{handle}, {path} = {made}", f"{closer}({handle})", "")
    before = Edit(Span(statement.start, statement.start), f"{source.newline}{lay.indent(line)}".join(rows))
    return [before, Edit(Span(call.start, second.end()), path)]


def _named(source: Source, imports: ImportTable, statement: Span, name: str, closer: str, row: Edit) -> list[Edit]:
    """A close of `name`; a name of underscores alone becomes one that can be read."""
    unnamed = _UNNAMED.match(source.text, statement.start)
    if unnamed is None:
        return [Edit(row.span, row.text.replace("@", f"{closer}({name})"))]
    handle = fresh(("fd", "handle", "descriptor"), source, imports)
    return [
        Edit(Span(unnamed.start("name"), unnamed.end("name")), handle),
        Edit(row.span, row.text.replace("@", f"{closer}({handle})")),
    ]


def _row_after(source: Source, after: Span, indent: str) -> Edit:
    """An insertion behind the last row of a statement; `@` stands for its text."""
    lay = layout(source.text)
    last = lay.lines[lay.index(max(after.start, after.end - 1))]
    if any(at + 1 < last.end for at in last.semicolons):
        raise Withheld(f"line {source.row(last.start)} holds several statements")
    ended = source.text[: last.stop].endswith(("\n", "\r"))
    text = f"{indent}@{source.newline}" if ended else f"{source.newline}{indent}@"
    return Edit(Span(last.stop, last.stop), text)
