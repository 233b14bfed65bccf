"""The file's public face: functions, classes, errors."""

from __future__ import annotations

import pytest

from tempsafe_lint.front import outline
from tempsafe_lint.front.parse import File, Unparsable, parse
from tempsafe_lint.ir.cfg import ClassInfo, Units
from tempsafe_lint.source import Source


def _file(text: str) -> File:
    return parse(Source.from_text(text, "case.py"))


def test_functions_in_source_order() -> None:
    """Nested ones, methods, lambdas, and redefinitions told apart."""
    text = """
def f():
    def g(): return lambda: 0
    class C:
        def m(self): pass
if x:
    def f(): pass
else:
    async def f(): pass
y = lambda: lambda: 1
"""
    units: Units = _file(text)
    assert units.functions == (
        "<module>",
        "f",
        "f.<locals>.g",
        "f.<locals>.g.<locals>.<lambda#1>",
        "f.<locals>.C.m",
        "f#2",
        "f#3",
        "<lambda#1>",
        "<lambda#1>.<locals>.<lambda#1>",
    )


def test_classes() -> None:
    """Bases by full name where they resolve; methods in order."""
    file = _file(
        "import a.b as c\nclass B(c.D, E[int]): pass\nclass X(B, y.Z):\n  def m(self): pass\n  def m(self): pass\n"
    )
    assert file.classes == {
        "B": ClassInfo("B", ("a.b.D",), ()),
        "X": ClassInfo("X", (".B", "y.Z"), ("X.m", "X.m#2")),
    }


def test_a_function_is_lowered_once() -> None:
    """The same graph each time; an unknown name is a KeyError."""
    file = _file("def f(): pass\n")
    assert file.lower("f") is file.lower("f")
    with pytest.raises(KeyError):
        file.lower("g")


def test_function_facts() -> None:
    """Decorators, parameters, generator and async flags, the class and the enclosing function."""
    text = """
import contextlib
class C:
    @contextlib.contextmanager
    @wrap.up(1)
    async def m(self, p: "Path" = None, *a: contextlib.X, k: list[int] = 1, **w): yield
def f():
    def g(): (yield)
    return lambda: 0
"""
    file = _file(text)
    m = file.lower("C.m")
    assert m.decorators == ("contextlib.contextmanager", "wrap.up")
    assert (m.class_name, m.outer, m.is_async, m.is_generator) == ("C", None, True, True)
    assert [(p.name, p.kind, p.annotation) for p in m.params] == [
        ("self", "positional", None),
        ("p", "positional", '"Path"'),
        ("a", "*", "contextlib.X"),
        ("k", "keyword", "list[int]"),
        ("w", "**", None),
    ]
    g = file.lower("f.<locals>.g")
    assert (g.class_name, g.outer, g.is_async, g.is_generator) == (None, "f", False, True)
    assert not file.lower("f").is_generator
    assert file.lower("f.<locals>.<lambda#1>").outer == "f"


@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        ("print 'x'\n", 1, "looks like Python 2: a print statement"),
        ("def f():\n    print x, y\n", 2, "looks like Python 2: a print statement"),
        ("def f(): print u'x'\n", 1, "looks like Python 2: a print statement"),
        ("x = `y`\n", 1, "looks like Python 2: backticks"),
        ("raise E, 'x'\n", 1, "looks like Python 2: `raise ..., value`"),
        ("exec 'x'\n", 1, "looks like Python 2: an exec statement"),
        ("x = 0777\n", 1, "looks like Python 2: an old number literal"),
        ("if a <> b: pass\n", 1, "looks like Python 2: `<>`"),
        ("import tempfile\nprint 'x'\n\n\nx = 1\n", 2, "looks like Python 2: a print statement"),
        ("def f():\n    x = = 1\n\n\ndef g():\n    pass\n", 2, "not valid Python"),
        ("x = (\n", 1, "not valid Python"),
        ("x = = 1\n", 1, "not valid Python"),
        ("def f(:\n", 1, "not valid Python"),
        ("x = " + "(" * 300, 1, "too deeply nested: more than 200 nested brackets"),
    ],
)
def test_unparsable(text: str, row: int, message: str) -> None:
    """One clear line, with the row."""
    with pytest.raises(Unparsable) as caught:
        _file(text)
    assert (caught.value.row, caught.value.message) == (row, message)
    assert caught.value.column >= 1


@pytest.mark.parametrize("text", ["", "\n", "# a", "\x0c", "\ufeff", "x = 1", "x\r", "x = 1\r\n"])
def test_odd_but_valid(text: str) -> None:
    """Empty files, no final newline, CR line ends."""
    file = _file(text)
    assert file.functions == ("<module>",)
    assert file.imports().insert_at <= len(text)


def test_newer_syntax_than_the_interpreter() -> None:
    """The parser's grammar counts, not the running interpreter's."""
    file = _file("def f[T](x):\n  try: pass\n  except A, B: pass\n  return t'{x}', f'{x['a']}'\n")
    assert file.functions == ("<module>", "f")


def test_parenthesised_annotated_target() -> None:
    """Known limit of libcst: valid Python that it refuses; the file is reported as unparsable."""
    with pytest.raises(Unparsable):
        _file("(x): int = 1\n")


def test_comments() -> None:
    """By row, with the offset of `#`."""
    assert outline.comments("x = 1  # a\n'# no'\n# b\n") == {1: (7, "# a"), 3: (18, "# b")}
