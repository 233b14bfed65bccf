"""Taking statements into a block: whole rows move to the right, and nothing else of them changes.

Rows that begin inside a string stay as they are, since their white space belongs to it. Only the white space before a
row's first token is replaced, so that every comment stays and any other fix of the same row waits for the next round.
What does not stand on rows of its own is refused. Offsets are code points.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.layout import Layout, Line, layout
from tempsafe_lint.fixing.statements import delete_statement
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.source import Source

_ROW = re.compile(r"(?P<space>[ \t\f]*)(?P<rest>[^\r\n]*)(?:\r\n|\r|\n|\Z)")
_BLANK_ROWS = re.compile(r"(?:(?<=\n)|(?<=\r)(?!\n))(?:[ \t\f]*(?:\r\n|\r|\n))+\Z")
_TARGET = re.compile(r"(?P<name>[^\W\d]\w*)[ \t]*=[ \t]*")


def add_finally(source: Source, first: Span, removal: Span) -> list[Edit]:
    """Edits that put the statements from `first` up to `removal` into a `try`, and `removal` into its `finally`.

    Comments right above `removal` go with it, those right above `first` go into the `try`.
    """
    lay = layout(source.text)
    begin, end = _line(source, lay, first), _line(source, lay, removal)
    _alone(source, lay, removal)
    indent, unit = lay.indent(begin), indent_unit(lay, begin)
    top, bottom = _comments_above(lay, begin), _comments_above(lay, end)
    last = lay.lines[lay.index(max(removal.start, removal.end - 1))]
    edits = list(_indented(source, lay, Span(top, last.stop), indent, unit))
    for at, word in ((top, "try"), (bottom, "finally")):
        number = next((i for i, edit in enumerate(edits) if edit.span.start == at), None)
        if number is None:  # the row begins inside a string
            raise Withheld(f"line {source.row(at)} does not begin a statement")
        old = edits[number]
        edits[number] = Edit(old.span, f"{indent}{word}:{source.newline}{old.text}")
    return edits


def add_except(source: Source, first: Span, last: Span, undo: str, quiet: str) -> list[Edit]:
    """Edits that put the statements from `first` to `last` into a `try`; where they fail, `undo` runs, and it goes on.

    `undo` is a statement, `quiet` the expression of a `with` around it, or empty.
    """
    lay = layout(source.text)
    edits = enter_with(source, first, last, "")
    begin = _line(source, lay, first)
    indent, unit = lay.indent(begin), indent_unit(lay, begin)
    edits[0] = Edit(edits[0].span, edits[0].text.replace(f"{indent}with :", f"{indent}try:", 1))
    rows = [f"{indent}except BaseException:"]
    rows += [f"{indent}{unit}with {quiet}:", f"{indent}{unit}{unit}{undo}"] if quiet else [f"{indent}{unit}{undo}"]
    rows.append(f"{indent}{unit}raise")
    stop = lay.lines[lay.index(max(last.start, last.end - 1))].stop
    ended = source.text[:stop].endswith(("\n", "\r"))
    text = source.newline.join(rows)
    return [*edits, Edit(Span(stop, stop), f"{text}{source.newline}" if ended else f"{source.newline}{text}")]


def enter_with(source: Source, first: Span, last: Span, manager: str) -> list[Edit]:
    """Edits that put the statements from `first` to `last` into a `with` of `manager`; comments above go along."""
    lay = layout(source.text)
    begin = _line(source, lay, first)
    _alone(source, lay, last)
    end = lay.lines[lay.index(max(last.start, last.end - 1))]
    indent = lay.indent(begin)
    rows = Span(_comments_above(lay, begin), end.stop)
    edits = list(_indented(source, lay, rows, indent, indent_unit(lay, begin)))
    edits[0] = Edit(edits[0].span, f"{indent}with {manager}:{source.newline}{edits[0].text}")
    return edits


def move_into_with(source: Source, block: Span, first: Span, last: Span, before: str = "") -> list[Edit]:
    """Edits that move the statements from `first` to `last` to the end of the body of the `with` at `block`.

    `before` is a statement to put on a row of its own before them.
    """
    lay = layout(source.text)
    head = _line(source, lay, block)
    _line(source, lay, first)
    _alone(source, lay, last)
    body = lay.lines[lay.index(head.start) + 1]
    indent, inner = lay.indent(head), lay.indent(body)
    if body.start >= block.end or not inner.startswith(indent) or len(inner) == len(indent):
        raise Withheld(f"the body of the block stands in line {source.row(block.start)}")
    start = lay.lines[lay.index(block.end - 1)].stop
    stop = lay.lines[lay.index(max(last.start, last.end - 1))].stop
    edits = list(_indented(source, lay, Span(start, stop), indent, inner[len(indent) :]))
    if before:
        edits[0] = Edit(edits[0].span, f"{inner}{before}{source.newline}{edits[0].text}")
    return edits


def out_of_block(source: Source, block: Span, statement: Span) -> list[Edit]:
    """Edits that move a statement of the block at `block` to the left, to where that begins; other rows stay."""
    lay = layout(source.text)
    outer, inner = lay.indent(_line(source, lay, block)), lay.indent(_line(source, lay, statement))
    _alone(source, lay, statement)
    if not inner.startswith(outer):
        raise Withheld(f"the indentation of line {source.row(statement.start)} does not fit the block")
    start = lay.lines[lay.index(statement.start)].start
    stop = lay.lines[lay.index(statement.end - 1)].stop
    rows = _indented(source, lay, Span(start, stop), inner, "")
    return [Edit(edit.span, outer + edit.text.removeprefix(inner)) for edit in rows]


def wrap_in_with(source: Source, made: Span, call: Span, callee: Span, manager: str, removal: Span) -> list[Edit]:
    """Edits that make the assignment `made` of the call at `call` the head of a `with` that ends where `removal` was.

    `manager` takes the place of the callee. `removal` goes, its comments stay.
    """
    text, lay = source.text, layout(source.text)
    begin, end = _line(source, lay, made), _line(source, lay, removal)
    _alone(source, lay, made)
    target = _TARGET.fullmatch(text, made.start, callee.start)
    tail = text[call.end : lay.lines[lay.index(max(made.start, made.end - 1))].end].strip(" \t\f;")
    if target is None or tail:
        raise Withheld(f"line {source.row(made.start)} does more than to make it and name it")
    if "#" in text[callee.start : callee.end]:
        raise Withheld("a comment stands inside the name that is called")
    body = Span(lay.lines[lay.index(max(made.start, call.end - 1))].stop, end.start)
    edits = [
        Edit(Span(made.start, callee.end), f"with {manager}"),
        Edit(Span(call.end, call.end), f" as {target['name']}:"),
    ]
    edits.extend(_indented(source, lay, body, lay.indent(begin), indent_unit(lay, begin)))
    return [*edits, take_out(source, removal)]


def take_out(source: Source, statement: Span) -> Edit:
    """The edit that removes a statement, and blank rows above it where it would leave two runs of them."""
    gone = delete_statement(source.text, statement, source.newline)
    start = gone.span.start if gone.text else _blank_above(source.text, gone.span)
    return Edit(Span(start, gone.span.end), gone.text)


def _blank_above(text: str, rows: Span) -> int:
    """Start of the blank rows above `rows` where others follow, so that two runs of them do not become one."""
    after = _ROW.match(text, rows.end)
    if rows.end < len(text) and after is not None and after["rest"]:
        return rows.start
    found = _BLANK_ROWS.search(text, 0, rows.start)
    return found.start() if found else rows.start


def indent_unit(lay: Layout, line: Line) -> str:
    """One more step of indentation, as the block around `line` takes it; the file's first one at module level."""
    number = lay.index(line.start)
    width, own = lay.width(line), lay.indent(line)
    if width:
        for header in reversed(lay.lines[:number]):
            if lay.width(header) < width:
                if own.startswith(lay.indent(header)):
                    return own[len(lay.indent(header)) :]
                break
        return "\t" if own.endswith("\t") else "    "
    return next((lay.indent(other) for other in lay.lines if lay.width(other)), "    ")


def own_rows(source: Source, lay: Layout, statement: Span) -> Line:
    """The logical line that the statement begins; refuses one that shares a row with another statement."""
    _alone(source, lay, statement)
    return _line(source, lay, statement)


def _line(source: Source, lay: Layout, statement: Span) -> Line:
    """The logical line that the statement begins; refuses one that does not begin its row."""
    number = lay.index(statement.start)
    if number < 0 or lay.lines[number].first != statement.start:
        raise Withheld(f"line {source.row(statement.start)} holds several statements")
    return lay.lines[number]


def _alone(source: Source, lay: Layout, statement: Span) -> None:
    """Refuses a statement that shares its last row with another one."""
    last = lay.lines[lay.index(max(statement.start, statement.end - 1))]
    if any(at + 1 < last.end for at in last.semicolons):
        raise Withheld(f"line {source.row(last.start)} holds several statements")


def _comments_above(lay: Layout, line: Line) -> int:
    """Start of the comment rows right above a line that stand in its column; of the line if there are none."""
    number = lay.index(line.start)
    floor = lay.lines[number - 1].stop if number else 0
    start, indent = line.start, lay.indent(line)
    while start > floor:
        above = max(lay.text.rfind("\n", 0, start - 1), lay.text.rfind("\r", 0, start - 1)) + 1
        row = lay.text[above:start]
        if above < floor or not row.startswith(f"{indent}#"):
            break
        start = above
    return start


def _indented(source: Source, lay: Layout, rows: Span, indent: str, unit: str) -> Iterator[Edit]:
    """One edit for each row with text, of its white space only; refuses rows whose indentation does not fit."""
    at = rows.start
    while at < rows.end:
        row = _ROW.match(lay.text, at)
        assert row is not None  # it matches any row
        inside = lay.string_at(at)
        if row["rest"] and not (inside is not None and inside.start < at):
            if not row["space"].startswith(indent):
                if _begins(lay, at):
                    raise Withheld(f"the indentation of line {source.row(at)} does not fit the block")
                yield Edit(Span(at, row.start("rest")), row["space"] + unit)  # a comment, the rest of a statement
            else:
                yield Edit(Span(at, row.start("rest")), indent + unit + row["space"][len(indent) :])
        at = row.end()


def _begins(lay: Layout, row: int) -> bool:
    """Whether a logical line begins in the row that starts at `row`."""
    number = lay.index(row)
    return number >= 0 and lay.lines[number].start == row
