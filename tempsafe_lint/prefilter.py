"""Whether a file can hold anything to find, asked of its bytes before anything is parsed.

A finding starts at a maker or a source, never at a sink, and its name stands somewhere in the file: so a file
without any needle has nothing to say. The table is generated from the models (`models/needles.py`).
"""

from __future__ import annotations

from tempsafe_lint.models.needles import NEEDLES

_BYTES = tuple(needle.encode() for needle in NEEDLES)


def passes(data: bytes, extra: tuple[str, ...] = ()) -> bool:
    """Whether bytes hold a needle; `extra` are the project's own (`Settings.needles`)."""
    return any(needle in data for needle in _BYTES) or any(needle.encode() in data for needle in extra)


def passes_text(text: str, extra: tuple[str, ...] = ()) -> bool:
    """The same for decoded text."""
    return any(needle in text for needle in NEEDLES) or any(needle in text for needle in extra)


def is_plain(data: bytes, extra: tuple[str, ...] = ()) -> bool:
    """Whether bytes are text in which certainly nothing is found: no needle, no comment of ours to be wrong."""
    try:
        data.isascii() or data.decode()
    except UnicodeDecodeError:
        return False
    unsaid = b"tempsafe" not in data and b"TMP" not in data
    return unsaid and b"\0" not in data and b"coding" not in data[:400] and not passes(data, extra)
