"""Cleaning up after dead processes: only what their journals list, only journals of this user that nobody has locked.

Limits: a listed directory is left alone if somebody else could have put another in its place (see `_places`), or if
something is mounted in it. What cannot be removed stays listed, for the next sweep.
"""

from __future__ import annotations

import errno
import os
import stat
import time

from . import _journal, _places, _removal
from . import _platform as platform
from ._journal import EMPTY, FILE, TREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ._journal import Record

_SECONDS = 0.05  # the automatic sweep starts no removal after this time


def sweep(*, dry_run: bool = False) -> list[str]:
    """Remove what dead processes of this user made through tempsafe and left; return the paths, as str.

    With `dry_run` nothing is touched and the list is what would be removed. Looks at the journals in the present
    temporary directory. Never raises for what cannot be removed: it stays listed, for the next sweep.
    """
    swept: list[str] = []

    def all_of_them(root_fd: int, names: list[str]) -> None:
        for name in names:
            _sweep_one(root_fd, name, dry_run, None, swept)

    with_root(all_of_them)
    return swept


def sweep_some(names: list[str]) -> None:
    """The automatic sweep of a process that has just begun its own journal: these journals, for a short time."""
    deadline = time.monotonic() + _SECONDS

    def some(root_fd: int, _: list[str]) -> None:
        for name in names:
            _sweep_one(root_fd, name, False, deadline, [])

    with_root(some)


def with_root(work: Callable[[int, list[str]], object]) -> None:
    """Call `work` with the open journal directory and the names of the journals in it, if there is one."""
    root_fd = _journal.open_root()
    if root_fd is None:
        return
    try:
        work(root_fd, sorted(name for name in os.listdir(root_fd) if name.endswith(".j")))
    except OSError:
        pass  # the directory was removed meanwhile
    finally:
        os.close(root_fd)


def journals() -> list[tuple[bool, dict[str, Record]]]:
    """For each journal of this user: whether its maker lives, and what it lists."""
    found: list[tuple[bool, dict[str, Record]]] = []

    def look(root_fd: int, names: list[str]) -> None:
        for name in names:
            fd = _journal.claim(root_fd, name, look_only=True)
            alive = fd is None
            try:
                if fd is None:
                    fd = os.open(name, platform.OLD_FILE, dir_fd=root_fd)
                found.append((alive, _journal.read(fd)))
            except OSError:
                pass  # swept or finished since we listed the directory
            finally:
                if fd is not None:
                    os.close(fd)

    with_root(look)
    return found


def _sweep_one(root_fd: int, name: str, dry_run: bool, deadline: float | None, swept: list[str]) -> None:
    fd = _journal.claim(root_fd, name, look_only=dry_run)
    if fd is None:
        return
    try:
        finished = True
        for path, record in reversed(list(_journal.read(fd).items())):
            if deadline is not None and time.monotonic() > deadline:
                return
            try:
                if _would_remove(path, record) if dry_run else _remove(path, record):
                    swept.append(path)
            except OSError:
                finished = False
        if finished and not dry_run:
            os.unlink(name, dir_fd=root_fd)
    except OSError:
        pass
    finally:
        os.close(fd)


def _would_remove(path: str, record: Record) -> bool:
    try:
        status = os.lstat(path)
        if record.kind == TREE:
            _verify_tree(path)
        elif record.kind == EMPTY and os.listdir(path):
            return False
    except OSError:
        return False
    return status.st_uid == platform.user() and stat.S_ISDIR(status.st_mode) == (record.kind != FILE)


def _remove(path: str, record: Record) -> bool:
    owner = platform.user()
    if record.kind == FILE:
        return _removal.remove_file(path, None, owner)
    if record.kind == EMPTY:
        return _removal.remove_empty(path, None, owner)
    if not os.path.lexists(path):
        return False
    _verify_tree(path)
    return _removal.remove_tree(path, None, owner, record.spare)


def _verify_tree(path: str) -> None:
    """The journal has no inode numbers, so make sure that it is the directory which was made. Raises OSError."""
    _places.verify_ancestors(os.path.dirname(path))
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            mounts = [line.split()[4] for line in file]
    except OSError:
        return  # no such list here; the removal itself still stops at another device
    # Space, tab, newline and backslash are octal escapes there.
    plain = os.fsencode(os.path.realpath(path))
    for character in b"\\ \t\n":
        plain = plain.replace(bytes([character]), b"\\%03o" % character)
    if any(mount == plain or mount.startswith(plain + b"/") for mount in mounts):
        raise OSError(errno.EBUSY, "something is mounted inside", path)
