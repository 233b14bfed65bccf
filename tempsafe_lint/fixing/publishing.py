"""A temporary and its rename become one call that publishes: the opening call is written anew, the others go.

Offsets are code points.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.blocks import out_of_block, own_rows, take_out
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tempsafe_lint.source import Source

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def publish(
    source: Source,
    call: Span,
    callee: str,
    target: Span,
    given: Sequence[tuple[str, Span | str]],
    gone: Sequence[Span],
    around: tuple[Span, Span] | None,
) -> list[Edit]:
    """Edits that write the call at `call` anew, with the text at `target` before what is `given`; `gone` goes.

    `given` are keywords (empty: by position) and values, as text or as places. Of the `try` in `around` only the
    statement beside it stays. Raises Withheld where a comment, or another statement of the same row, would be lost.
    """
    text, lay = source.text, layout(source.text)
    frame = [] if around is None else _frame(source, around)
    for span in (call, *gone, *frame):
        if list(lay.comments_in(span)):
            raise Withheld(f"a comment stands inside line {source.row(span.start)}")
    for span in gone:
        own_rows(source, lay, span)
    written = [_argument(source, target)]
    for name, value in given:
        shown = value if isinstance(value, str) else text[value.start : value.end]
        if "\n" in shown or "\r" in shown:
            raise Withheld(f"an argument in line {source.row(call.start)} takes several rows")
        written.append(f"{name}={shown}" if name else shown)
    new = Edit(call, f"{callee}({', '.join(written)})")
    if around is None:
        return [new, *(take_out(source, span) for span in gone)]
    rows = [Edit(span, "") for span in frame]
    return [new, *rows, *out_of_block(source, *around), *(take_out(source, span) for span in gone[:-1])]


def _frame(source: Source, around: tuple[Span, Span]) -> list[Span]:
    """The rows of a `try` before and behind the statement that stays."""
    guard, block = around
    lay = layout(source.text)
    head = own_rows(source, lay, guard)
    first, last = lay.lines[lay.index(block.start)], lay.lines[lay.index(block.end - 1)]
    end = lay.lines[lay.index(guard.end - 1)]
    return [Span(head.start, first.start), Span(last.stop, end.stop)]


def _argument(source: Source, target: Span) -> str:
    """The target as the first argument of a call."""
    text = source.text[target.start : target.end]
    if _NAME.fullmatch(text):
        return text
    try:
        node = ast.parse(f"f({text})", mode="eval").body
    except (SyntaxError, ValueError):
        node = None
    plain = isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords
    inner = [type(part) for part in ast.walk(node)] if node is not None else []
    if not plain or "#" in text or {ast.Await, ast.Yield, ast.NamedExpr, ast.Lambda, ast.Starred} & set(inner):
        raise Withheld(f"the target in line {source.row(target.start)} is more than a path")
    if "\n" in text or "\r" in text:
        raise Withheld(f"an argument in line {source.row(target.start)} takes several rows")
    return text
