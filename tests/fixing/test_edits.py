"""Edits apply, refuse each other and move places as promised."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempsafe_lint.edits import Edit, Fix, Moves, OverlappingEdits, apply, compose
from tempsafe_lint.findings import Safety
from tempsafe_lint.source import Span


def edit(start: int, end: int, text: str = "") -> Edit:
    return Edit(Span(start, end), text)


def fix(*edits: Edit, group: str | None = None, title: str = "") -> Fix:
    return Fix(title, Safety.SAFE, edits, group=group)


def test_apply_takes_edits_in_any_order() -> None:
    assert apply("abcdef", [edit(4, 5, "E"), edit(0, 1, "A"), edit(2, 2, "-")]) == "Ab-cdEf"


def test_insertions_at_one_place_keep_their_order_and_go_before_a_replacement() -> None:
    assert apply("abc", [edit(1, 2, "B"), edit(1, 1, "1"), edit(1, 1, "2")]) == "a12Bc"


@pytest.mark.parametrize("edits", [[edit(0, 2), edit(1, 3)], [edit(0, 3), edit(1, 1, "x")], [edit(0, 9)], [edit(2, 1)]])
def test_apply_refuses_edits_that_overlap_or_leave_the_text(edits: list[Edit]) -> None:
    with pytest.raises(OverlappingEdits):
        apply("abc", edits)


def test_compose_lets_a_fix_wait_as_a_whole() -> None:
    first, second, third = fix(edit(0, 2)), fix(edit(1, 3), edit(10, 11)), fix(edit(10, 12))
    assert compose([third, second, first]) == ([first, third], [second])


def test_compose_lets_a_fix_that_only_touches_another_wait() -> None:
    first, second = fix(edit(0, 2)), fix(edit(2, 3))
    assert compose([first, second]) == ([first], [second])


def test_edits_of_one_fix_may_touch_each_other() -> None:
    own, other = fix(edit(0, 2), edit(2, 3, "x"), edit(3, 3, "y")), fix(edit(3, 4))
    assert compose([own, other]) == ([own], [other])


def test_compose_takes_one_fix_of_a_group() -> None:
    first, second, free = fix(edit(0, 1), group="f"), fix(edit(5, 6), group="f"), fix(edit(9, 9, "x"))
    assert compose([second, first, free]) == ([first, free], [second])


def test_of_two_fixes_at_one_place_the_first_given_is_taken() -> None:
    first, second = fix(edit(0, 1), title="first"), fix(edit(0, 1), title="second")
    assert [taken.title for taken in compose([first, second])[0]] == ["first"]
    assert [taken.title for taken in compose([second, first])[0]] == ["second"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((4, 6), "cd"),  # edits elsewhere shift it
        ((2, 3), "XX"),  # its whole text is replaced
        ((2, 6), "XXxcd"),  # its beginning is replaced
        ((0, 3), "abXX"),  # its end is replaced; what is inserted after it is not part of it
        ((3, 4), "c"[:0] + "x"),
    ],
)
def test_moves_follow_a_place(place: tuple[int, int], expected: str) -> None:
    before = "ab_xcdef"
    edits = [edit(0, 0, ">>"), edit(2, 3, "XX"), edit(8, 8, "<<")]
    after = apply(before, edits)
    now = Moves(edits).span(Span(*place))
    assert after[now.start : now.end] == expected


def test_moves_of_a_deleted_place_are_empty() -> None:
    assert Moves([edit(2, 6)]).span(Span(3, 5)) == Span(2, 2)


def test_moves_follow_two_rounds() -> None:
    text = "tempfile.mkstemp() # c"
    one = [edit(0, 16, "tempsafe.mkstemp")]
    between = apply(text, one)
    two = [edit(0, 0, "import tempsafe\n")]
    after = apply(between, two)
    now = Moves(one).then(two).span(Span(0, 18))
    assert after[now.start : now.end] == "tempsafe.mkstemp()"


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text(st.sampled_from("abc\n\u00e9\U0001f600"), max_size=40))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    words = st.text(st.sampled_from("XYZ\n"), max_size=4)
    return text, [edit(start, end, draw(words)) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]


@settings(deadline=None)
@given(texts_with_edits(), st.randoms(use_true_random=False))
def test_apply_keeps_everything_else(case: tuple[str, list[Edit]], random: object) -> None:
    """Text between the edits is there, in order, between the new texts; the order edits are given in is nothing."""
    text, edits = case
    pieces, last = [], 0
    for one in edits:
        pieces += [text[last : one.span.start], one.text]
        last = one.span.end
    expected = "".join([*pieces, text[last:]])
    shuffled = [one for one in edits if one.span.start != one.span.end]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert apply(text, [*[one for one in edits if one.span.start == one.span.end], *shuffled]) == expected


@settings(deadline=None)
@given(texts_with_edits(), st.data())
def test_a_place_that_no_edit_touches_keeps_its_text(case: tuple[str, list[Edit]], data: st.DataObject) -> None:
    text, edits = case
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    touched = any(one.span.start < end and start < one.span.end for one in edits)
    inside = any(start < one.span.start < end or start < one.span.end < end for one in edits)
    now = Moves(edits).span(Span(start, end))
    after = apply(text, edits)
    assert 0 <= now.start <= now.end <= len(after)
    if not touched and not inside and start < end:
        assert after[now.start : now.end] == text[start:end]


@settings(deadline=None)
@given(st.lists(texts_with_edits().map(lambda case: case[1]), max_size=8))
def test_composed_fixes_can_be_applied_together(sets: list[list[Edit]]) -> None:
    fixes = [fix(*edits) for edits in sets if edits]
    taken, waiting = compose(fixes)
    assert len(taken) + len(waiting) == len(fixes)
    assert bool(taken) == bool(fixes)
    apply("." * 60, [one for each in taken for one in each.edits])
    for each in waiting:  # each of them shares text or an edge with one that was taken
        assert any(
            one.span.start <= other.span.end and other.span.start <= one.span.end
            for one in each.edits
            for mine in taken
            for other in mine.edits
        )
