"""What a regex can say of a file before it is parsed: comments, where top-level statements begin, how deep it nests.

Knows strings, comments, brackets and indentation, nothing else of Python. Offsets are code points (0-based), rows are
1-based. Never raises; on text that is not Python it says something harmless in linear time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

# The native parser recurses without a limit and takes the whole process down (no exception) when its stack ends.
# Measured with an 8 MB stack, smallest input that crashed: nested brackets, f-string fields and format specs 1,000 to
# 2,000 (500 when calls and lambdas alternate); `lambda:` chains 5,000; `and`/`or`, `not`, `-`, dotted imports and
# `elif` 20,000. Arithmetic, attributes, calls, subscripts and conditional chains become quadratic first: 5,000 links
# take 5 to 15 s, 1,000 at most half a second. Flat lists of anything (arguments, decorators, targets, handlers,
# `case` alternatives, comparisons) are harmless. More than 3,000 adjacent string literals it refuses itself.
# In a `case` pattern each nested `(` or `[` doubles the time and each `{` takes four times as long (7 of them 0.05 s,
# 10 of them 3 s): a `{` counts twice there.
MAX_BRACKETS = 200
MAX_INDENT = 100
MAX_CHAIN = 1000
MAX_STRINGS = 3000
MAX_PATTERN = 14

# Above this the tree is walked in a thread with a larger stack (see front.depth).
DEEP = 30

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\r\n]*)
  | (?P<line>(?:\r\n|\r|\n)[ \t\f]*)
  | (?P<joined>\\(?:\r\n|\r|\n))
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<prefix>(?:(?<!\w)[rbuftRBUFT]{1,2})?)(?P<quote>\"\"\"|'''|"|')
    """,
    re.VERBOSE,
)
# In a replacement field of an f-string also its end and the start of its format spec.
_FIELD = re.compile(_TOKEN.pattern + r"| (?P<colon>:) | (?P<bang>!=)", re.VERBOSE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_PLAIN = {
    "'": re.compile(r"(?:[^\\\r\n']+|\\(?:\r\n|[\s\S]))*"),
    '"': re.compile(r'(?:[^\\\r\n"]+|\\(?:\r\n|[\s\S]))*'),
    "'''": re.compile(r"(?:[^\\']+|\\[\s\S]|'(?!''))*"),
    '"""': re.compile(r'(?:[^\\"]+|\\[\s\S]|"(?!""))*'),
}
_FORMATTED = {
    "'": re.compile(r"(?:[^\\\r\n'{}]+|\\(?:\r\n|[^{}])|\{\{|\}\}|\}|\\(?=[{}]))*"),
    '"': re.compile(r'(?:[^\\\r\n"{}]+|\\(?:\r\n|[^{}])|\{\{|\}\}|\}|\\(?=[{}]))*'),
    "'''": re.compile(r"(?:[^\\'{}]+|\\[^{}]|\{\{|\}\}|\}|'(?!'')|\\(?=[{}]))*"),
    '"""': re.compile(r'(?:[^\\"{}]+|\\[^{}]|\{\{|\}\}|\}|"(?!"")|\\(?=[{}]))*'),
}
_SPEC = {quote: re.compile(pattern.pattern.replace(r"|\}\}|\}", "")) for quote, pattern in _FORMATTED.items()}
_LINK = re.compile(
    r"""
    (?P<skip>\d[\w.]*(?:(?<=[eE])[-+]\d+)? | \#[^\r\n]*)
  | (?P<word>\b(?:lambda|not|and|or|if|else|for|in|is|await|yield|async)\b)
  | (?P<name>\w+)
  | (?P<op>[-+*/%@&|^~<>=.!]+)
  | (?P<comma>[,;:])
    """,
    re.VERBOSE,
)
_HEAD = re.compile(r"(elif|else|except|finally|case|match)\b|@")


@dataclass(slots=True)
class Outline:
    """`comments`: row -> (offset of `#`, text). `starts`: offsets of the top-level statements.

    `depth`: how far the tree of the worst statement may nest. `problem`: row and reason why the file must not be
    parsed, or None; with a problem the other fields end where it was found.
    """

    comments: dict[int, tuple[int, str]]
    starts: list[int]
    depth: int = 0
    problem: tuple[int, str] | None = None


@dataclass(slots=True)
class _Level:
    """One open bracket or replacement field.

    `links` counts operators since the last comma, `strings` adjacent literals, `lambdas` parameter lists that are
    still open (their commas do not end anything). `nested` is the depth outside of the bracket, `weight` what it adds
    up to in a pattern.
    """

    quote: str = ""
    spec: bool = False
    links: int = 0
    strings: int = 0
    lambdas: int = 0
    nested: int = 0
    weight: int = 0


def comments(text: str) -> dict[int, tuple[int, str]]:
    """Row of each comment -> offset of its `#` and its text."""
    return outline(text).comments


def too_deep(text: str) -> tuple[int, str] | None:
    """Row and reason if the parser must not be given this text."""
    return outline(text).problem


def outline(text: str) -> Outline:
    """Read the whole text once."""
    return _Reader(text).read()


@dataclass(slots=True)
class _Reader:
    text: str
    rows: list[int] = field(init=False)
    levels: list[_Level] = field(default_factory=lambda: [_Level()])
    indents: list[int] = field(default_factory=lambda: [0])
    elifs: list[int] = field(default_factory=lambda: [0])
    fresh: bool = True  # no token of the logical line was seen yet
    decorated: bool = False
    pattern: bool = False
    out: Outline = field(default_factory=lambda: Outline({}, []))

    def read(self) -> Outline:
        text = self.text
        self.rows = [0, *(found.end() for found in _LINE_END.finditer(text))]
        position, end = 0, len(text)
        while position < end and self.out.problem is None:
            level = self.levels[-1]
            found = (_FIELD if level.quote else _TOKEN).search(text, position)
            stop = found.start() if found else end
            if stop > position:
                self._code(position, stop)
            if found is None:
                break
            position = self._token(found, level)
        return self.out

    def _token(self, found: re.Match[str], level: _Level) -> int:
        """Act on one token; the offset where to go on."""
        kind, at, position = found.lastgroup, found.start(), found.end()
        if kind == "comment":
            self.out.comments[self._row(at)] = (at, found.group())
        elif kind == "line":
            if len(self.levels) == 1:
                self._line()
        elif kind == "open":
            self._begin(at)
            self._count(1, at)
            self._push(_Level(weight=level.weight + (2 if found.group() == "{" else 1)), at)
        elif kind == "close":
            self._begin(at)
            return self._close(position, level)
        elif kind == "quote":
            self._begin(at)
            self._adjacent(level, at)
            prefix = found.group("prefix").lower()
            return self._string(position, found.group("quote"), "f" in prefix or "t" in prefix, False)
        elif kind == "colon" and not level.lambdas:
            return self._string(position, level.quote, True, True)
        elif kind == "colon":
            level.lambdas -= 1
        return position

    def _close(self, position: int, level: _Level) -> int:
        if len(self.levels) > 1:
            self.levels.pop()
            if level.quote:
                return self._string(position, level.quote, True, level.spec)
        return position

    def _string(self, position: int, quote: str, formatted: bool, spec: bool) -> int:
        """Skip a string's text up to its end, or to a replacement field, which is opened.

        With `spec` it begins in the format spec of a field, which `}` closes; then the text around the field goes on.
        """
        text = self.text
        while True:
            table = _SPEC if spec else _FORMATTED if formatted else _PLAIN
            body = table[quote].match(text, position)
            position = body.end() if body else position
            if formatted and text.startswith("{", position):
                self._push(_Level(quote=quote, spec=spec), position)
                return position + 1
            if not spec or not text.startswith("}", position):
                break
            spec = self.levels.pop().spec
            position += 1
        while spec:  # the string ends in the middle of a format spec
            spec = self.levels.pop().spec
        return position + len(quote) if text.startswith(quote, position) else position

    def _push(self, level: _Level, at: int) -> None:
        below = self.levels[-1]
        level.nested = below.nested + below.links
        self.levels.append(level)
        brackets = len(self.levels) - 1
        self._deepest(level.nested + brackets)
        if brackets > MAX_BRACKETS:
            self._refuse(at, f"more than {MAX_BRACKETS} nested brackets")
        elif self.pattern and level.weight > MAX_PATTERN:
            self._refuse(at, f"more than {MAX_PATTERN} nested brackets in a pattern")

    def _begin(self, at: int) -> None:
        """The first token of a logical line that is not a word."""
        if self.fresh:
            self.fresh = False
            self._statement(at, "")

    def _code(self, start: int, stop: int) -> None:
        """Text between two tokens: names and operators."""
        level = self.levels[-1]
        if self.fresh:
            while start < stop and self.text[start] in " \t\f":
                start += 1
            if start == stop:
                return
            self.fresh = False
            head = _HEAD.match(self.text, start, stop)
            self._statement(start, head.group() if head else "x")
        for found in _LINK.finditer(self.text, start, stop):
            kind = found.lastgroup
            level.strings = 0
            if kind == "word":
                self._count(1, start)
                level.lambdas += found.group() == "lambda"
            elif kind == "op":
                self._count(found.end() - found.start(), start)
            elif kind == "comma":
                sign = found.group()
                if sign == ":":
                    level.lambdas -= level.lambdas > 0
                elif not level.lambdas:
                    level.links = 0

    def _count(self, links: int, at: int) -> None:
        level = self.levels[-1]
        level.links += links
        depth = level.nested + level.links
        self._deepest(depth + len(self.levels))
        if depth > MAX_CHAIN:
            self._refuse(at, f"more than {MAX_CHAIN} chained operators")

    def _adjacent(self, level: _Level, at: int) -> None:
        """One more string literal, maybe behind others."""
        level.strings += 1
        self._deepest(level.nested + level.links + level.strings + len(self.levels))
        if level.strings > MAX_STRINGS:
            self._refuse(at, f"more than {MAX_STRINGS} adjacent strings")

    def _line(self) -> None:
        """A logical line begins (or a blank one, or one with a comment only)."""
        level = self.levels[0]
        level.links = level.lambdas = level.strings = 0
        self.fresh = True
        self.pattern = False

    def _statement(self, at: int, head: str) -> None:
        """The first token of a statement's line: indentation, `elif` chains, top-level starts."""
        line = self.rows[bisect_right(self.rows, at) - 1]
        width = len(self.text[line:at].expandtabs()) if at > line else 0
        indents, elifs = self.indents, self.elifs
        while width < indents[-1]:
            indents.pop()
            elifs.pop()
        if width > indents[-1]:
            indents.append(width)
            elifs.append(0)
        if head == "elif":
            elifs[-1] += 1
        elif head != "else":
            elifs[-1] = 0
        self.pattern = head == "case"
        self.levels[0].nested = len(indents) + elifs[-1]
        if len(indents) > MAX_INDENT:
            self._refuse(at, f"more than {MAX_INDENT} levels of indentation")
        elif elifs[-1] > MAX_CHAIN:
            self._refuse(at, f"more than {MAX_CHAIN} `elif` in a row")
        self._deepest(self.levels[0].nested)
        if width == 0:
            if head not in ("elif", "else", "except", "finally") and not self.decorated:
                self.out.starts.append(at)
            self.decorated = head == "@"

    def _deepest(self, depth: int) -> None:
        self.out.depth = max(self.out.depth, depth)

    def _refuse(self, at: int, reason: str) -> None:
        if self.out.problem is None:
            self.out.problem = (self._row(at), reason)

    def _row(self, offset: int) -> int:
        return bisect_right(self.rows, offset)
