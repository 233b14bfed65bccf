"""Where nodes stand in the text: offsets in code points, computed late.

libcst trees have no positions; they come out when code is generated from the tree. Only the top-level statement
that holds a wanted node is generated, and only once. `_Recorder` and `_codegen` use libcst's private API; nothing else
does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from tempsafe_lint.source import Span

_BLANKS = re.compile(r"(?:[ \t\f\r\n]|\\(?:\r\n|\r|\n)){0,2000}")
# The rest of a statement's last line: a semicolon with nothing behind it, a comment.
_TRAILING = re.compile(r"(?:[ \t\f]*;)?(?:[ \t\f]*#[^\r\n]*)?(?=[ \t\f]*(?:[\r\n]|\Z))")
_DECORATED = (cst.FunctionDef, cst.ClassDef)

Table = dict[int, tuple[int, int]]


def to_line_end(text: str, end: int) -> int:
    """Where the last line of a statement ends that ends at `end`, comment included."""
    trailing = _TRAILING.match(text, end)
    return trailing.end() if trailing else end


class _Recorder(CodegenState):
    """Generates code and notes where each node begins and ends, by the node's identity.

    Each token is held against the text, as generated code is not always what was parsed: the blank in
    `except OSError :` gets lost. Blanks are skipped to find the token again; `lost` says that this did not help.
    """

    def __init__(self, indent: str, newline: str, text: str, offset: int) -> None:
        super().__init__(default_indent=indent, default_newline=newline)
        self.text = text
        self.offset = offset
        self.lost = False
        self.table: Table = {}
        self.first: Table = {}

    def add_token(self, value: str) -> None:
        if not self.text.startswith(value, self.offset) and not self.lost:
            self._find(value)
        self.offset += len(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def pop_trailing_newline(self) -> None:
        """The tokens are not kept."""

    def _find(self, value: str) -> None:
        ahead = _BLANKS.match(self.text, self.offset)
        stop = ahead.end() if ahead else self.offset
        for offset in range(self.offset + 1, stop + 1):
            if self.text.startswith(value, offset):
                self.offset = offset
                return
        # A line end that only the tree has: at the end of a text that does not end in one.
        self.lost = stop < len(self.text)

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        start = self.offset
        yield
        table = self.table
        if start_node is not None:
            start = table[id(start_node)][0]
        table[id(node)] = (start, self.offset if end_node is None else table[id(end_node)][1])

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.first[id(node)] = (self.offset, self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        key = id(node)
        begun = self.first.pop(key)[0]
        if key not in self.table:
            self.table[key] = (begun, self.offset)


class Spans:
    """Spans of nodes of one module; `starts` are the offsets of its top-level statements, from the outline."""

    def __init__(self, module: cst.Module, text: str, starts: list[int]) -> None:
        self._module = module
        self._text = text
        self._starts = starts
        self._tables: dict[int, Table] = {}

    def expression(self, node: cst.CSTNode, top: int) -> Span:
        """The node without surrounding parentheses and whitespace; `top` is the index of its top-level statement."""
        if node is self._module:
            return Span(0, len(self._text))
        return Span(*self._table(top)[id(node)])

    def statement(self, node: cst.CSTNode, top: int) -> Span:
        """The whole statement: from its first decorator or word to the end of its last line, comment included."""
        table = self._table(top)
        start, end = table[id(node)]
        if isinstance(node, _DECORATED) and node.decorators:
            start = table[id(node.decorators[0])][0]
        return Span(start, to_line_end(self._text, end))

    def _table(self, top: int) -> Table:
        found = self._tables.get(top)
        if found is None:
            found = self._tables[top] = self._one(top) or self._whole()
        return found

    def _one(self, top: int) -> Table | None:
        """Generate one top-level statement; None if its place is not certain."""
        statement = self._module.body[top]
        if len(self._starts) != len(self._module.body):
            return None
        leading = CodegenState(self._module.default_indent, self._module.default_newline)
        for line in statement.leading_lines:
            line._codegen(leading)
        recorder = self._generate(statement, self._starts[top] - len("".join(leading.tokens)))
        return None if recorder.lost else recorder.table

    def _whole(self) -> Table:
        return self._generate(self._module, 0).table

    def _generate(self, node: cst.CSTNode, offset: int) -> _Recorder:
        module = self._module
        recorder = _Recorder(module.default_indent, module.default_newline, self._text, offset)
        codegen: Any = node._codegen
        codegen(recorder)
        return recorder
