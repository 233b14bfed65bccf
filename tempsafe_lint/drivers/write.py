"""Putting mended bytes in place of a file: whole or not at all, with its mode, and only over what was read."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat


class NotWritten(Exception):
    """The file is as it was; the text is one line that says why."""


def replace(path: str, before: bytes, after: bytes) -> None:
    """Put `after` where `before` was read. A link stays a link: what it leads to is replaced."""
    target = os.path.realpath(path)
    try:
        state = os.stat(target)
        if not state.st_mode & 0o222 or not os.access(target, os.W_OK):
            raise NotWritten("it is read-only")
        with open(target, "rb") as file:
            if file.read() != before:
                raise NotWritten("it was changed by somebody else since it was read")
        _swap(target, after, state)
    except OSError as error:
        reason = error.strerror or str(error)
        raise NotWritten(reason[:1].lower() + reason[1:]) from None


def _swap(target: str, data: bytes, state: os.stat_result) -> None:
    """Write beside the target under a name nobody can guess, then rename over it."""
    folder, name = os.path.split(target)
    beside = os.path.join(folder, f".{name[:100]}.{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(beside, flags, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            _take_owner_and_mode(file.fileno(), beside, state)
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _take_owner_and_mode(descriptor: int, path: str, state: os.stat_result) -> None:
    if hasattr(os, "fchown"):
        now = os.fstat(descriptor)
        if (now.st_uid, now.st_gid) != (state.st_uid, state.st_gid):
            with contextlib.suppress(OSError):  # only root may give a file away
                os.fchown(descriptor, state.st_uid, state.st_gid)
    mode = stat.S_IMODE(state.st_mode)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, mode)
    else:
        os.chmod(path, mode)
