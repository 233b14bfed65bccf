"""Arguments are set, replaced and removed by name; everything else of the call stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempsafe_lint.edits import apply
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.arguments import edit_arguments
from tempsafe_lint.source import Span

DELETE = (("delete", '"exit"'),)


def changed(
    call: str, *, unwanted: tuple[str, ...] = (), wanted: tuple[tuple[str, str], ...] = DELETE, place: int = 2
) -> str:
    before, after = "x = 'é😀'; ", "  # é\n"
    text = before + call + after
    span = Span(len(before), len(before) + len(call))
    result = apply(text, edit_arguments(text, span, wanted, {"delete": place}, unwanted))
    assert result.startswith(before) and result.endswith(after)
    return result[len(before) : -len(after)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", 'f(delete="exit")'),
        ("f( )", 'f(delete="exit" )'),
        ("f(  # none\n)", 'f(delete="exit"  # none\n)'),
        ("f(a)", 'f(a, delete="exit")'),
        ("f(a,)", 'f(a, delete="exit",)'),
        ("f(a, b=1)", 'f(a, b=1, delete="exit")'),
        ("f(a for a in b)", 'f((a for a in b), delete="exit")'),
        ("f(a for a in b  # c\n)", 'f((a for a in b), delete="exit"  # c\n)'),
        ("f((a for a in b))", 'f((a for a in b), delete="exit")'),
        ("f(a, delete=False)", 'f(a, delete="exit")'),
        ("f(delete = False, a=1)", 'f(delete = "exit", a=1)'),
        ("f(delete=(False))", 'f(delete="exit")'),
        ("f(a, b, False)", 'f(a, b, "exit")'),
        ("f(a, b, False, d, *e, **g)", 'f(a, b, "exit", d, *e, **g)'),
        ("f(*a, delete=False)", 'f(*a, delete="exit")'),
        ("f(**a, delete=False)", 'f(**a, delete="exit")'),
        ("f(é, 'ü', delete=False)", "f(é, 'ü', delete=\"exit\")"),
        ("f(lambda a, b: 1, x)", 'f(lambda a, b: 1, x, delete="exit")'),
        ("(f)(a)", '(f)(a, delete="exit")'),
        ("g.f (a)", 'g.f (a, delete="exit")'),
        ("g()(a)", 'g()(a, delete="exit")'),
        ("f(\n    a,\n    b,\n)", 'f(\n    a,\n    b,\n    delete="exit",\n)'),
        ("f(\n    a,\n    b\n)", 'f(\n    a,\n    b,\n    delete="exit"\n)'),
        (
            "f(\n    a,  # about a\n    b  # about b\n    # the end\n)",
            'f(\n    a,  # about a\n    b,  # about b\n    delete="exit"\n    # the end\n)',
        ),
        ("f(\n    a,\n    b,  # about b\n)", 'f(\n    a,\n    b,  # about b\n    delete="exit",\n)'),
        ("f(\n    a, b,\n)", 'f(\n    a, b, delete="exit",\n)'),
        ("f(\n    a, b  # both\n)", 'f(\n    a, b, delete="exit"  # both\n)'),
        ("f(a,\n  b)", 'f(a,\n  b, delete="exit")'),
        ("f(\r\n\ta,\r\n)", 'f(\r\n\ta,\r\n\tdelete="exit",\r\n)'),
        ("f(\n    a\n    ,\n)", 'f(\n    a\n    ,\n    delete="exit",\n)'),
        ("(m\n .f(a))", '(m\n .f(a, delete="exit"))'),
    ],
)
def test_an_argument_is_set(before: str, after: str) -> None:
    assert changed(before) == after


def test_a_comment_inside_the_old_value_keeps_the_fix_away() -> None:
    with pytest.raises(Withheld, match="comment"):
        changed("f(\n    a,\n    delete=(  # why\n        False\n    ),\n)")


def test_an_argument_that_has_the_value_already_needs_no_edit() -> None:
    assert edit_arguments("f(delete=1)", Span(0, 11), (("delete", "1"),), {}) == []


@pytest.mark.parametrize("call", ["f(*a)", "f(a, *b, c)", "f(**a)", "f(a, b=1, **c)"])
def test_a_starred_argument_may_give_it_already(call: str) -> None:
    with pytest.raises(Withheld, match="may already give `delete`"):
        changed(call)


def test_a_starred_argument_cannot_give_a_keyword_only_parameter() -> None:
    text = "f(*a)"
    assert apply(text, edit_arguments(text, Span(0, 5), (("k", "1"),), {})) == "f(*a, k=1)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(a, b=1)", "f(a)"),
        ("f(b=1)", "f()"),
        ("f(b=1,)", "f()"),
        ("f(b=1, c=2)", "f(c=2)"),
        ("f(a, b=1, c=2)", "f(a, c=2)"),
        ("f(a, b=1,)", "f(a,)"),
        ("f(\n    a,\n    b=1,\n    c=2,\n)", "f(\n    a,\n    c=2,\n)"),
        ("f(\n    a,\n    b=1,\n)", "f(\n    a,\n)"),
        (
            "f(\n    a,  # about a\n    b=1,  # about b\n    c=2,\n)",
            "f(\n    a,  # about a\n    # about b\n    c=2,\n)",
        ),
        ("f(\n    a,  # about a\n    b=1\n)", "f(\n    a,  # about a\n)"),
        ("f(a)", "f(a)"),
    ],
)
def test_an_argument_is_removed(before: str, after: str) -> None:
    result = changed(before, wanted=(), unwanted=("b",))
    assert [row.rstrip() for row in result.splitlines()] == [row.rstrip() for row in after.splitlines()]


def test_several_arguments_are_removed() -> None:
    assert changed("f(a, b=1, c=2, d=3)", wanted=(), unwanted=("b", "c")) == "f(a, d=3)"
    assert changed("f(a, b=1, c=2)", wanted=(), unwanted=("b", "c")) == "f(a)"
    assert changed("f(b=1, c=2)", wanted=(), unwanted=("b", "c")) == "f()"


SPACE = st.sampled_from(["", " ", "\n  ", "  # c1\n ", "\n# c2\n"])
ARGUMENT = st.sampled_from(
    ["a", "'é,)'", "(1, 2)", "[x for x in y]", "lambda p, q: p", "f'{a}'", "b()", "a if b else c"]
)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, int]:
    """A call in some layout, and how many arguments it has by position before the keyword arguments."""
    count = draw(st.integers(0, 4))
    names = draw(st.lists(st.sampled_from(["k1", "k2", "delete"]), unique=True, max_size=3))
    written = [draw(ARGUMENT) for _ in range(count)] + [f"{name}={draw(ARGUMENT)}" for name in names]
    parts = [draw(SPACE) + one + draw(SPACE) for one in written]
    end = draw(SPACE)
    return f"f({','.join(parts)}{',' + end if parts and draw(st.booleans()) else end})", count


@settings(deadline=None)
@given(calls())
def test_setting_an_argument_changes_nothing_else(case: tuple[str, int]) -> None:
    """Whatever the layout: all other arguments mean the same, and every comment is there."""
    import ast

    from tempsafe_lint.fixing.layout import layout

    call, _ = case
    before = ast.parse(call, mode="eval").body
    try:
        result = changed(call)
    except Withheld as reason:
        assert "comment" in str(reason)
        return
    after = ast.parse(result, mode="eval").body
    assert isinstance(before, ast.Call) and isinstance(after, ast.Call)

    def given_by(node: ast.Call) -> dict[object, str]:
        by_place = {number: ast.dump(value) for number, value in enumerate(node.args)}
        return {**by_place, **{one.arg: ast.dump(one.value) for one in node.keywords}}

    old, new = given_by(before), given_by(after)
    place = "delete" if "delete" in old or 2 not in old else 2
    assert new.pop(place) == ast.dump(ast.Constant("exit"))
    old.pop(place, None)
    assert new == old

    def comments(text: str) -> list[str]:
        lay = layout(text)
        return [text[c.start : c.end].rstrip() for c in lay.comments]

    assert comments(result) == comments(call)
