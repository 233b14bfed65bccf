"""Where nodes stand by what Python's parser said is where libcst says that they stand."""

from __future__ import annotations

from collections import Counter

import hypothesmith
import libcst as cst
import pytest
from hypothesis import HealthCheck, given, settings

from tempsafe_lint.front.light import Unfit, parse_light
from tempsafe_lint.front.nodes import Unlike, paired
from tempsafe_lint.front.outline import outline
from tempsafe_lint.front.spans import Spans
from tests.front.samples import sources
from tests.front.test_light import SHAPES

_STATEMENTS = (cst.BaseSmallStatement, cst.BaseCompoundStatement, cst.SimpleStatementLine, cst.ExceptHandler)
_ENCLOSED = (cst.Tuple, cst.GeneratorExp)
QUICK = settings(
    max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def _compare(text: str) -> Counter[tuple[type, bool]]:
    """How many nodes of each kind were given a place (statements: also as a whole), which is that of libcst's."""
    told: Counter[tuple[type, bool]] = Counter()
    try:
        ours, written = parse_light(text, {})
        theirs = cst.parse_module(text)
    except (Unfit, cst.ParserSyntaxError):
        return told
    spans = Spans(theirs, text, outline(text).starts)
    for top, (one, other) in enumerate(zip(ours.body, theirs.body, strict=True)):
        try:
            pairs = list(paired(one, other))
        except Unlike:
            continue
        for mine, real in pairs:
            for whole in (False, True) if isinstance(real, _STATEMENTS) else (False,):
                found = written.span(mine, whole)
                if found is not None:
                    told[type(real), whole] += 1
                    expected = spans.statement(real, top) if whole else spans.expression(real, top)
                    assert found == expected, (text[found.start : found.end], text[expected.start : expected.end])
    return told


def test_every_node_of_a_sample_of_the_standard_library() -> None:
    told: Counter[tuple[type, bool]] = Counter()
    for source in sources(40, seed=8):
        if len(source.text) < 40_000:
            told += _compare(source.text)
    assert sum(told.values()) > 20_000
    for kind in (cst.Call, cst.Name, cst.Attribute, cst.SimpleString, cst.BinaryOperation, cst.FormattedString):
        assert told[kind, False] > 5, kind
    for kind in (cst.FunctionDef, cst.ClassDef, cst.If, cst.With, cst.Try, cst.ExceptHandler, cst.SimpleStatementLine):
        assert told[kind, True] > 20, kind


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str) -> None:
    assert _compare(SHAPES[shape])


@pytest.mark.parametrize(
    ("text", "untold"),
    [
        ("def f(): x;\ny\n", {cst.FunctionDef}),
        ("if x:\n    y;  # z\n", {cst.If}),
        ("x = (a, b), (c), d\n", {cst.Tuple}),
        ("x = a, (b)\ny = (a), b\n", {cst.Tuple}),
        ("f(a for a in b)\n", {cst.GeneratorExp}),
        ("@\\\n  a\ndef f(): pass\n", {cst.FunctionDef}),
        ("@(\n  # @b\n  a)\nclass C: pass\n", {cst.ClassDef}),
        ("@ a\n# @b\n@c(1)  # d\nasync def f():\n\tpass\t# e\n", set()),
        ("((a)+(b)).c((d))[(e)]\n(yield)\n(x := (y))\nnot (z)\n", set()),
        ("\x0cx\nif y:\n\x0c  z\n\x0c@a\ndef f(): pass\n", {cst.Expr, cst.SimpleStatementLine, cst.FunctionDef}),
        ("x = (f)('\u00e9\U0001f600', '\xfc') ; y ;  # \xf6\n", set()),
        ("from a import (b, c as d,)  # e\nimport f as g; import h.i\n", set()),
        ("x = ('a'\n  f'{b}' 'c')\ny = f'''\n{\nz}'''\n", set()),
    ],
)
def test_odd_shapes(text: str, untold: set[type]) -> None:
    """Some places are not told, but none is wrong."""
    assert _compare(text)
    ours, written = parse_light(text, {})
    theirs = cst.parse_module(text)
    pairs = [pair for both in zip(ours.body, theirs.body, strict=True) for pair in paired(*both)]
    missing = {type(real) for mine, real in pairs if isinstance(real, _STATEMENTS) and not written.span(mine, True)}
    rest = {type(real) for mine, real in pairs if isinstance(real, _ENCLOSED) and not written.span(mine, False)}
    assert missing | rest == untold


@QUICK
@given(hypothesmith.from_grammar())
def test_programs_of_the_grammar(text: str) -> None:
    _compare(text)
