"""A fixed path of something that the function makes and removes becomes a fresh one.

Only where the one text is evaluated as often as the thing is removed, and nothing but a failure leads past the removal:
a fresh path goes with the process, and what was meant to stay must not. Offsets are code points.
"""

from __future__ import annotations

import ast
import re
import warnings
from itertools import pairwise
from typing import TYPE_CHECKING

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.fixing.meeting import named_again
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.source import Source

_PLAIN = re.compile(r"(?P<quote>\"|')(?P<directory>[\w/]+)/(?P<name>[\w@+~-][\w.@+~-]*)(?P=quote)")
_REPEATED = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
_LEAVING = (ast.Return, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: What may stand around the removal alone: all of it is done when nothing fails.
_STRAIGHT = (ast.Expr, ast.Call, ast.Attribute, ast.Try, ast.With, ast.AsyncWith)


def make_fresh(source: Source, place: Span, removed: Span, directory: str, call: str) -> list[Edit]:
    """The edit that puts `call` (a function as it is spelled here) in place of the text at `place`.

    `removed` is the call that removes the thing, `directory` the shared directory as it is written.
    """
    row = source.row(place.start)
    found = _PLAIN.fullmatch(source.text[place.start : place.end])
    if found is None or found["directory"] != directory:
        raise Withheld(f"the path is not one plain text (line {row})")
    if place.start and layout(source.text).string_at(place.start - 1) is not None:
        raise Withheld(f"the path is put together inside a text (line {row})")
    again = named_again(source, place)
    if again is not None:
        raise Withheld(f"the same path is named in another place, which would go on without this one (line {again})")
    _require_together(source, place, removed)
    stem, _, ending = found["name"].rpartition(".")
    quote = found["quote"]
    prefix = f"prefix={quote}{stem or found['name']}-{quote}"
    return [
        Edit(place, f"{call}({prefix}, suffix={quote}.{ending}{quote})" if stem and ending else f"{call}({prefix})")
    ]


def _require_together(source: Source, place: Span, removed: Span) -> None:
    """Refuses a text and a removal that are not in one function, or not done equally often."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the program's own texts are warned about is no word of ours
            tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError):
        raise Withheld("the file cannot be read with this Python") from None
    path, removal = (_around(tree, source, span) for span in (place, removed))
    shared = [one for one, other in zip(path, removal, strict=False) if one is other]
    functions = [depth for depth, node in enumerate(path) if isinstance(node, _FUNCTIONS)]
    row = source.row(removed.start)
    if not functions or len(shared) <= functions[-1] or path[functions[-1] + 1] not in _body(path[functions[-1]]):
        raise Withheld(f"the path is not written in the function that removes it (line {row})")
    if any(isinstance(node, _REPEATED) for node in path[len(shared) :]):
        raise Withheld(f"the path is written in a loop, and removed behind it (line {row})")
    alone = removal[len(shared) :]
    always = any(isinstance(node, ast.Try) and after in node.finalbody for node, after in pairwise(alone))
    leaves = (node for node in ast.walk(path[functions[-1]]) if isinstance(node, _LEAVING))
    between = any(source.row(place.start) <= node.lineno <= row for node in leaves)
    if not all(isinstance(node, _STRAIGHT) for node in alone) or (between and not always):
        raise Withheld(f"what is made there is removed on some ways only (line {row})")


def _body(node: ast.AST) -> list[ast.stmt]:
    return node.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []


def _around(tree: ast.AST, source: Source, span: Span) -> list[ast.AST]:
    """The nodes that hold `span`, from the outermost to the innermost; `ast` counts columns in bytes of UTF-8."""
    start, end = _position(source, span.start), _position(source, span.end)
    around = [tree]
    while True:
        for node in _below(around[-1]):
            if (node.lineno, node.col_offset) <= start and end <= (node.end_lineno or 0, node.end_col_offset or 0):
                around.append(node)
                break
        else:
            return around


def _below(node: ast.AST) -> Iterator[ast.stmt | ast.expr | ast.excepthandler]:
    """The nearest nodes below one that have a place."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.expr | ast.excepthandler):
            yield child
        else:
            yield from _below(child)


def _position(source: Source, offset: int) -> tuple[int, int]:
    row = source.row(offset)
    start = source.line_starts[row - 1]
    return row, len(source.text[start:offset].encode("utf-8"))
