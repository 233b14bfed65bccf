"""Paths that a command line tells a program to write: behind `>`, `-o`, `--output` and the like.

The words are data (policy.toml, commands). A path anywhere else in a command may as well be read, or be meant for the
other end of a connection: silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from tempsafe_lint.flow.provenance import Part
from tempsafe_lint.flow.state import State
from tempsafe_lint.flow.texts import Texts
from tempsafe_lint.flow.values import PathText
from tempsafe_lint.ir.events import Operand
from tempsafe_lint.source import Site

#: A list of this many words is looked through.
_MOST_WORDS = 60


def written(texts: Texts, state: State, command: Operand, site: Site, flags: frozenset[str]) -> Iterator[PathText]:
    """The paths that a command, a list of words or one text, names as outputs."""
    if isinstance(command, str) and f"{command}[0]" in state.env:
        words = [texts.of(state, f"{command}[{i}]", site) for i in range(_MOST_WORDS)]
        for before, word in pairwise(words):
            if any(text.parts in {(flag,) for flag in flags} for text in before):
                yield from word
        return
    for text in texts.of(state, command, site):
        for i, part in enumerate(text.parts):
            if isinstance(part, str):
                yield from (PathText(found, text.site) for found in _outputs(part, text.parts[i + 1 :], flags))


def _outputs(part: str, rest: tuple[Part, ...], flags: frozenset[str]) -> Iterator[tuple[Part, ...]]:
    """Words behind a flag in one constant part; a word at its end goes on in the parts behind it."""
    for match in _pattern(flags).finditer(part):
        word = match.group("word").strip("'\"")
        if match.end() < len(part) or not rest:
            yield (word,)
        else:
            yield (word, rest[0])


@lru_cache(maxsize=4)
def _pattern(flags: frozenset[str]) -> re.Pattern[str]:
    longest = sorted(flags, key=lambda flag: (-len(flag), flag))
    return re.compile(rf"(?:^|(?<=\s))(?:{'|'.join(map(re.escape, longest))})[\s=]*(?P<word>[^\s;|&<>)]+)")
