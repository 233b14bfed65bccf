"""The text of one file: bytes in, bytes out, and where things stand in it.

One internal unit of position: the offset in code points, 0-based, into the decoded text without its byte order mark.
Every other unit (rows, columns, UTF-8 bytes, UTF-16 units) is computed from it where somebody asks.
Line ends are kept as they are in the file and never translated.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:[#\r\n]|$)")
_LINE_END = re.compile("\r\n|\r|\n")


class UnreadableSource(ValueError):
    """The bytes are not text that Python would read; the message is one line for people."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the text: code points, 0-based, `end` not included."""

    start: int
    end: int


class Site(NamedTuple):
    """An opaque name for a place in a file; only the front knows which syntax it stands for."""

    unit: int
    number: int


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """A span with its rows and columns: rows and columns are 1-based and count code points; the end is not included."""

    start: int
    end: int
    row: int
    column: int
    end_row: int
    end_column: int


class Source:
    """One file's text.

    `filename` is the path as it is shown; `path` the one relative to the project's root, with forward slashes, by which
    test code is told from production code. `text` has no byte order mark; `encode` gives bytes back in the file's
    own encoding, with the mark if there was one.
    """

    def __init__(
        self, text: str, filename: str, *, path: str | None = None, encoding: str = "utf-8", bom: bool = False
    ) -> None:
        self.text = text
        self.filename = filename
        self.path = filename if path is None else path
        self.encoding = encoding
        self.bom = bom

    @classmethod
    def from_bytes(cls, data: bytes, filename: str, *, path: str | None = None) -> Source:
        """Decode as Python does: byte order mark, then a cookie in the first two lines (PEP 263), else UTF-8.

        Raises UnreadableSource for an unknown or wrong encoding, for NUL bytes, and for text that would not
        come back as the same bytes.
        """
        bom = data.startswith(codecs.BOM_UTF8)
        body = data[len(codecs.BOM_UTF8) :] if bom else data
        if b"\0" in body:
            raise UnreadableSource("contains NUL bytes: not Python source")
        encoding = _cookie(body) or "utf-8"
        try:
            name = codecs.lookup(encoding).name
            text = body.decode(encoding)
        except LookupError:
            raise UnreadableSource(f"unknown encoding `{encoding}`") from None
        except UnicodeDecodeError as error:
            raise UnreadableSource(f"not valid {encoding}: byte {error.start} cannot be decoded") from None
        except Exception as error:  # a codec of another kind (rot13, hex), or a broken one
            raise UnreadableSource(f"cannot be decoded as `{encoding}`: {type(error).__name__}") from None
        if not isinstance(text, str):
            raise UnreadableSource(f"`{encoding}` is not a text encoding")
        if bom and name not in ("utf-8", "utf-8-sig"):
            raise UnreadableSource(f"has a UTF-8 byte order mark but declares `{encoding}`")
        return cls(text, filename, path=path, encoding=encoding, bom=bom)

    @classmethod
    def from_text(cls, text: str, filename: str, *, path: str | None = None) -> Source:
        """Text that somebody else decoded (flake8, an editor): a cookie in it is ignored."""
        return cls(text.removeprefix("\ufeff"), filename, path=path)

    def encode(self, text: str | None = None) -> bytes:
        """Bytes of `text` (default: this text) as this file stores them; UnicodeEncodeError if it cannot."""
        data = (self.text if text is None else text).encode(self.encoding)
        return codecs.BOM_UTF8 + data if self.bom else data

    def with_text(self, text: str) -> Source:
        """The same file with other text."""
        return Source(text, self.filename, path=self.path, encoding=self.encoding, bom=self.bom)

    @cached_property
    def newline(self) -> str:
        """The line end that the file uses first, or a line feed."""
        found = _LINE_END.search(self.text)
        return found.group() if found else "\n"

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line; a line ends at CR LF, CR or LF and nowhere else."""
        return [0, *(found.end() for found in _LINE_END.finditer(self.text))]

    def row(self, offset: int) -> int:
        """Row (1-based) of an offset."""
        return bisect_right(self.line_starts, offset)

    def line(self, row: int) -> str:
        """Text of a row (1-based) without its line end."""
        start = self.line_starts[row - 1]
        end = self.line_starts[row] if row < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def region(self, span: Span) -> Region:
        """Rows and columns of a span."""
        row, end_row = self.row(span.start), self.row(span.end)
        starts = self.line_starts
        column, end_column = span.start - starts[row - 1] + 1, span.end - starts[end_row - 1] + 1
        return Region(span.start, span.end, row, column, end_row, end_column)

    def offset(self, row: int, column: int) -> int:
        """Offset of a row and column (both 1-based, code points)."""
        return self.line_starts[row - 1] + column - 1


def _cookie(body: bytes) -> str | None:
    """The encoding that a comment in the first two lines declares."""
    for line in re.split(b"\r\n|\r|\n", body[:4096], maxsplit=2)[:2]:
        found = _COOKIE.match(line)
        if found:
            return found.group(1).decode("ascii", "replace")
        if not _BLANK.match(line):
            return None
    return None


def utf8_column(line: str, column: int) -> int:
    """A column in UTF-8 bytes (1-based) from one in code points (1-based)."""
    return len(line[: column - 1].encode("utf-8", "surrogatepass")) + 1


def utf16_column(line: str, column: int) -> int:
    """A column in UTF-16 units (0-based) from one in code points (1-based)."""
    return len(line[: column - 1].encode("utf-16-le", "surrogatepass")) // 2
