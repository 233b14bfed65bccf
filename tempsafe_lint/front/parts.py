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
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
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
_TOP = re.compile(r"\n(?=[^\s#)\]}])")
_FIRST = re.compile(r"[^\n]*\n(?:[ \t]*(?:\#[^\n]*)?\r?\n)*([ \t]+)[^\s#]")
_HEAD = re.compile(r"[ \t]*(?:(async[ \t]+)?def[ \t]+(?P<function>\w+)|class[ \t]+(?P<class>\w+))")
#: What stands behind most names of functions and classes, up to the colon.
_PLAIN_HEAD = re.compile(r"[ \t]*(?:\([^()\[\]{}\"'#:]*\))?[ \t]*:")
_BLOCK = re.compile(r"(?:if|elif|else|try|except|finally|with|async[ \t]+with|for|while)\b")
#: What the line grammar here does not know: a lone carriage return ends a line, a form feed hides one.
_STRANGE = re.compile(r"\r(?!\n)|\f[^\s]")
_DECLARES = re.compile(r"\b(?:global|nonlocal)[ \t]+[^\W\d]")


@dataclass(slots=True)
class Part:
    """A function's stretch of the text, from its first decorator. `head` is where the line of its `def` begins, `named`
    where its name ends, `body` the offset behind the colon of its head; `is_async` as the word in front of it says.
    """

    number: int
    name: str
    owner: str
    start: int
    head: int
    named: int
    body: int
    stop: int
    is_async: bool


class Cut:
    """What is read of a text: from `start` to `stop` behind a `lead` of its own, without the bodies of the parts that
    are `left_out`. Of those a function of that name without parameters is there.
    """

    def __init__(
        self, whole: str, start: int = 0, stop: int | None = None, lead: str = "", left_out: Sequence[Part] = ()
    ) -> None:
        self._whole = whole
        self._start = start
        self._stop = len(whole) if stop is None else stop
        self._lead = lead
        #: By the name that stands for the body of each.
        self.stubs = {stub_name(part.number): part for part in left_out}

    @property
    def brief(self) -> str:
        """The text, where nothing but its stub's name is there of a part that is left out: that takes a parser half the
        time.
        """
        return "".join(piece for piece, _, _ in self._pieces(brief=True))

    def origin(self, offset: int) -> int:
        """The offset in the whole text of one in `text`. All of a stub's body stands for the end of the last line of
        code of what was left out.
        """
        return _origin(offset, *self._places)

    def origin_in_brief(self, offset: int) -> int:
        """The same of an offset in `brief`, where all of a stub stands for that end."""
        return _origin(offset, *self._brief_places)

    @cached_property
    def text(self) -> str:
        return "".join(piece for piece, _, _ in self._pieces(brief=False))

    @cached_property
    def _places(self) -> tuple[list[int], list[int]]:
        return self._begins(brief=False)

    @cached_property
    def _brief_places(self) -> tuple[list[int], list[int]]:
        return self._begins(brief=True)

    def _begins(self, brief: bool) -> tuple[list[int], list[int]]:
        """Where the pieces begin, and where they begin in the whole; `-1 - end` for a stub's body."""
        starts, origins, length = list[int](), list[int](), 0
        for piece, at, stub in self._pieces(brief):
            starts.append(length)
            origins.append(at if stub is None else -1 - _code_end(self._whole, stub))
            length += len(piece)
        return starts, origins

    def _pieces(self, brief: bool) -> Iterator[tuple[str, int, Part | None]]:
        """Each with where it begins in the whole, and the part that it is the stub's body of."""
        whole, at = self._whole, self._start
        yield self._lead, at, None
        for name, part in self.stubs.items():
            yield whole[at : part.start], at, None
            head = whole[part.head : part.named]
            indent = head[: len(head) - len(head.lstrip())]
            yield indent if brief else head, part.head, None
            yield f"{name}\n" if brief else f"(): {name}\n", part.body, part
            at = part.stop
        yield whole[at : self._stop], at, None


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
        """The text with only the wanted parts, and those that say something about the scope around them."""
        wanted = wanted | self._declaring()
        left_out = [
            part
            for part in self.parts
            if part.number not in wanted and self.text.find("lambda", part.start, part.body) < 0
        ]
        return Cut(self.text, left_out=left_out)

    def _declaring(self) -> set[int]:
        """The parts that say something about the scope around them, beyond their names, in what may be a statement."""
        found = set[int]()
        for word in ("global", "nonlocal"):
            at = self.text.find(word)
            while at >= 0:
                owner = self.owners[self.at(at)] if _DECLARES.match(self.text, at) else -1
                if owner >= 0 and at >= self.parts[owner].body:
                    found.add(owner)
                at = self.text.find(word, at + 1)
        return found


def _origin(offset: int, starts: list[int], origins: list[int]) -> int:
    i = bisect_right(starts, offset) - 1
    origin = origins[i]
    return -1 - origin if origin < 0 else origin + offset - starts[i]


def _code_end(text: str, part: Part) -> int:
    """The end of a part's last line that is more than a comment."""
    stop = part.stop
    while stop > part.body:
        line = text.rfind("\n", part.body, stop) + 1 or part.body
        if text[line:stop].strip() and not text[line:stop].lstrip().startswith("#"):
            return line + len(text[line:stop].rstrip())
        stop = line - 1
    return part.stop


_STUB = "__cut_"


def stub_name(number: int) -> str:
    """What stands for the body of a part that is left out; in no text that is cut it has another meaning."""
    return f"{_STUB}{number}__"


def parts_of(text: str) -> Parts:
    """Read the whole text once."""
    out = Parts(text)
    if _STUB in text or (("\r" in text or "\f" in text) and _STRANGE.search(text)):
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
        self._long = [m.span() for m in _QUIETS.finditer(text) if "\n" in m.group()]
        self._long_starts = [start for start, _ in self._long]

    def read(self) -> None:
        lines = self._lines(_TOP, 0, len(self._text))
        if _TOP.match("\n" + self._text[:1]):
            lines.insert(0, 0)
        else:
            self._add(0, -1)
        for start, head, stop in self._statements(lines, len(self._text)):
            found = _HEAD.match(self._text, head)
            if found is not None and found["class"]:
                self._block(start, head, stop, found["class"])
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
        body = self._colon(found.end(), stop) if found is not None and found["function"] else None
        if found is None or body is None:
            self._add(start, -1)
            return
        number = len(self._out.parts)
        is_async = found[1] is not None
        self._out.parts.append(Part(number, found["function"], owner, start, head, found.end(), body, stop, is_async))
        self._add(start, number)

    def _add(self, start: int, owner: int) -> None:
        self._out.starts.append(start)
        self._out.owners.append(owner)

    def _lines(self, pattern: re.Pattern[str], start: int, stop: int) -> list[int]:
        """Offsets where a line begins behind a line's end that the pattern finds, outside of strings."""
        found = [m.start() + 1 for m in pattern.finditer(self._text, start, stop)]
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
        plain = _PLAIN_HEAD.match(self._text, start, stop)
        if plain is not None:
            return plain.end()
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
    return re.compile(rf"\n{indent}(?=[^\s#)\]}}])")
