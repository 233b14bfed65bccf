"""Changed bytes as a patch that `git apply` and `patch -p1` take, whatever the line ends and encoding are."""

from __future__ import annotations

import os
from difflib import unified_diff

_NO_NEWLINE = b"\n\\ No newline at end of file\n"


def patch(path: str, before: bytes, after: bytes) -> bytes:
    """The patch of one file; `path` is relative to the folder where it will be applied."""
    # Latin-1 takes every byte to one character and back: the patch holds the very bytes of the file.
    old, new = (_lines(data) for data in (before, after))
    lines = list(unified_diff(old, new, "a", "b"))[2:]
    if not lines:
        return b""
    head = b"--- " + _name("a/", path) + b"\n+++ " + _name("b/", path) + b"\n"
    body = b"".join(
        raw if raw.endswith(b"\n") else raw + _NO_NEWLINE for raw in (line.encode("latin-1") for line in lines)
    )
    return head + body


def _lines(data: bytes) -> list[str]:
    """Lines as git counts them: a line feed ends one, and nothing else does."""
    pieces = data.decode("latin-1").split("\n")
    return [piece + "\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def _name(side: str, path: str) -> bytes:
    """A name as git writes it: quoted if it holds anything odd, and ended by a tab if it holds a space."""
    name = (side + path.replace(os.sep, "/")).encode("utf-8", "surrogateescape")
    if any(byte < 0x20 or byte in b'"\\' for byte in name):
        return b'"' + b"".join(_quoted(byte) for byte in name) + b'"'
    return name + b"\t" if b" " in name else name


def _quoted(byte: int) -> bytes:
    if byte in b'"\\':
        return b"\\" + bytes([byte])
    return bytes([byte]) if byte >= 0x20 else b"\\%03o" % byte
