"""What stood in files before a run that verifies its fixes: a run that is killed leaves the way back beside them.

The folder `.tempsafe_undo` is there only while such a run is under way. Each old text is in it, on the disk, before its
file is changed. A later run that fixes anything finds the folder of a dead run and puts the old texts back first; a
file that somebody has edited since is left alone, and its old text is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from typing import Any

from tempsafe_lint.drivers import write
from tempsafe_lint.drivers.lock import Busy, take
from tempsafe_lint.paths import reason, shown

FOLDER = ".tempsafe_undo"


class Journal:
    """The old texts of one run. Raises OSError where they cannot be kept: then nothing may be changed."""

    def __init__(self, root: str) -> None:
        self.folder = os.path.join(root, FOLDER)
        os.mkdir(self.folder, 0o700)
        with open(os.path.join(self.folder, ".gitignore"), "w", encoding="ascii") as file:
            file.write("*\n")
        self._file = open(os.path.join(self.folder, "journal"), "ab")  # noqa: SIM115
        take(self._file.fileno())
        self._known: dict[str, int] = {}

    def note(self, path: str, before: bytes, after: bytes) -> None:
        """Remember, on the disk, that `path` held `before` and will hold `after`."""
        if path not in self._known:
            number = len(self._known)
            with open(os.path.join(self.folder, str(number)), "xb") as file:
                file.write(before)
                _sync(file.fileno())
            self._known[path] = number
        row = {"path": path, "old": self._known[path], "new": _digest(after)}
        self._file.write(json.dumps(row).encode() + b"\n")
        self._file.flush()
        _sync(self._file.fileno())

    def close(self, *, keep: bool = False) -> None:
        """The run has come to its end: the old texts are not wanted any more, unless some could not be put back."""
        self._file.close()
        if keep:
            _keep(self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _sync(descriptor: int) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot
        os.fsync(descriptor)


def recover(root: str) -> list[str]:
    """Undo what a killed run has left in the tree at `root`; what was done, in lines.

    Raises Busy if the run is alive.
    """
    folder = os.path.join(root, FOLDER)
    try:
        with open(os.path.join(folder, "journal"), "r+b") as file:
            if not take(file.fileno()):
                raise Busy(f"another run is verifying its fixes in {root}; nothing was changed")
            rows = list(map(_row, file.read().split(b"\n")))
    except FileNotFoundError:
        shutil.rmtree(folder, ignore_errors=True)  # killed before it changed anything
        return []
    files: dict[str, tuple[str, set[str]]] = {}
    for row in rows:
        if row is not None:
            files.setdefault(row["path"], (str(row["old"]), set()))[1].add(row["new"])
    lines, problems = [], []
    for path, (number, versions) in files.items():
        try:
            if _undone(path, os.path.join(folder, number), versions):
                lines.append(f"{shown(path)}: put back as it was before a run that was killed")
        except (OSError, write.NotWritten) as error:
            why = reason(error) if isinstance(error, OSError) else str(error)
            problems.append((path, number, why))
    if not problems:
        shutil.rmtree(folder, ignore_errors=True)
        return lines
    kept = _keep(folder)
    for path, number, why in problems:
        old = shown(os.path.join(kept, number))
        lines.append(f"{shown(path)}: not put back as before a run that was killed: {why}; its old text is in {old}")
    return lines


def _row(line: bytes) -> dict[str, Any] | None:
    """One row; None for a torn one, whose file was not changed yet."""
    try:
        row: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return row


def _undone(path: str, old: str, versions: set[str]) -> bool:
    """Put one file back; whether that was necessary."""
    with open(old, "rb") as file:
        before = file.read()
    with open(path, "rb") as file:
        now = file.read()
    if now == before:
        return False
    if _digest(now) not in versions:
        raise write.NotWritten("it was changed since")
    write.replace(path, now, before)
    return True


def _keep(folder: str) -> str:
    """Give the folder a name under which no run looks for it."""
    for number in range(1, 1000):
        kept = f"{folder}.{number}"
        if not os.path.exists(kept):
            os.rename(folder, kept)
            return kept
    return folder
