"""The outline agrees with the tokenizer and the parser of the running interpreter, and is quick on anything."""

from __future__ import annotations

import ast
import io
import time
import tokenize
from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempsafe_lint.front.outline import comments, outline, too_deep
from tempsafe_lint.source import Source
from tests.front.samples import sources


def _tokens(text: str) -> dict[int, str] | None:
    """Comments by row, from the tokenizer; None if it does not take the text."""
    try:
        found = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return None
    return {token.start[0]: token.string for token in found if token.type == tokenize.COMMENT}


def test_comments_agree_with_the_tokenizer() -> None:
    """Every comment of a sample of the standard library, and nothing else."""
    compared = 0
    for source in sources(150, seed=11):
        expected = _tokens(source.text.replace("\r\n", "\n"))
        if expected is not None and "\f" not in source.text:
            actual = comments(source.text)
            assert {row: text for row, (_, text) in actual.items()} == expected, source.filename
            assert all(source.text.startswith(text, offset) for offset, text in actual.values())
            compared += 1
    assert compared > 100


def test_top_level_starts_agree_with_ast() -> None:
    """Each top-level statement begins where the interpreter says; decorators belong to what they decorate."""
    for source in sources(150, seed=12):
        try:
            body = ast.parse(source.text).body
        except (SyntaxError, ValueError):
            continue
        expected = {min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) for node in body}
        starts = source.line_starts
        assert {bisect_right(starts, offset) for offset in outline(source.text).starts} == expected, source.filename


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = '#'  # a", {1: "# a"}),
        ("x = '''\n# no\n'''  # b\r\n# c", {3: "# b", 4: "# c"}),
        ('f"{x:#x}"  # d', {1: "# d"}),
        ('f"{x["#"]}" # nested quotes, as from 3.12', {1: "# nested quotes, as from 3.12"}),
        ('f"{{#}}" # e', {1: "# e"}),
        ("f'''{\nx # inside\n}''' # f", {2: "# inside", 3: "# f"}),
        ('f"{x!r:{w}}" # g', {1: "# g"}),
        ("rb'\\' # no' # h", {1: "# h"}),
        ("'unclosed # no\n# i", {2: "# i"}),
        ("x = 1 \\\n  + 2 # j\r# k", {2: "# j", 3: "# k"}),
        ("\x0c# after a form feed", {1: "# after a form feed"}),
    ],
)
def test_comments(text: str, expected: dict[int, str]) -> None:
    """Strings of all kinds hide `#`; line ends are CR LF, CR and LF."""
    assert {row: comment for row, (_, comment) in comments(text).items()} == expected


@given(st.text(alphabet="ab#'\"{}()[]\\\n\r:,f!=. \t-", max_size=80))
def test_any_text(text: str) -> None:
    """Nothing crashes it, and what it calls a comment begins with `#`."""
    source = Source.from_text(text, "any.py")
    for row, (offset, comment) in comments(source.text).items():
        assert source.text.startswith(comment, offset)
        assert comment.startswith("#")
        assert source.row(offset) == row


@pytest.mark.parametrize("piece", ["('", '"""', "f'{", "#", "\\\n", "(((", "a.b", "'\\", "f'{x:", "}", "lambda:", "\n"])
def test_linear_on_garbage(piece: str) -> None:
    """Four times the text takes about four times as long, not sixteen."""
    small, large = piece * 20_000, piece * 80_000
    times = []
    for text in (small, large):
        begun = time.perf_counter()
        outline(text)
        times.append(time.perf_counter() - begun)
    assert times[1] < 10 * times[0] + 0.5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = " + "(" * 201 + ")" * 201, "nested brackets"),
        ("x = " + "+".join("a" * 1100), "chained operators"),
        ("x = a" + ".b" * 1100, "chained operators"),
        ("x = a" + "()" * 1100, "chained operators"),
        ("x = " + "not " * 1100 + "a", "chained operators"),
        ("x = " + "-" * 1100 + "a", "chained operators"),
        ("x = " + "lambda a, b: " * 1100 + "a", "chained operators"),
        ("x = " + "a if b else " * 1100 + "a", "chained operators"),
        ("x = (" + "'a' " * 3100 + ")", "adjacent strings"),
        ("if a:\n  b\n" + "elif a:\n  b\n" * 1100, "`elif` in a row"),
        ("".join(" " * i + "if a:\n" for i in range(101)) + " " * 101 + "a\n", "levels of indentation"),
        ("match a:\n  case " + "{1: " * 8 + "x" + "}" * 8 + ": pass\n", "in a pattern"),
        ("f'" + "{x:" * 201 + "}" * 201 + "'", "nested brackets"),
        ("import " + "a." * 1100 + "a", "chained operators"),
    ],
)
def test_too_deep(text: str, reason: str) -> None:
    """What would take the parser down is refused, with a reason."""
    found = too_deep(text)
    assert found is not None
    assert reason in found[1]


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "-1, " * 5000 + "]",
        "x = [" + "lambda a, b: a + b, " * 900 + "]",
        "x = (" + "'a' " * 2900 + ")",
        "f(" + "a=1, " * 5000 + ")",
        "a = 1\n" * 5000,
        "a = b + c\n" * 5000,
        "if a:\n  b\nelse:\n  c\n" * 2000,
    ],
)
def test_long_but_flat(text: str) -> None:
    """Length alone is no reason."""
    assert too_deep(text) is None
