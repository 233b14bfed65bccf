"""Room for deep trees: walking one recurses, and so does the native parser."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Frames per level of nesting are at most six; the outline refuses above about 1,300 levels.
_FRAMES = 20_000
# The native parser needs up to 16 KB per nested bracket, Python 3.10 about half a KB per frame.
_STACK = 256 * 1024 * 1024


def roomy(work: Callable[[], T], deep: bool) -> T:
    """`work()`; if `deep`, in a thread with a large stack. Exceptions pass through."""
    if not deep:
        return work()
    result: list[T] = []
    error: list[BaseException] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as caught:
            error.append(caught)

    frames, stack = sys.getrecursionlimit(), threading.stack_size()
    try:
        sys.setrecursionlimit(max(frames, _FRAMES))
        threading.stack_size(_STACK)
        thread = threading.Thread(target=run)
        try:
            thread.start()
        finally:
            threading.stack_size(stack)
        thread.join()
    finally:
        sys.setrecursionlimit(frames)
    if error:
        raise error[0]
    return result[0]
