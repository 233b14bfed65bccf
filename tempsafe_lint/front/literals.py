"""String literals in a row as nodes, f-strings too where their fields are plain names: libcst takes long for those."""

from __future__ import annotations

import re
from typing import Any

from tempsafe_lint.front import nodes
from tempsafe_lint.front.strings import each_literal, is_plain

_PLAIN = re.compile(r"[rRbBuU]{0,2}['\"]")
_FORMATTED = re.compile(r"[fF](?P<quote>\"\"\"|'''|\"|')")
_PIECE = re.compile(
    r"""
    (?P<text>(?:[^{}]+|\{\{|\}\})+)
  | \{(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:![rsa])?(?::(?P<spec>[^{}"'\\\n]*))?\}
    """,
    re.VERBOSE,
)
#: A named character has braces of its own; what a backslash in front of one means is for libcst to say.
_ESCAPED_BRACE = re.compile(r"\\(?:N?\{|\})")


def in_a_row(written: str) -> list[Any] | None:
    """A node for each literal of a text that holds nothing else; None for what must be left to libcst."""
    if is_plain(written):
        return [nodes.string(written)]
    found: list[Any] = []
    for literal in each_literal(written):
        made = nodes.string(literal) if _PLAIN.match(literal) else _formatted(literal)
        if made is None:
            return None
        found.append(made)
    return found or None


def _formatted(literal: str) -> Any:
    """An f-string; None if there is more in it than text and plain names."""
    opened = _FORMATTED.match(literal)
    if opened is None or _ESCAPED_BRACE.search(literal):
        return None
    at, stop = opened.end(), len(literal) - len(opened["quote"])
    parts: list[Any] = []
    while at < stop:
        piece = _PIECE.match(literal, at, stop)
        if piece is None:
            return None
        parts.append(nodes.text(piece["text"]) if piece["text"] else _field(piece["name"], piece["spec"]))
        at = piece.end()
    return nodes.formatted(opened.group(), parts, opened["quote"])


def _field(name: str, spec: str | None) -> Any:
    return nodes.field(nodes.dotted(name), None if spec is None else [nodes.text(spec)] if spec else [])
