"""Whether a file can hold anything to find, asked of its bytes before anything is parsed.

A finding starts at a maker or a source, never at a sink, and its name stands somewhere in the file: so a file
without any needle has nothing to say.
A compound needle has two halves, of which one alone proves nothing: a word that only an import makes a maker of, and
the module's name. The table is generated from the models (`models/needles.py`).

Most needles are a way of writing one of two stems, and looking for each needle costs as much as reading the file. So
the stems are looked for, whatever their case, and the needles only around them.
"""

from __future__ import annotations

import re

from tempsafe_lint.models.needles import IMPORTED, NEEDLES, PAIRS

#: Needles that are the name of something that is called.
NAMES = frozenset(IMPORTED) | {needle for needle in NEEDLES if needle.isidentifier()}
_STEMS = (b"temp", b"tmp")


class _Around:
    """The words that hold a stem. `at_once` begin with it; `behind` are by the byte before it: how far before the stem
    the word begins, and the word.
    """

    def __init__(self, stem: bytes, words: tuple[bytes, ...]) -> None:
        self.stem = stem
        self.at_once = tuple(word for word in words if word.lower().startswith(stem))
        self.behind: dict[int, list[tuple[int, bytes]]] = {}
        for word in words:
            offset = word.lower().find(stem)
            if offset > 0:
                self.behind.setdefault(word[offset - 1], []).append((offset, word))

    def is_in(self, data: bytes, lowered: bytes, at: int) -> bool:
        """`at` is where the stem stands first, below 0 if nowhere."""
        while at >= 0:
            if self.at_once and data.startswith(self.at_once, at):
                return True
            for offset, word in self.behind.get(data[at - 1], ()) if at else ():
                if offset <= at and data.startswith(word, at - offset):
                    return True
            at = lowered.find(self.stem, at + 1)
        return False


class _Words:
    """Some of which one must be there."""

    def __init__(self, words: tuple[str, ...]) -> None:
        known = [word.encode() for word in words]
        first = {word: next((stem for stem in _STEMS if stem in word.lower()), None) for word in known}
        self._around = [_Around(stem, tuple(word for word in known if first[word] == stem)) for stem in _STEMS]
        other = [re.escape(word) for word in known if first[word] is None]
        self._other = re.compile(b"|".join(other)).search if other else None

    def are_in(self, data: bytes, lowered: bytes, stems: tuple[int, ...]) -> bool:
        if self._other is not None and self._other(data):
            return True
        return any(around.is_in(data, lowered, at) for around, at in zip(self._around, stems, strict=True))


_NEEDLES = _Words(NEEDLES)
_PAIRS = tuple(tuple(_Words(half) for half in pair) for pair in PAIRS)
#: What hardly any file holds one of: one look instead of one for each.
_ANY = _Words((*NEEDLES, *(word for first, *_ in PAIRS for word in first)))
_COOKIE = re.compile(rb"coding[:=][ \t]*utf-?8(?![-\w.])", re.IGNORECASE)


def passes(data: bytes, extra: tuple[str, ...] = ()) -> bool:
    """Whether bytes hold a needle, or one of each half of a compound one; `extra` are the project's own
    (`Settings.needles`).
    """
    lowered = data.lower()
    return _passes(data, lowered, _stems(lowered), extra)


def _stems(lowered: bytes) -> tuple[int, ...]:
    """Where each stem stands first, -1 if nowhere."""
    return tuple([lowered.find(stem) for stem in _STEMS])


def _passes(data: bytes, lowered: bytes, stems: tuple[int, ...], extra: tuple[str, ...]) -> bool:
    if any(needle.encode() in data for needle in extra):
        return True
    if not _ANY.are_in(data, lowered, stems):
        return False
    if _NEEDLES.are_in(data, lowered, stems):
        return True
    return any(all(half.are_in(data, lowered, stems) for half in pair) for pair in _PAIRS)


def passes_text(text: str, extra: tuple[str, ...] = ()) -> bool:
    """The same for decoded text."""
    return passes(text.encode("utf-8", "surrogatepass"), extra)


def starting(text: str, extra: tuple[str, ...] = ()) -> tuple[str, ...]:
    """All needles that count in a text: of a compound one what it begins with, where the text holds the rest too."""
    first = [half for half, *rest in PAIRS if all(any(word in text for word in other) for other in rest)]
    return (*NEEDLES, *extra, *(word for half in first for word in half))


def is_plain(data: bytes, extra: tuple[str, ...] = ()) -> bool:
    """Whether bytes are text in which certainly nothing is found: no needle, no comment of ours to be wrong."""
    try:
        data.isascii() or data.decode()
    except UnicodeDecodeError:
        return False
    if b"\0" in data or not _is_utf8(data[:400]):
        return False
    lowered = data.lower()
    stems = temp, tmp = _stems(lowered)
    ours = (tmp >= 0 and b"TMP" in data) or (temp >= 0 and b"tempsafe" in data)
    return not ours and not _passes(data, lowered, stems, extra)


def _is_utf8(head: bytes) -> bool:
    """Whether the first lines, where a cookie would stand, name no other encoding."""
    return head.count(b"coding") == len(_COOKIE.findall(head))
