"""How far a long run is, in one line on standard error that goes away again. Only for somebody who looks on.

The cursor is never hidden, so that an interrupted run leaves the terminal as it was.
"""

from __future__ import annotations

import os
import sys
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from tempsafe_lint.drivers.screen import columns, is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

Item = TypeVar("Item")

#: Seconds before anything is shown, and between two changes.
DELAY, STEP = 1.0, 0.1


def is_wanted(stream: TextIO) -> bool:
    """Not under pre-commit (which runs hooks on a terminal of its own) nor in CI; FORCE_COLOR asks for colours only."""
    return not (os.environ.get("PRE_COMMIT") or os.environ.get("CI")) and is_terminal(stream)


def shown(
    items: Iterable[Item], total: int, stream: TextIO | None = None, clock: Callable[[], float] = monotonic
) -> Iterator[Item]:
    """The items, with a line about how many of `total` have come."""
    stream = sys.stderr if stream is None else stream
    started = last = clock()
    written = False
    try:
        for number, item in enumerate(items, 1):
            now = clock()
            if now - started >= DELAY and now - last >= STEP:
                stream.write("\r" + _line(number, total, columns(stream) or 80) + "\x1b[K")
                stream.flush()
                last, written = now, True
            yield item
    finally:
        if written:
            stream.write("\r\x1b[K")
            stream.flush()


def _line(number: int, total: int, room: int) -> str:
    line = f"{number} of {total} files"
    size = min(40, room - len(line) - 4)
    if size >= 5:
        full = size * number // max(total, 1)
        line = f"{'#' * full}{'.' * (size - full)} {line}"
    return line[: room - 1]
