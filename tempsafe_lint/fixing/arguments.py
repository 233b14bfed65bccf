"""Add, replace and remove arguments of one call, by span and comma: everything else of the call stays as it is.

libcst reads the call's own text, only to tell where each argument begins and ends. Offsets are code points.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.items import Item, remove_items
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.records import dataclass
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_LINE_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class _Given:
    """One argument as written; `comma` is the offset of the comma after it."""

    start: int
    value: Span
    keyword: str | None
    star: str
    comma: int | None
    is_bare_generator: bool

    @property
    def stop(self) -> int:
        """After the argument and its comma."""
        return self.value.end if self.comma is None else self.comma + 1


def edit_arguments(
    text: str,
    call: Span,
    wanted: Sequence[tuple[str, str]],
    positions: Mapping[str, int],
    unwanted: Collection[str] = (),
) -> list[Edit]:
    """Edits that give the call at `call` the keyword arguments `wanted` (name, text) and take away those `unwanted`.

    An argument that is there already, by keyword or at its 0-based place in `positions`, gets the new value only.
    Raises Withheld where a starred argument may already give it, or where the call cannot be read alone.
    """
    opening, given = _read(text, call)
    edits: list[Edit] = []
    missing: list[str] = []
    for name, value in wanted:
        found = _find(given, name, positions.get(name))
        if found is None:
            missing.append(f"{name}={value}")
        elif (old := text[found.value.start : found.value.end]) != value:
            if layout(old).comments:
                raise Withheld(f"a comment stands inside the value of `{name}`")
            edits.append(Edit(found.value, value))
    gone = {number for number, argument in enumerate(given) if argument.keyword in unwanted}
    if missing and len(given) - 1 in gone:
        raise Withheld("the last argument cannot be taken out and another one added at once")
    edits.extend(remove_items(text, [Item(g.start, g.value.end, g.comma) for g in given], gone))
    if missing:
        edits.extend(_additions(text, call, opening, given, missing))
    return edits


def rename_argument(text: str, call: Span, old: str, new: str) -> Edit:
    """The edit that gives the call's keyword argument `old` the name `new`; Withheld if there is none."""
    _, given = _read(text, call)
    found = next((argument for argument in given if argument.keyword == old), None)
    if found is None or not text.startswith(old, found.start):
        raise Withheld(f"`{old}` is not given by its name")
    return Edit(Span(found.start, found.start + len(old)), new)


def _read(text: str, call: Span) -> tuple[int, list[_Given]]:
    """Offset just after the opening bracket, and the arguments."""
    fragment = f"({text[call.start : call.end]})"  # in brackets, since line ends may lie outside the call's own
    try:
        module = cst.parse_module(fragment)
    except cst.ParserSyntaxError:
        raise Withheld("the call cannot be read on its own") from None
    statement = module.body[0] if len(module.body) == 1 else None
    line = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    node = line.value if isinstance(line, cst.Expr) else None
    if not isinstance(node, cst.Call) or module.code != fragment:
        raise Withheld("the call cannot be read on its own")

    def size(*parts: cst.CSTNode) -> int:
        return sum(len(module.code_for_node(part)) for part in parts)

    at = call.start - 1 + size(*node.lpar, node.func, node.whitespace_after_func) + 1
    opening = at
    at += size(node.whitespace_before_args)
    given: list[_Given] = []
    for arg in node.args:
        equal = arg.equal if isinstance(arg.equal, cst.AssignEqual) else None
        comma = arg.comma if isinstance(arg.comma, cst.Comma) else None
        head = len(arg.star) + size(arg.whitespace_after_star, *filter(None, (arg.keyword, equal)))
        value = Span(at + head, at + head + size(arg.value))
        given.append(
            _Given(
                at,
                value,
                arg.keyword.value if arg.keyword else None,
                arg.star,
                None if comma is None else value.end + size(comma.whitespace_before),
                isinstance(arg.value, cst.GeneratorExp) and not arg.value.lpar,
            )
        )
        at = value.end + size(*filter(None, (comma, arg.whitespace_after_arg)))
    return opening, given


def _find(given: list[_Given], name: str, position: int | None) -> _Given | None:
    """The argument that gives parameter `name`, or None if nothing does; raises Withheld if it cannot be told."""
    for argument in given:
        if argument.keyword == name:
            return argument
    by_place = []
    for argument in given:
        if argument.star == "*" and position is not None:
            raise Withheld(f"a starred argument of the call may already give `{name}`")
        if argument.keyword is None and not argument.star:
            by_place.append(argument)
            if position == len(by_place) - 1:
                return argument
    if any(argument.star == "**" for argument in given):
        raise Withheld(f"a starred argument of the call may already give `{name}`")
    return None


def _additions(text: str, call: Span, opening: int, given: list[_Given], missing: list[str]) -> list[Edit]:
    new = ", ".join(missing)
    if not given:
        return [Edit(Span(opening, opening), new)]
    last = given[-1]
    if last.is_bare_generator:
        before = Edit(Span(last.value.start, last.value.start), "(")
        tail = "" if last.comma is None else f" {new},"
        after = Edit(Span(last.value.end, last.value.end), ")" if tail else f"), {new}")
        return [before, after, *([Edit(Span(last.stop, last.stop), tail)] if tail else [])]
    line_end = _LINE_END.search(text, last.stop, call.end)
    indent = _indent_of(text, last.start, call.start)
    if indent is None or line_end is None:  # beside the last one, before any comment
        if last.comma is None:
            return [Edit(Span(last.stop, last.stop), f", {new}")]
        return [Edit(Span(last.stop, last.stop), f" {new},")]
    # One argument per row: a row of its own below the last one's comment.
    comma, closing = (",", "") if last.comma is None else ("", ",")
    row = "".join(f"{line_end.group()}{indent}{part}," for part in missing)
    row = row if closing else row[:-1]
    below = Edit(Span(line_end.start(), line_end.start()), row)
    return [Edit(Span(last.stop, last.stop), comma), below] if comma else [below]


def _indent_of(text: str, offset: int, floor: int) -> str | None:
    """White space before `offset` if nothing else stands before it in its row, and the row begins inside the call."""
    start = max(text.rfind("\n", floor, offset), text.rfind("\r", floor, offset)) + 1
    before = text[start:offset]
    return before if start > 0 and not before.strip() else None
