"""Tests that every Python 3 answers the same way: whoever reads the file with one runs only one of the branches.

Known: `sys.version_info` whole, cut short, or its first number, compared with constants; names that say it by
convention (`six.PY2`); one bound once, to such a test. What only some Python 3 decide (`>= (3, 8)`) is left open, and
so are other ways to ask (`sys.hexversion`, `str is bytes`). Never raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

if TYPE_CHECKING:
    from tempsafe_lint.front.names import Names
    from tempsafe_lint.front.scopes import Scope

_VERSION = "sys.version_info"
_SAID = {"PY2": False, "IS_PY2": False, "PY3": True, "IS_PY3": True}
_MAJOR = 3


def by_version(names: Names, node: Any, scope: Scope) -> bool | None:
    """What a test gives under every Python 3; None if they differ, or it asks for something else."""
    if isinstance(node, cst.Comparison):
        return _compared(names, node, scope) if len(node.comparisons) == 1 else None
    if not isinstance(node, cst.Name | cst.Attribute):
        return None
    if isinstance(node, cst.Name):
        owner = names.owner(node.value, scope)
        bound = owner.bindings[node.value] if owner is not None else []
        value = bound[0].value if len(bound) == 1 else None
        if isinstance(value, cst.Comparison) and owner is not None:
            return by_version(names, value, owner)
    last = node.value if isinstance(node, cst.Name) else node.attr.value
    if not last.upper().endswith(("PY2", "PY3")):
        return None
    dotted = names.dotted(node, scope) or ""
    return _SAID.get(dotted.rpartition(".")[2]) if "." in dotted.strip(".") else None


def _compared(names: Names, node: cst.Comparison, scope: Scope) -> bool | None:
    """One comparison, with the version on its left."""
    asked, length = node.left, None
    if isinstance(asked, cst.Subscript) and len(asked.slice) == 1:
        length, asked = _length(asked.slice[0].slice), asked.value
        if length is None:
            return None
    elif isinstance(asked, cst.Attribute) and asked.attr.value == "major":
        length, asked = 0, asked.value
    if not isinstance(asked, cst.Name | cst.Attribute) or names.dotted(asked, scope) != _VERSION:
        return None
    wanted = _numbers(node.comparisons[0].comparator)
    if wanted is None or isinstance(wanted, int) != (length == 0):
        return None
    first, *rest = (wanted,) if isinstance(wanted, int) else wanted
    if length and length < len(rest) + 1:
        return None
    return _answer(node.comparisons[0].operator, first, None if isinstance(wanted, int) else rest)


def _answer(operator: Any, first: int, rest: list[int] | None) -> bool | None:
    """The first number, or from it on all of them, against what is wanted."""
    if isinstance(operator, cst.LessThan | cst.GreaterThanEqual):
        over = isinstance(operator, cst.GreaterThanEqual)
        if first != _MAJOR or not any(rest or ()):
            return over == (first <= _MAJOR)
    elif isinstance(operator, cst.GreaterThan | cst.LessThanEqual):
        if first != _MAJOR or rest is None:
            return isinstance(operator, cst.GreaterThan) == (first < _MAJOR)
    elif isinstance(operator, cst.Equal | cst.NotEqual) and (first != _MAJOR or rest is None):
        return isinstance(operator, cst.Equal) == (first == _MAJOR)
    return None


def _length(index: cst.BaseSlice) -> int | None:
    """How many numbers `[:n]` takes; 0 for `[0]`, which is a number and no tuple."""
    if isinstance(index, cst.Index):
        return 0 if isinstance(index.value, cst.Integer) and index.value.evaluated_value == 0 else None
    if not isinstance(index, cst.Slice) or index.lower is not None or index.step is not None:
        return None
    return index.upper.evaluated_value or None if isinstance(index.upper, cst.Integer) else None


def _numbers(node: Any) -> int | tuple[int, ...] | None:
    if isinstance(node, cst.Integer):
        return node.evaluated_value
    if not isinstance(node, cst.Tuple) or not node.elements:
        return None
    found = [item.value.evaluated_value for item in node.elements if isinstance(item.value, cst.Integer)]
    return tuple(found) if len(found) == len(node.elements) else None
