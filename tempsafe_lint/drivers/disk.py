"""The files that a run has changed: what was read, what stands there now, and the way back."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from tempsafe_lint.drivers import write
from tempsafe_lint.paths import shown

if TYPE_CHECKING:
    from tempsafe_lint.drivers.journal import Journal


class Disk:
    """Puts versions of files in place, and the first ones back. With a journal a later run can do that, too."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal
        self._first: dict[str, tuple[bytes, os.stat_result]] = {}
        self._now: dict[str, bytes] = {}
        self._ages: dict[str, set[tuple[int, int]]] = {}

    def put(self, path: str, before: bytes, after: bytes) -> None:
        """Put a version in place of `before` (or of what was put there last). Raises NotWritten."""
        if self._now.get(path, before) == after:
            return
        if path not in self._first:
            try:
                state = os.stat(path)
            except OSError:
                raise write.NotWritten("it is gone") from None
            self._first[path] = (before, state)
            self._ages[path] = {(int(state.st_mtime), state.st_size)}
        if self._journal is not None:
            self._journal.note(path, self._first[path][0], after)
        write.replace(path, self._now.get(path, before), after)
        self._now[path] = after
        self._make_distinct(path)

    def _make_distinct(self, path: str) -> None:
        """Give a new version a modification time of its own.

        Python takes its cached bytecode for that of the source if size and time (in whole seconds) agree, and two
        versions of a file may well have one size (`tempfile`, `tempsafe`) and be written within a second.
        """
        with contextlib.suppress(OSError):
            state = os.stat(path)
            used = self._ages[path]
            if (int(state.st_mtime), state.st_size) in used:
                second = min(when for when, _ in used) - 1
                os.utime(path, ns=(state.st_atime_ns, second * 1_000_000_000))
                state = os.stat(path)
            used.add((int(state.st_mtime), state.st_size))

    def back(self, path: str) -> None:
        """Put back what was read, with its modification time. Raises NotWritten."""
        if path not in self._first or path not in self._now:
            return
        before, state = self._first[path]
        if self._now[path] != before:
            write.replace(path, self._now[path], before)
        del self._now[path]
        with contextlib.suppress(OSError):
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    def restore(self) -> list[str]:
        """Put everything back; one line for each file that could not be."""
        problems = []
        for path in reversed(list(self._now)):
            try:
                self.back(path)
            except write.NotWritten as error:
                problems.append(f"{shown(path)}: not put back: {error}")
        return problems

    @property
    def changed(self) -> list[str]:
        """Paths of files that are not as they were."""
        return [path for path, now in self._now.items() if now != self._first[path][0]]
