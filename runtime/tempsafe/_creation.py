"""mkstemp, mkdtemp and mktemp."""

from __future__ import annotations

import os
import sys

from . import _names as names
from . import _platform as platform
from . import _session
from ._journal import EMPTY, FILE, TREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._platform import StrPath
    from ._session import Session

_NO_NAME = "No usable temporary file name found"


def mkstemp(suffix: Any = None, prefix: Any = None, dir: Any = None, text: bool = False, *, delete: bool = True) -> Any:
    """Make a file and return (descriptor, absolute path), as `tempfile.mkstemp` does.

    The file is removed at the latest when this process is gone, unless `delete` is false or the path is given to
    `keep`. Only this user may read or write it; the descriptor is not inherited by programs started later.

    Raises TypeError if bytes and str are mixed, ValueError for a zero byte in the path, FileExistsError after 100
    taken names, and any OSError of the system.
    """
    suffix, prefix, dir, in_bytes = names.settle(suffix, prefix, dir)
    fd, path = make_file(suffix, prefix, dir, text, _session.current() if delete else None)
    return fd, names.output(path, in_bytes)


def make_file(suffix: str, prefix: str, dir: str, text: bool, session: Session | None) -> tuple[int, str]:
    flags = platform.NEW_TEXT_FILE if text else platform.NEW_FILE
    for _ in range(names.ATTEMPTS):
        path = names.candidate(dir, prefix, suffix)
        sys.audit("tempfile.mkstemp", path)
        if session is None:
            entry = None
        else:
            entry = session.announce(FILE, path)
        try:
            fd = os.open(path, flags, 0o600)
        except OSError as error:
            if session is not None:
                session.forget(path)
            if _is_taken(error, dir):
                continue
            raise
        if entry is not None:
            entry.where = platform.identity(os.fstat(fd))
        return fd, path
    raise FileExistsError(17, _NO_NAME, dir)


def mkdtemp(suffix: Any = None, prefix: Any = None, dir: Any = None, *, delete: bool = True) -> Any:
    """Make a directory and return its absolute path, as `tempfile.mkdtemp` does.

    The directory is removed with its content at the latest when this process is gone, unless `delete` is false or the
    path is given to `keep`. Only this user may enter it. While it lives it is held open (the first 64 of a process)
    with a shared flock, which systemd-tmpfiles respects.

    Raises the same errors as `mkstemp`.
    """
    suffix, prefix, dir, in_bytes = names.settle(suffix, prefix, dir)
    path = make_directory(suffix, prefix, dir, TREE, _session.current() if delete else None)
    return names.output(path, in_bytes)


def make_directory(suffix: str, prefix: str, dir: str, kind: bytes, session: Session | None, audit: bool = True) -> str:
    for _ in range(names.ATTEMPTS):
        path = names.candidate(dir, prefix, suffix)
        if audit:
            sys.audit("tempfile.mkdtemp", path)
        entry = None if session is None else session.announce(kind, path)
        try:
            os.mkdir(path, 0o700)
        except OSError as error:
            if session is not None:
                session.forget(path)
            if _is_taken(error, dir):
                continue
            raise
        if session is not None and entry is not None:
            session.hold(entry, path)
        return path
    raise FileExistsError(17, _NO_NAME, dir)


def _is_taken(error: OSError, dir: str) -> bool:
    if isinstance(error, FileExistsError):
        return True
    # Windows says "permission denied" when a directory of that name exists.
    return platform.WINDOWS and isinstance(error, PermissionError) and os.path.isdir(dir) and os.access(dir, os.W_OK)


_private: dict[tuple[int, int, str, bool], str] = {}  # (pid, user, dir, delete) -> directory


def mktemp(
    suffix: str | None = "", prefix: str | None = "tmp", dir: StrPath | None = None, *, delete: bool = True
) -> str:
    """Return a path at which nothing exists and nobody else can put anything.

    The path lies in a directory of mode 0700 that is made once per process and `dir`, on the file system of `dir`, so
    it is 12 characters longer than that of `tempfile.mktemp`, and `os.path.dirname` of it is not `dir`. What you put
    there is removed at the latest when this process is gone; with `delete=False` it stays, and only the directory is
    removed if it is empty.

    Raises UnsafePathError (a PermissionError) if another user could rename `dir` or a directory above it, TypeError
    for bytes, and any OSError of the system.
    """
    suffix, prefix, place, in_bytes = names.settle(suffix, prefix, dir)
    if in_bytes:
        raise TypeError("mktemp takes and returns str, not bytes")
    directory = _private_directory(place, delete)
    for _ in range(names.ATTEMPTS):
        path = names.candidate(directory, prefix, suffix)
        if not os.path.lexists(path):
            return path
    raise FileExistsError(17, _NO_NAME, directory)


def _private_directory(dir: str, delete: bool) -> str:
    session = _session.current()
    key = (session.pid, session.uid, dir, delete)
    path = _private.get(key)
    if path is not None:
        entry = session.entries.get(path)
        try:
            if entry is not None and platform.identity(os.lstat(path)) == entry.where:
                return path
        except OSError:
            pass  # somebody removed it: make another
    from . import _places

    _places.verify_ancestors(dir)
    path = make_directory("", "tmp", dir, TREE if delete else EMPTY, session, audit=False)
    _private[key] = path
    return path


def is_private(path: str | bytes) -> bool:
    """Whether `path` is a directory that `mktemp` made for its own use."""
    return path in list(_private.values())
