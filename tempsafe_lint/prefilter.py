"""Whether a file can hold anything to find, asked of its bytes before anything is parsed.

A finding starts at a maker or a source, never at a sink, and its name stands somewhere in the file: so a file
without any needle has nothing to say.
A compound needle has two halves, of which one alone proves nothing. The table is generated from the models
(`models/needles.py`).
"""

from __future__ import annotations

from tempsafe_lint.models.needles import NEEDLES, PAIRS

_BYTES = tuple(needle.encode() for needle in NEEDLES)
_BYTE_PAIRS = tuple(tuple(tuple(word.encode() for word in half) for half in pair) for pair in PAIRS)


def passes(data: bytes, extra: tuple[str, ...] = ()) -> bool:
    """Whether bytes hold a needle, or one of each half of a compound one; `extra` are the project's own
    (`Settings.needles`).
    """
    if any(needle in data for needle in _BYTES) or any(needle.encode() in data for needle in extra):
        return True
    return any(all(any(word in data for word in half) for half in pair) for pair in _BYTE_PAIRS)


def passes_text(text: str, extra: tuple[str, ...] = ()) -> bool:
    """The same for decoded text."""
    if any(needle in text for needle in NEEDLES) or any(needle in text for needle in extra):
        return True
    return any(all(any(word in text for word in half) for half in pair) for pair in PAIRS)


def is_plain(data: bytes, extra: tuple[str, ...] = ()) -> bool:
    """Whether bytes are text in which certainly nothing is found: no needle, no comment of ours to be wrong."""
    try:
        data.isascii() or data.decode()
    except UnicodeDecodeError:
        return False
    unsaid = b"tempsafe" not in data and b"TMP" not in data
    return unsaid and b"\0" not in data and b"coding" not in data[:400] and not passes(data, extra)
