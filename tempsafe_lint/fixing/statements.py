"""Taking a statement out of a text: its rows go, its comments stay, and a suite is never left empty.

Offsets are code points; every function gives one edit, or raises Withheld.
"""

from __future__ import annotations

import re

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.layout import Layout, Line, layout
from tempsafe_lint.source import Span

_LINE_END = re.compile("\r\n|\r|\n")


def delete_statement(text: str, statement: Span, newline: str, *, move_comment: bool = False) -> Edit:
    """The edit that removes the statement at `statement` (white space, line end and comment after it are tolerated).

    With `move_comment` the comment at the end of its last row goes too: the caller puts it elsewhere.
    """
    lay = layout(text)
    number = lay.index(statement.start)
    if number < 0:
        raise Withheld("the statement stands on no row of its own")
    line = lay.lines[number]
    last = lay.lines[max(number, lay.index(max(statement.start, statement.end - 1)))]
    start = max(statement.start, line.first)
    end = _trimmed(text, start, min(statement.end, last.end))
    if any(start < at < end for row in lay.lines[number : lay.index(last.start) + 1] for at in row.semicolons):
        raise Withheld("several statements share the row")
    before, after = _neighbours(lay, line, last, start, end)
    opens_suite = before >= 0 and text[before] == ":"
    if before < 0 and after is None:
        return _whole_rows(lay, number, last, newline, move_comment)
    if lay.comments_in(Span(start, end)):
        raise Withheld("a comment stands inside the statement")
    if after is not None:
        return Edit(Span(start, after), "")
    if opens_suite:
        return Edit(Span(start, end), "pass")
    return Edit(Span(before, end), "")


def insert_before(text: str, statement: Span, new: str, newline: str) -> Edit:
    """The edit that puts a statement on a row of its own before the statement at `statement`."""
    lay = layout(text)
    number = lay.index(statement.start)
    if number < 0 or text[lay.lines[number].first : statement.start].strip(" \t\f"):
        raise Withheld("the statement does not begin its row")
    line = lay.lines[number]
    return Edit(Span(line.first, line.first), f"{new}{newline}{lay.indent(line)}")


def _trimmed(text: str, start: int, end: int) -> int:
    """End of the statement itself: without white space and a semicolon after it."""
    return start + len(text[start:end].rstrip(" \t\f\r\n;\\"))


def _neighbours(lay: Layout, line: Line, last: Line, start: int, end: int) -> tuple[int, int | None]:
    """Offset of the `;` or `:` just before the statement in its row (or -1), and of the one after it (or None)."""
    text = lay.text
    head = text[line.first : start].rstrip(" \t\f\r\n\\")
    if head and head[-1] not in ";:":
        raise Withheld("the statement is part of another one")
    before = line.first + len(head) - 1 if head else -1
    following = next((at for at in last.semicolons if at >= end), None)
    tail = text[end : last.end if following is None else following].strip(" \t\f\r\n\\")
    if tail:
        raise Withheld("the statement is part of another one")
    if following is None or following + 1 >= last.end:
        return before, None
    skipped = re.compile(r"(?:[ \t\f]|\\(?:\r\n|\r|\n))*").match(text, following + 1)
    assert skipped is not None  # it matches nothing, too
    return before, (None if skipped.end() >= last.end else skipped.end())


def _whole_rows(lay: Layout, number: int, last: Line, newline: str, move_comment: bool) -> Edit:
    text, line = lay.text, lay.lines[number]
    indent = lay.indent(line)
    inner = lay.comments_in(Span(line.first, last.end))
    trailing = lay.comments_in(Span(last.end, last.stop))
    if move_comment:
        trailing = []
    if _is_alone(lay, number, lay.index(last.start)):
        rows = [*inner, "  ".join(["pass", *trailing])]
        ending = _LINE_END.search(text, last.end, last.stop)
        stop = ending.start() if ending else last.stop
        return Edit(Span(line.first, stop), f"{newline}{indent}".join(rows))
    rows = [*inner, *trailing]
    if text[: last.stop].endswith(("\r", "\n")):
        return Edit(Span(line.start, last.stop), "".join(f"{indent}{row}{newline}" for row in rows))
    return Edit(Span(line.start, last.stop), newline.join(f"{indent}{row}" for row in rows))


def _is_alone(lay: Layout, number: int, last: int) -> bool:
    """Whether nothing else stands in the suite: the row before opens it and the row after is outside."""
    width = lay.width(lay.lines[number])
    if width == 0:
        return False
    opened = number > 0 and lay.width(lay.lines[number - 1]) < width
    closed = last + 1 >= len(lay.lines) or lay.width(lay.lines[last + 1]) < width
    return opened and closed
