"""A temporary and its rename become one call that publishes: the opening call is written anew, the others go.

Offsets are code points.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.blocks import own_rows, take_out
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
) -> list[Edit]:
    """Edits that write the call at `call` anew, with the text at `target` before what is `given`; `gone` goes.

    `given` are keywords (empty: by position) and values, as text or as places. Raises Withheld where a comment, or
    another statement of the same row, would be lost.
    """
    text, lay = source.text, layout(source.text)
    for span in (call, *gone):
        if list(lay.comments_in(span)):
            raise Withheld(f"a comment stands inside line {source.row(span.start)}")
    for span in gone:
        own_rows(source, lay, span)
    if not _NAME.fullmatch(text, target.start, target.end):
        raise Withheld("the target is more than a name")
    written = [text[target.start : target.end]]
    for name, value in given:
        shown = value if isinstance(value, str) else text[value.start : value.end]
        if "\n" in shown or "\r" in shown:
            raise Withheld(f"an argument in line {source.row(call.start)} takes several rows")
        written.append(f"{name}={shown}" if name else shown)
    new = Edit(call, f"{callee}({', '.join(written)})")
    return [new, *(take_out(source, span) for span in gone)]
