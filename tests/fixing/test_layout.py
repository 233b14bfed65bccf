"""The lexer agrees with Python's own tokenizer, and knows f-strings of Python 3.12 on any version."""

from __future__ import annotations

import io
import sysconfig
import tokenize
from pathlib import Path

import pytest

from tempsafe_lint.fixing.layout import layout


def shown(text: str) -> tuple[list[str], list[str], list[str]]:
    lay = layout(text)
    return (
        [text[line.first : line.end] for line in lay.lines],
        [text[c.start : c.end] for c in lay.comments],
        [text[s.start : s.end] for s in lay.strings],
    )


@pytest.mark.parametrize(
    ("text", "lines", "comments", "strings"),
    [
        ("a(\n1, # in\n2) ; b # out\n", ["a(\n1, # in\n2) ; b"], ["# in", "# out"], []),
        ("a \\\n  + b\r\nc\rd", ["a \\\n  + b", "c", "d"], [], []),
        ("rb'#' + bar'#'\n", ["rb'#' + bar'#'"], [], ["rb'#'", "'#'"]),
        ('f"{d["#"]}" # c\n', ['f"{d["#"]}"'], ["# c"], ['f"{d["#"]}"']),
        ("f'{x!r:>{w}}' f'{{#' # c\n", ["f'{x!r:>{w}}' f'{{#'"], ["# c"], ["f'{x!r:>{w}}'", "f'{{#'"]),
        ("f'\\N{DASH}{a}#' # c\n", ["f'\\N{DASH}{a}#'"], ["# c"], ["f'\\N{DASH}{a}#'"]),
        ('f"""{\nx # in\n}""" # out\n', ['f"""{\nx # in\n}"""'], ["# out"], ['f"""{\nx # in\n}"""']),
        ("rf'\\{a}' # c\n", ["rf'\\{a}'"], ["# c"], ["rf'\\{a}'"]),
        ("'''a\n# no\n''' # yes\n", ["'''a\n# no\n'''"], ["# yes"], ["'''a\n# no\n'''"]),
        ("# only\n\n", [], ["# only"], []),
        ("x = 'open\ny # c\n", ["x = 'open", "y"], ["# c"], []),  # not Python, but no harm
    ],
)
def test_layout(text: str, lines: list[str], comments: list[str], strings: list[str]) -> None:
    assert shown(text) == (lines, comments, strings)


def test_rows_and_semicolons_of_a_line() -> None:
    text = "if x:\n\ta; f(b;\n)\n"
    line = layout(text).lines[1]
    assert (text[line.start : line.stop], line.semicolons) == ("\ta; f(b;\n)\n", (text.index(";"),))
    assert layout(text).width(line) == 8


def test_agrees_with_the_tokenizer_on_the_standard_library() -> None:
    """Same comments, same number of logical lines, and strings where the tokenizer gives them as one token."""
    checked = 0
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        with tokenize.open(path) as file:
            text = file.read()
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        lines, comments, strings = shown(text)
        assert comments == [token.string for token in tokens if token.type == tokenize.COMMENT], path
        assert len(lines) == sum(token.type == tokenize.NEWLINE for token in tokens), path
        if not hasattr(tokenize, "FSTRING_START"):
            assert strings == [token.string for token in tokens if token.type == tokenize.STRING], path
        checked += 1
    assert checked > 100
