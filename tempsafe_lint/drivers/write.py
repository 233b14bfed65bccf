"""Putting mended bytes in place of a file: whole or not at all, with its mode, and only over what was read."""

from __future__ import annotations

import contextlib
import os
import stat

from tempsafe_lint.drivers.carried import runtime
from tempsafe_lint.paths import reason


class NotWritten(Exception):
    """The file is as it was; the text is one line that says why."""


def replace(path: str, before: bytes, after: bytes) -> None:
    """Put `after` where `before` was read. A link stays a link: what it leads to is replaced."""
    target = os.path.realpath(path)
    try:
        state = os.stat(target)
        if not state.st_mode & 0o222 or not os.access(target, os.W_OK):
            raise NotWritten("it is read-only")
        _require(target, before)
        with runtime().open_atomic(target, "wb", perms=stat.S_IMODE(state.st_mode), durable=False) as file:
            _take_owner(file.fileno(), state)
            file.write(after)
            file.flush()
            with contextlib.suppress(OSError):  # some file systems cannot
                os.fsync(file.fileno())
            _require(target, before)  # again, since what comes before takes longest
    except OSError as error:
        raise NotWritten(reason(error)) from None


def _require(target: str, before: bytes) -> None:
    with open(target, "rb") as file:
        if file.read() != before:
            raise NotWritten("it was changed by somebody else since it was read")


def _take_owner(descriptor: int, state: os.stat_result) -> None:
    if hasattr(os, "fchown"):
        now = os.fstat(descriptor)
        if (now.st_uid, now.st_gid) != (state.st_uid, state.st_gid):
            with contextlib.suppress(OSError):  # only root may give a file away
                os.fchown(descriptor, state.st_uid, state.st_gid)
