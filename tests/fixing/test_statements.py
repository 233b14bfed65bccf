"""A statement goes with its rows; comments stay, and no suite is left empty."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempsafe_lint.edits import apply
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.fixing.statements import delete_statement
from tempsafe_lint.source import Span
from tests.fixing.by_hand import marked, source_of, span


def deleted(text: str) -> str:
    text, place = marked(text)
    return apply(text, [delete_statement(text, place, source_of(text).newline)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n«b»\nc\n", "a\nc\n"),
        ("a\n«b\n»c\n", "a\nc\n"),
        ("a\n«b»  # why\nc\n", "a\n# why\nc\n"),
        ("a\n«b  # why»\nc\n", "a\n# why\nc\n"),
        ("a\n«b»", "a\n"),
        ("a\n«b»  # why", "a\n# why"),
        ("a\r\n«b» # why\r\nc\r\n", "a\r\n# why\r\nc\r\n"),
        ("«f(\n  1,  # one\n  2,\n)»  # all\nc\n", "# one\n# all\nc\n"),
        ("# head\n«b»\n# foot\n", "# head\n# foot\n"),
        ("if x:\n\t«b»\n", "if x:\n\tpass\n"),
        ("if x:\n    «b»  # why\nc\n", "if x:\n    pass  # why\nc\n"),
        ("if x:\n    «b»", "if x:\n    pass"),
        (
            "if x:\n    # before\n    «f(\n      1, # in\n    )» # end\n",
            "if x:\n    # before\n    # in\n    pass  # end\n",
        ),
        ("if x:\n    a\n    «b»\n", "if x:\n    a\n"),
        ("if x:\n    «b»\n    c\n", "if x:\n    c\n"),
        ("if x:\n    '''doc\n'''\n    «b»\nelse:\n    c\n", "if x:\n    '''doc\n'''\nelse:\n    c\n"),
        ("if x:\n    if y:\n        a\n    «b»\n", "if x:\n    if y:\n        a\n"),
        ("if x:\n    «b»\n    if y:\n        a\n", "if x:\n    if y:\n        a\n"),
        ("try:\n    a\nfinally:\n    «b»\n", "try:\n    a\nfinally:\n    pass\n"),
        ("if x: «b»\n", "if x: pass\n"),
        ("if x: «b»;\n", "if x: pass;\n"),
        ("if x: «b»  # why\n", "if x: pass  # why\n"),
        ("if x: «b»; c\n", "if x: c\n"),
        ("if x: a; «b»\n", "if x: a\n"),
        ("if x: a; «b»; c  # why\n", "if x: a; c  # why\n"),
        ("a; «b»; c\n", "a; c\n"),
        ("a; «b»\n", "a\n"),
        ("a; «b»;\n", "a;\n"),
        ("«a»; b\n", "b\n"),
        ("«a;»\nb\n", "b\n"),
        ("«a»; \\\n  b\n", "b\n"),
        ("a; \\\n  «b»\n", "a\n"),
        ("x = 1\n«a \\\n  .b»\nc\n", "x = 1\nc\n"),
        ("for q in (\n1,\n): «b»\n", "for q in (\n1,\n): pass\n"),
        ("«if x:\n    a  # in\n    b»\nc\n", "# in\nc\n"),
    ],
)
def test_a_statement_is_deleted(before: str, after: str) -> None:
    assert deleted(before) == after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("«a; b»\n", "several statements"),
        ("a; «f(\n 1, # one\n)»\n", "comment"),
        ("x = «f()»\n", "part of another"),
        ("«f()» + 1\n", "part of another"),
        ("\n«»\n", "no row"),
    ],
)
def test_what_is_no_statement_of_its_own_stays(text: str, reason: str) -> None:
    with pytest.raises(Withheld, match=reason):
        deleted(text)


PIECES = [
    "a = 1",
    "f(1,\n2)",
    "f(\n# in\n)",
    "'''s\n  t'''",
    "if x: y()",
    "if x:\n{0}\ty()",
    "if x: y(); z()",
    "g();h(1)",
]


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A few statements in nested suites, with comments and blank rows between and behind."""

    def suite(indent: str, depth: int) -> list[str]:
        rows = []
        for _ in range(draw(st.integers(1, 3))):
            if draw(st.booleans()):
                rows.append(draw(st.sampled_from(["", indent + "# row", "# left"])))
            if depth and draw(st.booleans()):
                rows.append(indent + "while x:" + draw(st.sampled_from(["", "  # header"])))
                rows += suite(indent + draw(st.sampled_from(["  ", "    "])), depth - 1)
            else:
                rows.append(
                    indent + draw(st.sampled_from(PIECES)).format(indent) + draw(st.sampled_from(["", "  # end", ";"]))
                )
        return rows

    text = "\n".join(suite("", 2)) + draw(st.sampled_from(["", "\n"]))
    return text.replace("\t", "  ")


@settings(deadline=None)
@given(programs(), st.data(), st.sampled_from(["\n", "\r\n"]))
def test_deleting_any_statement_leaves_the_others(text: str, data: st.DataObject, newline: str) -> None:
    text = text.replace("\n", newline)
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    source = source_of(text)
    suites = [node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list)]
    suite = data.draw(st.sampled_from(suites))
    number = data.draw(st.integers(0, len(suite) - 1))
    try:
        result = apply(text, [delete_statement(text, span(source, suite[number]), source.newline)])
    except Withheld as reason:
        one_row = isinstance(suite[number], ast.If | ast.While) and ";" in ast.get_source_segment(text, suite[number])
        assert "comment" in str(reason) or ("several statements" in str(reason) and one_row)
        return
    suite[number : number + 1] = [] if len(suite) > 1 or suite is tree.body else [ast.Pass()]
    assert ast.dump(ast.parse(result)) == ast.dump(tree)
    assert sorted(layout(result).comments_in(Span(0, len(result)))) == sorted(
        layout(text).comments_in(Span(0, len(text)))
    )
    assert "\r\n" in result or newline == "\n" or "\n" not in result
