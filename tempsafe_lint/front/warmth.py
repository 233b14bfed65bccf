"""Which parts of a file can have anything to say: those that hold a needle, and those that meet what comes of one.

A part that holds a needle and returns or yields gives its name to whoever mentions it; code outside of all parts gives
the names that it binds. The names are taken as words wherever they stand in code: a part that merely has the same word
for something else is read for nothing, and none is left out. To a fixpoint.

A comment and a docstring say nothing that runs, and no string says a name. What stands behind an f-string on its line
counts as code, since the lexer here does not know where the fields of one end.

Not told from the text: what a function leaves in an attribute for another method. Flow asks for that
(`Units.holding`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Set
from keyword import iskeyword

from tempsafe_lint.front.parts import Parts, quiets, without_strings
from tempsafe_lint.front.terms import terms

_GIVES = re.compile(
    r"return(?<=\breturn)\b[ \t(]*(?!(?:None|True|False|self)\b)[^\s#)]|yield(?<=\byield)\b|lambda(?<=\blambda)\b"
)
_BOUND = re.compile(
    r"""
    ^[ \t]*(?P<left>[\w.,* \t()\[\]]+?(?::[^=\n]+)?=(?!=)(?:[ \t]*[\w.]+[ \t]*=(?!=))*)
  | ^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(?P<name>[^\W\d]\w*)
  | ^[ \t]*(?:async[ \t]+)?for[ \t]+(?P<each>[\w., \t()*]+?)[ \t]+in\b
  | (?P<old>[\w.]+(?:\([^\n]*\))?)[ \t]+as[ \t]+(?P<new>[^\W\d]\w*)
  | \b(?P<walrus>\w+)[ \t]*:=
    """,
    re.VERBOSE | re.MULTILINE,
)
_TARGET = re.compile(r"(?:[\w.]+\.)?([^\W\d]\w*)\Z")
_IMPORT = re.compile(r"[ \t]*(?:from|import)\b")
_FORMATTED = re.compile(r"(?:[fFtT][rR]?|[rR][fFtT])[\"']")
_NO_CODE = re.compile(r"(?:\s|\#[^\n]*(?:\n|\Z))*[rRuUbB]{0,2}\Z")
_ENDS_LINE = re.compile(r"[ \t]*(?:\#[^\n]*)?(?:\r?\n|\Z)")


class Warmth:
    """`warm` are the numbers of the parts that are worth reading for themselves.

    `needles` count in strings too, and as parts of words; `words` are names.
    """

    def __init__(self, parts: Parts, needles: Iterable[str], words: Iterable[str]) -> None:
        self.parts = parts
        self._text = parts.text
        self._needles = frozenset(needles)
        self._words = set(words)
        self._pending: list[str] = []
        self._seen: set[int] = set()
        self._quiet: dict[int, tuple[list[int], list[int]]] = {}
        names = self._words.copy()
        for at, term in terms(self._needles.union(names)).places(self._text):
            stretch = parts.at(at)
            if stretch not in self._seen and (
                (term in self._needles and self.is_code(at, stretch))
                or (term in names and self._is_whole(at, at + len(term)) and self.is_code(at, stretch, name=True))
            ):
                self._heat(stretch)
        while self._pending:
            for stretch in self._holding(self._pending.pop(), True, self._seen):
                self._heat(stretch)
        self.warm = self._parts_of(self._seen)

    @property
    def idle(self) -> bool:
        """Whether there is nothing in the file that anything could come of."""
        return not self._seen

    def holding(self, words: Iterable[str], *, code: bool = False) -> set[int]:
        """Numbers of the parts that hold one of the words; with `code`, as a name."""
        return self._parts_of({stretch for word in words for stretch in self._holding(word, code)})

    def _parts_of(self, stretches: set[int]) -> set[int]:
        owners = self.parts.owners
        return {owners[stretch] for stretch in stretches if owners[stretch] >= 0}

    def _holding(self, word: str, code: bool, but: Set[int] = frozenset()) -> set[int]:
        """Stretches that hold a word, `but` for some; with `code`, those that have it as a name."""
        text, size, found = self._text, len(word), set[int]()
        at = text.find(word)
        while at >= 0:
            end = at + size
            if self._is_whole(at, end):
                stretch = self.parts.at(at)
                if stretch not in found and stretch not in but and (not code or self.is_code(at, stretch, name=True)):
                    found.add(stretch)
            at = text.find(word, end)
        return found

    def _is_whole(self, at: int, end: int) -> bool:
        """Whether a word ends at both sides."""
        text = self._text
        return not (at and _joins(text[at - 1])) and not (end < len(text) and _joins(text[end]))

    def is_code(self, at: int, stretch: int, *, name: bool = False) -> bool:
        """Whether what stands at an offset of a stretch is code: no comment, no docstring, and of a name no string."""
        begin, stop = self.parts.span(stretch)
        known = self._quiet.get(stretch)
        if known is None:
            spans = list(quiets(self._text, begin, stop))
            known = self._quiet[stretch] = ([start for start, _ in spans], [end for _, end in spans])
        i = bisect_right(known[0], at) - 1
        if i < 0 or at >= known[1][i]:
            return True
        start, end = known[0][i], known[1][i]
        if _FORMATTED.search(self._text, self._text.rfind("\n", begin, start) + 1, start + 1):
            return True
        if name or self._text[start] == "#":
            return False
        owner = self.parts.owners[stretch]
        head = self.parts.parts[owner].body if owner >= 0 else begin
        return _NO_CODE.match(self._text, head, start) is None or _ENDS_LINE.match(self._text, end) is None

    def _heat(self, stretch: int) -> None:
        if stretch in self._seen:
            return
        self._seen.add(stretch)
        owner = self.parts.owners[stretch]
        if owner >= 0:
            part = self.parts.parts[owner]
            if _GIVES.search(self._text, part.body, part.stop):
                self._give(part.owner if part.name.startswith("__") and part.owner else part.name)
            return
        start, stop = self.parts.span(stretch)
        for name in self._bound(start, stop):
            self._give(name)

    def _give(self, name: str) -> None:
        if name not in self._words and not iskeyword(name):
            self._words.add(name)
            self._pending.append(name)

    def _bound(self, start: int, stop: int) -> Iterable[str]:
        """Names that a stretch outside of all parts binds; of an import only those that it renames."""
        code = without_strings(self._text[start:stop])
        for found in _BOUND.finditer(code):
            kind = found.lastgroup
            if kind in ("left", "each"):
                for target in re.split(r"[,=]", found.group(kind).partition(":")[0]):
                    name = _TARGET.match(target.strip(" \t()[]*"))
                    if name is not None and name.group(1) not in ("self", "cls"):
                        yield name.group(1)
            elif kind == "new":
                old = found.group("old")
                line = code[code.rfind("\n", 0, found.start()) + 1 : found.start()]
                if not _IMPORT.match(line) or self._is_warm(old):
                    yield found.group("new")
            else:
                yield found.group("name") or found.group("walrus")

    def _is_warm(self, name: str) -> bool:
        return name.rpartition(".")[2] in self._words or any(needle in name for needle in self._needles)


def _joins(char: str) -> bool:
    return char == "_" or char.isalnum()
