"""A path in a shared directory becomes one that only this user can reach: the same name, in a place that is verified.

Where the first name below the directory can be read off the expression, it is moved into the call: from the text itself
or, for a join, from the argument behind the directory. All else is refused. Offsets are code points.
"""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from tempsafe_lint.source import Source

_PLAIN = re.compile(r"[\w.@+~-]*[\w@+~-][\w.@+~-]*")
_LITERAL = re.compile(r"(?P<prefix>[fF]?)(?P<quote>\"\"\"|'''|\"|')(?P<body>.*)(?P=quote)", re.DOTALL)
#: A formatted text that begins with a call that asks for the directory.
_ASKING = re.compile(r"(?P<call>\{[^\W\d][\w.]*\(\)\})/")
#: Folders that hold a project's code without being its name.
_ROOTS = frozenset({"src", "lib", "python", "source"})


def meet_user(source: Source, place: Span, directory: str, call: str, lifetime: str) -> list[Edit]:
    """Edits that put `call` (a function as it is spelled here) in place of `directory` in the expression at `place`.

    `directory` is the shared directory as it is written; empty where the expression asks the system for it.
    """
    try:
        edits = _edits(source, place, directory, call, lifetime)
    except Withheld as reason:
        raise Withheld(f"{reason} (line {source.row(place.start)})") from None
    again = named_again(source, place)
    if again is not None:
        raise Withheld(f"the same path is named in another place, which would go on without this one (line {again})")
    return edits


def _edits(source: Source, place: Span, directory: str, call: str, lifetime: str) -> list[Edit]:
    text = source.text[place.start : place.end]
    if place.start and layout(source.text).string_at(place.start - 1) is not None:
        raise Withheld("the path is put together inside a text")
    more = "" if lifetime == "boot" else f', lifetime="{lifetime}"'
    arguments = f', app="{_app(source)}"{more})'
    literal = _LITERAL.fullmatch(text)
    asking = _ASKING.match(literal["body"]) if literal and literal["prefix"] and not directory else None
    if literal and (directory or asking):
        directory = asking["call"] if asking else directory
        return [Edit(place, _within(literal, directory, call, arguments))]
    return [
        Edit(Span(place.start + edit.span.start, place.start + edit.span.end), edit.text)
        for edit in _joined(text, directory, call, arguments)
    ]


def named_again(source: Source, place: Span) -> int | None:
    """The row where the file names the path once more, in code or in a text; None if it does not.

    Comments and strings that stand alone (docstrings) do not count. The same path in other words or in another file is
    not seen: that is one reason why the fix is unsafe.
    """
    lay, text = layout(source.text), source.text[place.start : place.end]
    literal = _LITERAL.fullmatch(text)
    words = literal["body"] if literal else text
    for found in re.finditer(rf"(?<![\w.}}/]){re.escape(words)}(?![\w@+~-]|\.\w)", source.text):
        at, around = found.start(), lay.string_at(found.start())
        alone = around is not None and lay.lines[lay.index(around.start)].first == around.start
        said = any(comment.start <= at < comment.end for comment in lay.comments)
        if not (alone or said or place.start <= at < place.end):
            return source.row(at)
    return None


def _app(source: Source) -> str:
    """A name for the program: its top package, as the file's place tells it."""
    path = PurePosixPath(source.path)
    folders = [part for part in path.parts[:-1] if part.isidentifier() and part not in _ROOTS]
    name = folders[0] if folders else path.stem
    found = re.sub(r"[^\w-]+", "-", name, flags=re.ASCII).strip("-_")
    if not found:
        raise Withheld("there is no name for the program")
    return found


def _within(literal: re.Match[str], directory: str, call: str, arguments: str) -> str:
    """A text that begins with the directory."""
    prefix, quote, body = literal["prefix"], literal["quote"], literal["body"]
    if len(quote) == 3 or "\\" in body or not body.startswith(f"{directory}/") or quote in body:
        raise Withheld("the path is not one plain text")
    name, slash, below = body[len(directory) + 1 :].partition("/")
    if directory[0] == "{" and not set(name) & set("{}"):
        prefix = ""  # only the directory was filled in
    if prefix and (slash or "{" not in name):
        raise Withheld("only a part of the path is one name")
    if not (prefix or _PLAIN.fullmatch(name)):
        raise Withheld("the name below the directory is no plain one")
    made = f"{call}({prefix}{quote}{name}{quote}{arguments}"
    return f"{made} + {quote}/{below}{quote}" if slash else made


def _joined(text: str, directory: str, call: str, arguments: str) -> list[Edit]:
    """A call whose first two arguments are the directory and a name, or such a pair around a `/`."""
    try:
        node = ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        raise Withheld("the expression cannot be read on its own") from None
    place = _Places(text)
    if directory and (formatted := _formatted(node)) is not None:
        return [_within_formatted(text, place.of(formatted), directory, call, arguments)]
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.left, ast.BinOp):
        node = node.left
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        root, name = node.left, node.right
        if isinstance(root, ast.Call) and len(root.args) == 1 and not root.keywords:
            root = root.args[0]
        name_place, root_place = place.of(name), place.of(root)
        _require(root, directory, text[name_place.start : name_place.end])
        gone = Span(place.of(node.left).end, name_place.end)
        if "#" in text[gone.start : gone.end] or text[gone.start : name_place.start].strip(" \t\r\n") != "/":
            raise Withheld("the pieces of the path cannot be told apart")
        made = f"{call}({text[name_place.start : name_place.end]}{arguments}"
        return [Edit(root_place, made), Edit(gone, "")]
    if not isinstance(node, ast.Call) or len(node.args) < 2 or node.keywords:
        raise Withheld("the directory is named somewhere else")
    first, second = place.of(node.args[0]), place.of(node.args[1])
    _require(node.args[0], directory, text[second.start : second.end])
    if "#" in text[first.start : second.end]:
        raise Withheld("a comment stands between the pieces of the path")
    return [Edit(Span(first.start, second.end), f"{call}({text[second.start : second.end]}{arguments}")]


def _formatted(node: ast.expr) -> ast.expr | None:
    """The text that a `.format()` or a `%` is applied to."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        node = node.func.value
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        node = node.left
    else:
        return None
    return node if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _within_formatted(text: str, place: Span, directory: str, call: str, arguments: str) -> Edit:
    """A text to be filled in that begins with the directory, and has one name below it."""
    literal = _LITERAL.fullmatch(text, place.start, place.end)
    if not literal or literal["prefix"] or len(literal["quote"]) == 3 or "\\" in literal["body"]:
        raise Withheld("the path is not one plain text")
    head, name = literal["body"][: len(directory) + 1], literal["body"][len(directory) + 1 :]
    if head != f"{directory}/" or "/" in name or not name or place.start:
        raise Withheld("only a part of the path is one name")
    quote = literal["quote"]
    return Edit(Span(0, len(text)), f"{call}({quote}{name}{quote}{text[place.end :]}{arguments}")


def _require(root: ast.expr, directory: str, name: str) -> None:
    """Refuses a pair that is not the directory (a call without arguments, or its text) and a plain name."""
    asked = isinstance(root, ast.Call) and not root.args and not root.keywords
    written = isinstance(root, ast.Constant) and isinstance(root.value, str) and root.value.rstrip("/") == directory
    if not (written if directory else asked):
        raise Withheld("the directory is named somewhere else")
    node = ast.parse(f"({name}\n)", mode="eval").body
    filled = _formatted(node)
    if filled is not None:
        name = name[: _Places(name).of(filled).end]
    literal = _LITERAL.fullmatch(name)
    body = literal["body"] if literal else ""
    free = literal is not None and (literal["prefix"] or filled is not None)
    if not literal or "\\" in body or "/" in body or not (free or _PLAIN.fullmatch(body)):
        raise Withheld("the name below the directory is no plain text")


class _Places:
    """Where nodes of an expression stand in its text; `ast` counts rows from 1 and columns in bytes of UTF-8."""

    def __init__(self, text: str) -> None:
        self._rows = f"({text}".splitlines(keepends=True)
        self._starts = [0]
        for row in self._rows:
            self._starts.append(self._starts[-1] + len(row))

    def of(self, node: ast.expr) -> Span:
        """The span of a node, in code points of the text."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return Span(self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset))

    def _at(self, row: int, column: int) -> int:
        line = self._rows[row - 1].encode("utf-8")
        return self._starts[row - 1] + len(line[:column].decode("utf-8")) - 1
