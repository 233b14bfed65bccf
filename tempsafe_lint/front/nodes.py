"""Nodes of libcst that have only what the survey and the lowering read: made without libcst's checks, and held against
those that libcst makes of the same text.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, cast

import libcst as cst

from tempsafe_lint.front.tree import PARTS

_new = object.__new__
_Setter = Callable[[Any, Any], None]
#: The fields that a node has here.
_FIELDS: dict[type, tuple[str, ...]] = {}
#: Of a kind, the field that holds the node of Python's parser which one was made of, and what sets it. libcst has there
#: what does not belong to a node's own text: parentheses around it, the comma or semicolon behind it, rows above it.
_KEPT_IN: dict[type, str] = {}
KEEP: dict[type, _Setter] = {}


class Unlike(Exception):
    """libcst sees another tree in the text."""


def maker(kind: type, *names: str) -> Callable[..., Any]:
    """What makes a node of the values of its fields."""
    _FIELDS[kind] = names
    _keeps(kind)
    put = [_setter(kind, name) for name in names]
    if len(names) == 1:
        return _one(kind, put[0])
    if len(names) == 2:
        return _two(kind, put[0], put[1])
    if len(names) == 3:
        return _three(kind, put[0], put[1], put[2])

    def make(*values: Any) -> Any:
        node: Any = _new(kind)
        for one, value in zip(put, values, strict=True):
            one(node, value)
        return node

    return make


def _keeps(kind: type) -> None:
    for field in ("leading_lines", "semicolon", "lpar", "comma"):
        if hasattr(kind, field):
            _KEPT_IN[kind], KEEP[kind] = field, _setter(kind, field)
            break


def origin(node: Any) -> Any:
    """The node of Python's parser that one was made of (for a part of a larger one: None)."""
    kept = getattr(node, _KEPT_IN.get(type(node), ""), None)
    return kept if isinstance(kept, ast.AST) else None


def _setter(kind: type, name: str) -> _Setter:
    put = getattr(kind.__dict__.get(name), "__set__", None)
    if put is not None:
        return cast("_Setter", put)
    return lambda node, value: object.__setattr__(node, name, value)


def _one(kind: type, put: _Setter) -> Callable[[Any], Any]:
    def make(value: Any) -> Any:
        node: Any = _new(kind)
        put(node, value)
        return node

    return make


def _two(kind: type, put: _Setter, put_other: _Setter) -> Callable[[Any, Any], Any]:
    def make(value: Any, other: Any) -> Any:
        node: Any = _new(kind)
        put(node, value)
        put_other(node, other)
        return node

    return make


def _three(kind: type, first: _Setter, second: _Setter, third: _Setter) -> Callable[[Any, Any, Any], Any]:
    def make(value: Any, other: Any, another: Any) -> Any:
        node: Any = _new(kind)
        first(node, value)
        second(node, other)
        third(node, another)
        return node

    return make


name = maker(cst.Name, "value")
string = maker(cst.SimpleString, "value")
adjacent = maker(cst.ConcatenatedString, "left", "right")
attribute = maker(cst.Attribute, "value", "attr")
call = maker(cst.Call, "func", "args")
arg = maker(cst.Arg, "value", "keyword", "star")
subscript = maker(cst.Subscript, "value", "slice")
subscript_element = maker(cst.SubscriptElement, "slice")
index = maker(cst.Index, "value")
slice_ = maker(cst.Slice, "lower", "upper", "step")
element = maker(cst.Element, "value")
starred = maker(cst.StarredElement, "value")
pair = maker(cst.DictElement, "key", "value")
starred_pair = maker(cst.StarredDictElement, "value")
tuple_ = maker(cst.Tuple, "elements")
dict_ = maker(cst.Dict, "elements")
binary = maker(cst.BinaryOperation, "left", "operator", "right")
boolean = maker(cst.BooleanOperation, "left", "operator", "right")
unary = maker(cst.UnaryOperation, "operator", "expression")
comparison = maker(cst.Comparison, "left", "comparisons")
compared = maker(cst.ComparisonTarget, "operator", "comparator")
if_exp = maker(cst.IfExp, "test", "body", "orelse")
named = maker(cst.NamedExpr, "target", "value")
await_ = maker(cst.Await, "expression")
yield_ = maker(cst.Yield, "value")
from_ = maker(cst.From, "item")
lambda_ = maker(cst.Lambda, "params", "body")
comp_for = maker(cst.CompFor, "target", "iter", "ifs", "inner_for_in", "asynchronous")
comp_if = maker(cst.CompIf, "test")
dict_comp = maker(cst.DictComp, "key", "value", "for_in")
parameters = maker(cst.Parameters, "posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg")
parameter = maker(cst.Param, "name", "annotation", "default")
module = maker(cst.Module, "body")
line = maker(cst.SimpleStatementLine, "body", "leading_lines")
inline = maker(cst.SimpleStatementSuite, "body")
block = maker(cst.IndentedBlock, "body")
expr = maker(cst.Expr, "value")
assign = maker(cst.Assign, "targets", "value")
target = maker(cst.AssignTarget, "target")
annotated = maker(cst.AnnAssign, "target", "annotation", "value")
augmented = maker(cst.AugAssign, "target", "operator", "value")
delete = maker(cst.Del, "target")
return_ = maker(cst.Return, "value")
raise_ = maker(cst.Raise, "exc", "cause")
assert_ = maker(cst.Assert, "test", "msg")
import_ = maker(cst.Import, "names")
import_from = maker(cst.ImportFrom, "module", "names", "relative")
import_alias = maker(cst.ImportAlias, "name", "asname")
as_name = maker(cst.AsName, "name")
name_item = maker(cst.NameItem, "name")
global_ = maker(cst.Global, "names")
nonlocal_ = maker(cst.Nonlocal, "names")
if_ = maker(cst.If, "test", "body", "orelse")
else_ = maker(cst.Else, "body")
while_ = maker(cst.While, "test", "body", "orelse")
for_ = maker(cst.For, "target", "iter", "body", "orelse", "asynchronous")
with_ = maker(cst.With, "items", "body", "asynchronous")
with_item = maker(cst.WithItem, "item", "asname")
try_ = maker(cst.Try, "body", "handlers", "orelse", "finalbody")
try_star = maker(cst.TryStar, "body", "handlers", "orelse", "finalbody")
handler = maker(cst.ExceptHandler, "type", "name", "body")
star_handler = maker(cst.ExceptStarHandler, "type", "name", "body")
finally_ = maker(cst.Finally, "body")
function = maker(cst.FunctionDef, "name", "params", "body", "decorators", "returns", "asynchronous", "type_parameters")
class_ = maker(cst.ClassDef, "name", "bases", "keywords", "body", "decorators", "type_parameters")
annotation = maker(cst.Annotation, "annotation", "whitespace_after_indicator")
decorator = maker(cst.Decorator, "decorator", "whitespace_after_at")

#: The same with what they were made of: most nodes are one of the two.
kept_name = _two(cst.Name, _setter(cst.Name, "value"), KEEP[cst.Name])
kept_attribute = _three(
    cst.Attribute, _setter(cst.Attribute, "value"), _setter(cst.Attribute, "attr"), KEEP[cst.Attribute]
)

ASYNC = maker(cst.Asynchronous)()
STAR = maker(cst.ImportStar)()
DOT = maker(cst.Dot)()
BARE_STAR = maker(cst.ParamStar)()
#: The body of every function that is left out: it was not read.
STUB = inline([])
_NO_PARAMETERS = parameters([], [], None, [], None)
SEQUENCES = {ast.List: maker(cst.List, "elements"), ast.Set: maker(cst.Set, "elements"), ast.Tuple: tuple_}
COMPREHENSIONS = {
    ast.ListComp: maker(cst.ListComp, "elt", "for_in"),
    ast.SetComp: maker(cst.SetComp, "elt", "for_in"),
    ast.GeneratorExp: maker(cst.GeneratorExp, "elt", "for_in"),
}
NUMBERS = {int: maker(cst.Integer, "value"), float: maker(cst.Float, "value"), complex: maker(cst.Imaginary, "value")}
ELLIPSIS = maker(cst.Ellipsis)
formatted = maker(cst.FormattedString, "start", "parts", "end")
text = maker(cst.FormattedStringText, "value")
field = maker(cst.FormattedStringExpression, "expression", "format_spec")
BARE = {ast.Pass: maker(cst.Pass), ast.Break: maker(cst.Break), ast.Continue: maker(cst.Continue)}

_NAMED_ALIKE = ("Add", "BitAnd", "BitOr", "BitXor", "And", "Or", "Not", "Is", "IsNot", "In", "NotIn")
_NAMED_OTHERWISE = {
    ast.Sub: cst.Subtract,
    ast.Mult: cst.Multiply,
    ast.MatMult: cst.MatrixMultiply,
    ast.Div: cst.Divide,
    ast.FloorDiv: cst.FloorDivide,
    ast.Mod: cst.Modulo,
    ast.Pow: cst.Power,
    ast.LShift: cst.LeftShift,
    ast.RShift: cst.RightShift,
    ast.USub: cst.Minus,
    ast.UAdd: cst.Plus,
    ast.Invert: cst.BitInvert,
    ast.Eq: cst.Equal,
    ast.NotEq: cst.NotEqual,
    ast.Lt: cst.LessThan,
    ast.LtE: cst.LessThanEqual,
    ast.Gt: cst.GreaterThan,
    ast.GtE: cst.GreaterThanEqual,
}
#: One node of each operator stands for all of its kind.
OPERATORS: dict[type, Any] = {getattr(ast, word): maker(getattr(cst, word))() for word in _NAMED_ALIKE}
OPERATORS.update({ours: maker(theirs)() for ours, theirs in _NAMED_OTHERWISE.items()})
AUGMENTED: dict[type, Any] = {
    ours: maker(getattr(cst, f"{type(node).__name__}Assign"))()
    for ours, node in OPERATORS.items()
    if hasattr(cst, f"{type(node).__name__}Assign")
}


def dotted(written: str) -> Any:
    """A name, or a chain of attributes of one."""
    first, *rest = written.split(".")
    node = name(first)
    for word in rest:
        node = attribute(node, name(word))
    return node


def stub(name_of: str, is_async: bool) -> Any:
    """A function that is left out."""
    return function(name(name_of), _NO_PARAMETERS, STUB, (), None, ASYNC if is_async else None, None)


#: The field that holds how the first one is written; of a line, whether it is plain.
_WRITTEN: dict[type, str] = {
    cst.Annotation: "whitespace_after_indicator",
    cst.Decorator: "whitespace_after_at",
    cst.SimpleStatementLine: "leading_lines",
}


def is_plain(one: cst.SimpleStatementLine) -> bool:
    """Whether it is certain that no expression of a line binds a name or is a scope of its own."""
    return one.leading_lines is True  # type: ignore[comparison-overlap]


def code_of(holder: cst.Annotation | cst.Decorator, node: cst.CSTNode) -> str:
    """The text of a node of an annotation or a decorator."""
    written: object = getattr(holder, _WRITTEN[type(holder)])
    return written if isinstance(written, str) else cst.Module([]).code_for_node(node)


def paired(ours: Any, theirs: Any) -> Iterator[tuple[Any, Any]]:
    """Each node of a statement, with the one that libcst makes of it. Raises Unlike."""
    pending = [(ours, theirs)]
    while pending:
        ours, theirs = pending.pop()
        if ours is theirs or ours is STUB:
            continue
        kind = type(ours)
        if kind is not type(theirs):
            raise Unlike
        yield ours, theirs
        if kind in _FIELDS:
            for field in _FIELDS[kind]:
                if field != _WRITTEN.get(kind):
                    pending.extend(_alike(getattr(ours, field), getattr(theirs, field)))
        elif kind in PARTS:  # libcst has read it
            pending.extend(_alike(PARTS[kind](ours), PARTS[kind](theirs)))


def _alike(ours: Any, theirs: Any) -> Iterator[tuple[Any, Any]]:
    """Nodes of a field, in pairs."""
    if isinstance(ours, list | tuple):
        if not isinstance(theirs, list | tuple) or len(ours) != len(theirs):
            raise Unlike
        for mine, other in zip(ours, theirs, strict=True):
            yield from _alike(mine, other)
    elif isinstance(ours, cst.CSTNode):
        yield ours, theirs
    elif ours is None:
        if isinstance(theirs, cst.CSTNode):
            raise Unlike
    elif ours != theirs:
        raise Unlike
