"""Small knowledge of libcst's trees that several modules need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, cast

import libcst as cst

_COMPS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_LAZY: tuple[type, ...] = tuple(t for t in (getattr(cst, "LazyImport", None),) if t)
_LAZY_FROM: tuple[type, ...] = tuple(t for t in (getattr(cst, "LazyImportFrom", None),) if t)
_STARRED_COMP: tuple[type, ...] = tuple(t for t in (getattr(cst, "StarredDictComp", None),) if t)
COMPREHENSIONS: tuple[type, ...] = _COMPS + _STARRED_COMP
#: Many nodes are asked for their kind: by their very type, as `isinstance` is slow for libcst's abstract classes.
LISTED: frozenset[type] = frozenset({cst.Tuple, cst.List})
IMPORTS: tuple[type, ...] = (cst.Import, *_LAZY)
IMPORTS_FROM: tuple[type, ...] = (cst.ImportFrom, *_LAZY_FROM)

# The parts of an expression that are expressions or hold some; types that are missing have none.
_FIELDS: dict[type, tuple[str, ...]] = {
    cst.Attribute: ("value",),
    cst.Call: ("func", "args"),
    cst.Arg: ("value",),
    cst.Subscript: ("value", "slice"),
    cst.SubscriptElement: ("slice",),
    cst.Index: ("value",),
    cst.Slice: ("lower", "upper", "step"),
    cst.BinaryOperation: ("left", "right"),
    cst.BooleanOperation: ("left", "right"),
    cst.UnaryOperation: ("expression",),
    cst.Comparison: ("left", "comparisons"),
    cst.ComparisonTarget: ("comparator",),
    cst.IfExp: ("test", "body", "orelse"),
    cst.Tuple: ("elements",),
    cst.List: ("elements",),
    cst.Set: ("elements",),
    cst.Dict: ("elements",),
    cst.Element: ("value",),
    cst.StarredElement: ("value",),
    cst.DictElement: ("key", "value"),
    cst.StarredDictElement: ("value",),
    cst.FormattedString: ("parts",),
    cst.FormattedStringExpression: ("expression", "format_spec"),
    cst.TemplatedString: ("parts",),
    cst.TemplatedStringExpression: ("expression", "format_spec"),
    cst.ConcatenatedString: ("left", "right"),
    cst.Await: ("expression",),
    cst.From: ("item",),
    cst.MatchValue: ("value",),
    cst.MatchList: ("patterns",),
    cst.MatchTuple: ("patterns",),
    cst.MatchSequenceElement: ("value",),
    cst.MatchMappingElement: ("key", "pattern"),
    cst.MatchClass: ("cls", "patterns", "kwds"),
    cst.MatchKeywordElement: ("pattern",),
    cst.MatchOr: ("patterns",),
    cst.MatchOrElement: ("pattern",),
}


def _getter(fields: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """The values of the fields as a tuple, also of a single one."""
    get = attrgetter(*fields)
    return cast("Callable[[Any], tuple[Any, ...]]", get if len(fields) > 1 else lambda node: (get(node),))


PARTS = {kind: _getter(fields) for kind, fields in _FIELDS.items()}


def names_of(nodes: Iterable[cst.CSTNode]) -> Iterator[str]:
    """Names that are read in expressions in which none is bound."""
    pending: list[Any] = list(nodes)
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is cst.Name:
            yield node.value
        elif kind is tuple or kind is list:
            pending.extend(node)
        else:
            pending.extend(PARTS[kind](node) if kind in PARTS else ())


def all_parameters(params: cst.Parameters) -> Iterable[cst.Param]:
    """All parameters in the order they are written."""
    yield from params.posonly_params
    yield from params.params
    if type(params.star_arg) is cst.Param:
        yield params.star_arg
    yield from params.kwonly_params
    if params.star_kwarg is not None:
        yield params.star_kwarg


def chain(node: cst.CSTNode) -> tuple[cst.Name, list[str]] | None:
    """`a.b.c` as its first name and the attributes after it; None for anything else."""
    attributes: list[str] = []
    while type(node) is cst.Attribute:
        attributes.append(node.attr.value)
        node = node.value
    if type(node) is not cst.Name:
        return None
    attributes.reverse()
    return node, attributes


def text_of(node: cst.CSTNode) -> str:
    """A dotted name as text; "" for anything else."""
    found = chain(node)
    return ".".join([found[0].value, *found[1]]) if found else ""
