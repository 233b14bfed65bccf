"""Names and places for new temporary files, by the standard library's rules for suffix, prefix and dir."""

from __future__ import annotations

import os
import sys

from . import _platform as platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# 5 bits of every byte: 32 letters, no remainder, so every name is equally likely; 8 of them are 40 bits. The letters
# are a subset of the standard library's, which has 37.
_LETTERS = b"abcdefghijklmnopqrstuvwxyz234567" * 8

#: Attempts at a free name before FileExistsError. With 40 random bits a second one is never needed by chance.
ATTEMPTS = 100


def random_name() -> str:
    """Eight characters from the system's generator: nothing to seed, nothing shared after a fork or a VM clone."""
    return os.urandom(8).translate(_LETTERS).decode()


def settle(suffix: Any, prefix: Any, dir: Any) -> tuple[str, str, str, bool]:
    """Suffix, prefix and absolute directory as str, and whether the caller is to get bytes.

    Raises TypeError if bytes and str are mixed.
    """
    if suffix is None and prefix is None and dir is None:
        return "", "tmp", platform.temp_dir(), _bytes_by_default()
    if hasattr(dir, "__fspath__"):
        dir = os.fspath(dir)
    in_bytes = None
    for value in (suffix, prefix, dir):
        if value is None:
            continue
        if not isinstance(value, (str, bytes)):
            value = os.fspath(value)
        if in_bytes is None:
            in_bytes = isinstance(value, bytes)
        elif in_bytes != isinstance(value, bytes):
            raise TypeError("Can't mix bytes and non-bytes in path components.")
    suffix = "" if suffix is None else os.fsdecode(suffix)
    prefix = "tmp" if prefix is None else os.fsdecode(prefix)
    place = platform.temp_dir() if dir is None else absolute(os.fsdecode(dir))
    return suffix, prefix, place, bool(in_bytes)


def absolute(path: str) -> str:
    """os.path.abspath, quick for a path that plainly is one already."""
    if path[:1] == "/" and "//" not in path and "/." not in path and path[-1] != "/" and not platform.WINDOWS:
        return path
    return os.path.abspath(path)


def candidate(dir: str, prefix: str, suffix: str) -> str:
    if platform.WINDOWS or dir == "/" or prefix[:1] == "/":
        return os.path.join(dir, f"{prefix}{random_name()}{suffix}")
    return f"{dir}/{prefix}{random_name()}{suffix}"


def output(path: str, in_bytes: bool) -> str | bytes:
    return os.fsencode(path) if in_bytes else path


def _bytes_by_default() -> bool:
    """Since 3.12 the standard library answers in bytes if a program has set `tempfile.tempdir` to bytes."""
    module = sys.modules.get("tempfile")
    return module is not None and isinstance(getattr(module, "tempdir", None), bytes)
