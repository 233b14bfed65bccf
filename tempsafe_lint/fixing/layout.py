"""The layout of a text: its logical lines, comments and strings, with offsets in code points.

A lexer and nothing more: it knows quotes, comments, brackets and line ends. Text that is not Python gives some layout
too; whoever edits by it has the result parsed afterwards.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from tempsafe_lint.source import Span

_QUOTED = r"""
      \"\"\"[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"\"\" | \'\'\'[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*\'\'\'
    | "[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*" | '[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'
"""
_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\f]+|\\(?:\r\n|\r|\n))
    | (?P<string>(?P<prefix>\b[rbuft]{{1,2}}|)(?P<body>{_QUOTED}))
    | (?P<comment>\#[^\r\n]*)
    | (?P<newline>\r\n|\r|\n)
    | (?P<open>[(\[{{])
    | (?P<close>[)\]}}])
    | (?P<semicolon>;)
    | (?P<word>\w+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# The same in large steps: code without a sign that matters, and the sign behind it.
_STEP = re.compile(
    rf"""
    (?P<code>[^'"#()\[\]{{}};\\\r\n]*)
    (?:
        (?P<newline>\r\n|\r|\n)
      | (?P<open>[(\[{{])
      | (?P<close>[)\]}}])
      | (?P<string>{_QUOTED})
      | (?P<comment>\#[^\r\n]*)
      | (?P<semicolon>;)
      | (?P<joined>\\(?:\r\n|\r|\n))
      | (?P<other>[\\'"])
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_PREFIX = re.compile(r"\b[rbuft]{1,2}\Z", re.IGNORECASE)
_BLANKS = " \t\f"
_PLAIN = re.compile(r"[rbu]*['\"]", re.IGNORECASE)
_start = attrgetter("start")
_QUOTE = re.compile("\"\"\"|'''|\"|'")


class Line(NamedTuple):
    """One logical line: `start` is the start of its first row, `first` its first token, `end` the end of its last
    token (comments are none), `stop` the start of the next row. `semicolons` are those outside brackets."""

    start: int
    first: int
    end: int
    stop: int
    semicolons: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Logical lines, comments and strings of one text, each in order."""

    text: str
    lines: tuple[Line, ...]
    comments: tuple[Span, ...]
    strings: tuple[Span, ...]

    def index(self, offset: int) -> int:
        """Number of the logical line that holds `offset`, or of the last one before it; -1 before the first."""
        return bisect_right(self.lines, offset, key=_start) - 1

    def indent(self, line: Line) -> str:
        """The white space before the first token of a line."""
        return self.text[line.start : line.first]

    def width(self, line: Line) -> int:
        """The indentation in columns, as Python counts it: a tab goes to the next multiple of eight."""
        return len(self.indent(line).rpartition("\f")[2].expandtabs(8))

    def string_at(self, offset: int) -> Span | None:
        """The string literal around `offset` (an f-string around one of its expressions)."""
        number = bisect_right(self.strings, offset, key=_start) - 1
        if number >= 0 and offset < self.strings[number].end:
            return self.strings[number]
        return None

    def is_prose(self, offset: int) -> bool:
        """Whether `offset` is in a comment or in a string that is no f-string."""
        number = bisect_right(self.comments, offset, key=_start) - 1
        if number >= 0 and offset < self.comments[number].end:
            return True
        around = self.string_at(offset)
        return around is not None and _PLAIN.match(self.text, around.start) is not None

    def comments_in(self, span: Span) -> list[str]:
        """Texts of the comments that begin in `span`."""
        first = bisect_left(self.comments, span.start, key=_start)
        stop = bisect_left(self.comments, span.end, lo=first, key=_start)
        return [self.text[comment.start : comment.end] for comment in self.comments[first:stop]]


@lru_cache(maxsize=4)
def layout(text: str) -> Layout:
    """Lex `text`. The same text is asked for several times in a row, hence the small cache."""
    lines: list[Line] = []
    comments: list[Span] = []
    strings: list[Span] = []
    semicolons: list[int] = []
    depth = row = at = 0
    first = end = -1
    while found := _STEP.match(text, at):
        kind, before, start, at = found.lastgroup, at, found.end("code"), found.end()
        if start > before and (code := text[before:start].rstrip(_BLANKS)):
            first = start - len(text[before:start].lstrip(_BLANKS)) if first < 0 else first
            end = before + len(code)
        if kind == "comment":
            comments.append(Span(start, at))
        elif kind == "newline":
            if depth == 0:
                if first >= 0:
                    lines.append(Line(row, first, end, at, tuple(semicolons)))
                first, row, semicolons = -1, at, []
        elif kind != "joined":
            if kind == "string":
                start, at = _string(text, before, start, at)
                strings.append(Span(start, at))
            elif kind == "open":
                depth += 1
            elif kind == "close":
                depth = max(0, depth - 1)
            elif kind == "semicolon" and depth == 0:
                semicolons.append(start)
            first, end = (start if first < 0 else first), at
    if text[at:].strip(_BLANKS):
        first = len(text) - len(text[at:].lstrip(_BLANKS)) if first < 0 else first
        end = len(text.rstrip(_BLANKS))
    if first >= 0:
        lines.append(Line(row, first, end, len(text), tuple(semicolons)))
    return Layout(text, tuple(lines), tuple(comments), tuple(strings))


def _string(text: str, before: int, quote: int, end: int) -> tuple[int, int]:
    """Where a string literal begins and ends whose quotes begin at `quote`, behind code from `before` on."""
    prefix = _PREFIX.search(text, max(before, quote - 3), quote)
    if prefix is None:
        return quote, end
    return prefix.start(), _formatted_end(text, prefix.group().lower(), quote, end)


def _string_end(text: str, found: re.Match[str]) -> int:
    """End of a string literal."""
    return _formatted_end(text, found["prefix"].lower(), found.start("body"), found.end())


def _formatted_end(text: str, prefix: str, start: int, plain: int) -> int:
    """End of a string literal whose quotes begin at `start`: `plain`, if it is none of the strings whose expressions
    may hold the same quotes (since Python 3.12)."""
    if "f" not in prefix and "t" not in prefix:
        return plain
    quote = _QUOTE.match(text, start)
    assert quote is not None  # a body begins with its quote
    end = _literal(text, quote.end(), quote.group(), "r" in prefix)
    return plain if end is None else end


def _literal(text: str, at: int, quote: str, raw: bool, spec: bool = False) -> int | None:
    """End of the literal part that starts at `at`: after `quote`, or (`spec`, a format spec) at the closing brace."""
    while at < len(text):
        char = text[at]
        if char == "\\":
            if not raw and text.startswith("\\N{", at):
                at = text.find("}", at) + 1 or len(text)
            else:
                at += 1 if text[at + 1 : at + 2] in ("{", "}") else 2
        elif not spec and text.startswith(quote, at):
            return at + len(quote)
        elif char in "\r\n" and len(quote) == 1:
            return None
        elif not spec and text.startswith(("{{", "}}"), at):
            at += 2
        elif char == "{":
            end = _expression(text, at + 1, quote, raw)
            if end is None:
                return None
            at = end
        elif spec and char == "}":
            return at
        else:
            at += 1
    return None


def _expression(text: str, at: int, quote: str, raw: bool) -> int | None:
    """End of a replacement field whose expression starts at `at`: just after its closing brace."""
    depth = 0
    while found := _TOKEN.match(text, at):
        kind, token = found.lastgroup, found.group()
        at = _string_end(text, found) if kind == "string" else found.end()
        if kind == "open":
            depth += 1
        elif kind == "close" and depth:
            depth -= 1
        elif kind == "close":
            return at if token == "}" else None
        elif token == ":" and depth == 0:
            end = _literal(text, at, quote, raw, spec=True)
            return None if end is None else end + 1
    return None
