"""A file cut into parts by its text alone, and the text without the bodies of parts that nobody asked for.

A *part* is a function at top level, one directly in a block there (`if`, `try`), or a method of a class at top level,
with everything nested in it. What lies between parts is never cut away.

The lexer knows strings, comments and indentation, nothing else. Where it errs about the end of a part, either the text
that is left does not parse, and the caller reads the whole file, or a stretch counts as another part's, and is read as
soon as that one is. Offsets are code points (0-based), stretches exclude their end. Never raises.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from tempsafe_lint.records import dataclass, field

_QUIET = r"""
    \#[^\n]*
  | \"\"\"[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*\"\"\"
  | '''[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*'''
  | "[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"
  | '[^'\\\n]*(?:\\[\s\S][^'\\\n]*)*'
"""
_QUIETS = re.compile(_QUIET, re.VERBOSE)
_SIGN = re.compile(r"(?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<colon>:) |" + _QUIET, re.VERBOSE)
_TOP = re.compile(r"^[^\s#)\]}]", re.MULTILINE)
_FIRST = re.compile(r"[^\n]*\n(?:[ \t]*(?:\#[^\n]*)?\r?\n)*([ \t]+)[^\s#]")
_HEAD = re.compile(r"[ \t]*(?:(?:async[ \t]+)?def[ \t]+(\w+)|class[ \t]+(\w+))")
_BLOCK = re.compile(r"(?:if|elif|else|try|except|finally|with|async[ \t]+with|for|while)\b")
#: What the line grammar here does not know: a lone carriage return ends a line, a form feed hides one.
_STRANGE = re.compile(r"\r(?!\n)|\f[^\s]")
_DECLARES = re.compile(r"\b(?:global|nonlocal)[ \t]+[^\W\d]")


@dataclass(slots=True)
class Part:
    """A function's stretch of the text, from its first decorator. `head` is where the line of its `def` begins, `named`
    where its name ends, `body` the offset behind the colon of its head.
    """

    number: int
    name: str
    owner: str
    start: int
    head: int
    named: int
    body: int
    stop: int


@dataclass(slots=True)
class Cut:
    """A text with stretches left out. `starts` are offsets in it, `origins` those of the same places in the whole. Of a
    stub, `-1 - end`: all of it stands for the end of the last line of code of what was left out.
    """

    text: str
    starts: list[int]
    origins: list[int]

    def origin(self, offset: int) -> int:
        """The offset in the whole text."""
        i = bisect_right(self.starts, offset) - 1
        origin = self.origins[i]
        return -1 - origin if origin < 0 else origin + offset - self.starts[i]


@dataclass(slots=True)
class Parts:
    """`parts` in order. `starts` are the begins of all stretches, `owners` the numbers of the parts that they are, -1
    for what is none. `whole` says that the text must not be cut.
    """

    text: str
    parts: list[Part] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    whole: bool = False

    def at(self, offset: int) -> int:
        """Which stretch holds an offset."""
        return bisect_right(self.starts, offset) - 1

    def span(self, stretch: int) -> tuple[int, int]:
        """Begin and end of a stretch."""
        stop = self.starts[stretch + 1] if stretch + 1 < len(self.starts) else len(self.text)
        return self.starts[stretch], stop

    def without(self, wanted: set[int]) -> Cut:
        """The text with only the wanted parts; of the others, a function of that name without parameters."""
        pieces: list[str] = []
        starts, origins, length, at = list[int](), list[int](), 0, 0
        for part in self.parts:
            if part.number in wanted or self._says_more(part):
                continue
            stub = f"(): {stub_name(part.number)}\n"
            for piece, origin in (
                (self.text[at : part.start], at),
                (self.text[part.head : part.named], part.head),
                (stub, -1 - self._code_end(part)),
            ):
                pieces.append(piece)
                starts.append(length)
                origins.append(origin)
                length += len(piece)
            at = part.stop
        pieces.append(self.text[at:])
        return Cut("".join(pieces), [*starts, length], [*origins, at])

    def _says_more(self, part: Part) -> bool:
        """Whether a part says something about the scope around it, beyond its name."""
        body = _DECLARES.search(self.text, part.body, part.stop)
        return body is not None or "lambda" in self.text[part.start : part.body]

    def _code_end(self, part: Part) -> int:
        """The end of a part's last line that is more than a comment."""
        stop = part.stop
        while stop > part.body:
            line = self.text.rfind("\n", part.body, stop) + 1 or part.body
            if self.text[line:stop].strip() and not self.text[line:stop].lstrip().startswith("#"):
                return line + len(self.text[line:stop].rstrip())
            stop = line - 1
        return part.stop


def stub_name(number: int) -> str:
    """What stands for the body of a part that is left out."""
    return f"__cut_{number}__"


def parts_of(text: str) -> Parts:
    """Read the whole text once."""
    out = Parts(text)
    if _STRANGE.search(text):
        out.whole = True
        return out
    _Reader(text, out).read()
    return out


def quiets(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Begin (of the quotes) and end of the strings and comments of a stretch that begins in neither."""
    return (found.span() for found in _QUIETS.finditer(text, start, stop))


def without_strings(text: str) -> str:
    """The text with nothing but quotes where strings and comments are; offsets are others."""
    return _QUIETS.sub('""', text)


class _Reader:
    def __init__(self, text: str, out: Parts) -> None:
        self._text = text
        self._out = out
        self._long = [m.span() for m in _QUIETS.finditer(text) if m.end() - m.start() > 2 and "\n" in m.group()]
        self._long_starts = [start for start, _ in self._long]

    def read(self) -> None:
        lines = self._lines(_TOP, 0, len(self._text))
        if not lines or lines[0]:
            self._add(0, -1)
        for start, head, stop in self._statements(lines, len(self._text)):
            found = _HEAD.match(self._text, head)
            if found is not None and found.group(2):
                self._block(start, head, stop, found.group(2))
            elif found is None and _BLOCK.match(self._text, head):
                self._block(start, head, stop, "")
            else:
                self._member(start, head, stop, "", found)

    def _block(self, start: int, head: int, stop: int, name: str) -> None:
        """A class of that name, or a statement at top level that holds others (no name)."""
        self._add(start, -1)
        colon = self._colon(head, stop)
        first = _FIRST.match(self._text, colon, stop) if colon is not None else None
        if first is None:
            return
        lines = self._lines(_member_line(first.group(1)), colon or start, stop)
        for begin, own_head, end in self._statements(lines, stop):
            self._member(begin, own_head, end, name, _HEAD.match(self._text, own_head))

    def _member(self, start: int, head: int, stop: int, owner: str, found: re.Match[str] | None) -> None:
        """A statement at top level, of a class or of a block: a part if it is a function."""
        body = self._colon(found.end(), stop) if found is not None and found.group(1) else None
        if found is None or body is None:
            self._add(start, -1)
            return
        number = len(self._out.parts)
        self._out.parts.append(Part(number, found.group(1), owner, start, head, found.end(1), body, stop))
        self._add(start, number)

    def _add(self, start: int, owner: int) -> None:
        self._out.starts.append(start)
        self._out.owners.append(owner)

    def _lines(self, pattern: re.Pattern[str], start: int, stop: int) -> list[int]:
        """Offsets where a line begins as the pattern says, outside of strings."""
        found = [m.start() for m in pattern.finditer(self._text, start, stop)]
        return [offset for offset in found if not self._in_string(offset)] if self._long else found

    def _in_string(self, offset: int) -> bool:
        i = bisect_right(self._long_starts, offset) - 1
        return i >= 0 and self._long[i][0] < offset < self._long[i][1]

    def _statements(self, lines: list[int], end: int) -> list[tuple[int, int, int]]:
        """Begin, offset of the line behind the decorators, and end of each statement."""
        found: list[tuple[int, int, int]] = []
        begin: int | None = None
        for start, stop in pairwise([*lines, end]):
            if begin is None:
                begin = start
            if self._text[start:stop].lstrip(" \t")[:1] == "@":
                continue
            found.append((begin, start, stop))
            begin = None
        if begin is not None:  # decorators of nothing: no Python, but text
            found.append((begin, begin, end))
        return found

    def _colon(self, start: int, stop: int) -> int | None:
        """The offset behind the colon that ends the head of a definition."""
        depth = 0
        for sign in _SIGN.finditer(self._text, start, stop):
            kind = sign.lastgroup
            if kind == "colon":
                if depth == 0:
                    return sign.end()
            elif kind is not None:
                depth += 1 if kind == "open" else -1
        return None


@lru_cache(maxsize=16)
def _member_line(indent: str) -> re.Pattern[str]:
    return re.compile(rf"^{indent}[^\s#)\]}}]", re.MULTILINE)
