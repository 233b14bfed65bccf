"""Where some words stand in a text.

Most of those that are looked for are a way of writing one of two stems, and looking for each of them costs as much as
reading the text. So the stems are looked for, whatever their case, and the words only around them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

_STEMS = ("temp", "tmp")


class Terms:
    """Words of any characters; they count inside of longer ones too."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._other: list[str] = []
        #: By stem and the character before it ("": it begins there): how far before the stem the word begins, the word.
        self._around: dict[str, dict[str, list[tuple[int, str]]]] = {stem: {} for stem in _STEMS}
        for term in sorted(terms):
            lowered = term.lower()
            stem = next((stem for stem in _STEMS if stem in lowered), None)
            if stem is None:
                self._other.append(term)
                continue
            offset = lowered.find(stem)
            self._around[stem].setdefault(term[offset - 1] if offset else "", []).append((offset, term))

    def places(self, text: str) -> Iterator[tuple[int, str]]:
        """Each place: the offset (code points, 0-based), and which of the words stands there."""
        lowered = text.replace("\u0130", "i").lower()  # no other letter becomes two
        for stem, around in self._around.items():
            at_once = around.get("", [])
            at = lowered.find(stem)
            while at >= 0:
                behind = around.get(text[at - 1]) if at else None
                for offset, term in [*at_once, *behind] if behind else at_once:
                    if offset <= at and text.startswith(term, at - offset):
                        yield at - offset, term
                at = lowered.find(stem, at + 1)
        for term in self._other:
            at = text.find(term)
            while at >= 0:
                yield at, term
                at = text.find(term, at + 1)


@lru_cache(maxsize=16)
def terms(words: frozenset[str]) -> Terms:
    """The same for the same words: hardly any two files differ in what is looked for."""
    return Terms(words)
