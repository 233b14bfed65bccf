"""Spans agree with the positions of the running interpreter's parser."""

from __future__ import annotations

import ast

import pytest

from tempsafe_lint.front.parse import File, Unparsable, parse
from tempsafe_lint.ir import events as ev
from tempsafe_lint.source import Site, Source, Span
from tests.front.samples import sources


def _calls(file: File) -> dict[Site, ev.Call]:
    """All calls that were lowered, but those of decorators, which are no calls in the text."""
    found = {}
    for name in file.functions:
        for block in file.lower(name).blocks:
            for event in block.events:
                if isinstance(event, ev.Call) and event.site != event.callee_site:
                    found[event.site] = event
    return found


def _expected(source: Source) -> set[tuple[int, int]]:
    """Spans of all calls, from ast; its columns are UTF-8 bytes."""
    lines = source.text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)

    def offset(row: int, column: int) -> int:
        return starts[row - 1] + len(lines[row - 1].encode()[:column].decode())

    return {
        (offset(node.lineno, node.col_offset), offset(node.end_lineno or 0, node.end_col_offset or 0))
        for node in ast.walk(ast.parse(source.text))
        if isinstance(node, ast.Call)
    }


def test_calls_agree_with_ast() -> None:
    """Every lowered call of a sample of the standard library stands where ast says that a call stands."""
    compared = 0
    for source in sources(80, seed=21):
        if "\r" in source.text or "\f" in source.text:
            continue
        try:
            file = parse(source)
            expected = _expected(source)
        except (Unparsable, SyntaxError):
            continue
        spans = file.spans(_calls(file))
        actual = {(span.start, span.end) for span in spans.values()}
        assert actual <= expected, source.filename
        compared += len(actual)
    assert compared > 3000


def _texts(text: str, kind: type[ev.Event]) -> list[str]:
    file = parse(Source.from_text(text, "case.py"))
    sites = [e.site for name in file.functions for b in file.lower(name).blocks for e in b.events if type(e) is kind]
    spans = file.spans(sites)
    return [text[spans[site].start : spans[site].end] for site in sites]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = ((f)(1))  # c", "(f)(1)"),
        ("x = f(\t1, (2))", "f(\t1, (2))"),
        ("é = 'é', f('é')", "f('é')"),
        ("\x0cx = f( )", "f( )"),
        ("if 1: x = f(); y = 2", "f()"),
    ],
)
def test_one_call(line: str, end: str, expected: str) -> None:
    """Without parentheses and blanks around it; tabs, form feeds, every line end, none at the end of the file."""
    assert _texts(f"# head{end or chr(10)}{line}{end}", ev.Call) == [expected]


def test_a_blank_that_the_tree_forgets() -> None:
    """libcst does not give back the blank before the colon of `except`; what follows stands where it should."""
    assert _texts("try:\n  a\nexcept OSError :\n  f(1)\n  g(2)\n", ev.Call) == ["f(1)", "g(2)"]


def _statements(text: str) -> list[str]:
    file = parse(Source.from_text(text, "case.py"))
    rows = [row for name in file.functions for row in file.lower(name).statements]
    spans = file.spans([row.site for row in rows])
    return [text[spans[row.site].start : spans[row.site].end] for row in rows]


def test_statements() -> None:
    """From the first decorator or word to the end of the last line with its comment, without comments above."""
    text = "# above\n@d\ndef f(): # c\n  # in\n  a; b = 1 ;  # last\n  # foot\n\nif x:\n  y  # end\n# foot\nz;\n"
    assert _statements(text) == [
        "@d\ndef f(): # c\n  # in\n  a; b = 1 ;  # last",
        "if x:\n  y  # end",
        "y  # end",
        "z;",
        "a",
        "b = 1 ;  # last",
    ]


def test_the_whole_module() -> None:
    """The site of `<module>` is the whole text."""
    file = parse(Source.from_text("# a\nx = 1\n", "case.py"))
    site = file.lower("<module>").site
    assert file.spans([site]) == {site: Span(0, 10)}
