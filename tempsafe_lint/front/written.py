"""Where nodes stand that were made of what Python's own parser said: offsets in code points, computed late.

The same as what libcst says (`spans`), or nothing: where the parser counts parentheses in, or gives no place at all,
libcst must be asked.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import libcst as cst

from tempsafe_lint.front import nodes
from tempsafe_lint.front.spans import to_line_end
from tempsafe_lint.source import Span

#: Python's parser counts the parentheses around these in, unless they have none.
_ENCLOSED = (cst.Tuple, cst.GeneratorExp)
_BLANKS = " \t\f"


class Written:
    """The text that a tree was made of. Positions of the parser are rows (1-based) and bytes within them."""

    def __init__(self, text: str) -> None:
        self._text = text
        #: Where each row begins, but for the line ends before it.
        self._starts = [0, *accumulate(map(len, text.split("\n")))]
        self._octets: dict[int, bytes] | None = None if text.isascii() else {}

    def at(self, row: int, column: int) -> int:
        """The offset of a place."""
        start = self._starts[row - 1] + row - 1
        if self._octets is None:
            return start + column
        line = self._octets.get(row)
        if line is None:
            line = self._octets[row] = self._text[start : self._starts[row] + row].encode("utf-8", "surrogatepass")
        return start + len(line[:column].decode("utf-8", "surrogatepass"))

    def text_of(self, node: Any) -> str:
        """The text of a node of the parser."""
        return self._text[self.at(node.lineno, node.col_offset) : self.at(node.end_lineno, node.end_col_offset)]

    def span(self, node: Any, whole: bool) -> Span | None:
        """Where a node stands; `whole` means the whole statement, see `Spans.statement`. None: libcst must say it."""
        first, last = (node.body[0], node.body[-1]) if isinstance(node, cst.SimpleStatementLine) else (node, node)
        begun, ended = nodes.origin(first), nodes.origin(last)
        if not hasattr(begun, "lineno") or not hasattr(ended, "lineno"):  # of an import's names: since Python 3.10
            return None
        start, end = self.at(begun.lineno, begun.col_offset), self.at(ended.end_lineno, ended.end_col_offset)
        decorators = whole and getattr(begun, "decorator_list", None)
        if decorators:
            behind = self.at(decorators[0].lineno, decorators[0].col_offset)
            start = self._text.rfind("@", 0, behind)
            if self._text[start + 1 : behind].strip(_BLANKS):  # parentheses, or more rows
                return None
        # A semicolon behind the last statement in a block is part of that block only for the parser, a form feed in
        # front of a statement only for libcst.
        if self._text[end - 1] == ";" or self._text[start - 1 : start] == "\f":
            return None
        if isinstance(node, _ENCLOSED) and self._text[start] == "(":
            return None
        return Span(start, to_line_end(self._text, end) if whole else end)
