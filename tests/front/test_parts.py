"""A file cut into parts: where they are is held against `ast`, what is left out must be missed by nobody."""

from __future__ import annotations

import ast
import contextlib
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempsafe_lint import engine, prefilter
from tempsafe_lint.findings import Level
from tempsafe_lint.front.parse import File, Unparsable, parse, parse_parts
from tempsafe_lint.front.parts import parts_of, stub_name
from tempsafe_lint.front.terms import terms
from tempsafe_lint.front.warmth import Warmth
from tempsafe_lint.records import replace
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

LIBRARY = Path(sysconfig.get_paths()["stdlib"])


def _library(pattern: str) -> list[tuple[Path, str]]:
    """Files of the standard library that can be read as UTF-8, in order."""
    found = []
    for path in sorted(LIBRARY.glob(pattern)):
        try:
            found.append((path, path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def _functions(text: str) -> list[tuple[str, str]]:
    """What counts as a part, as `ast` sees it: name and class."""
    found = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((node.name, ""))
            continue
        owner = node.name if isinstance(node, ast.ClassDef) else ""
        inner = (one for one in _inner(node) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
        found.extend((one.name, owner) for one in inner)
    return found


def _inner(node: ast.AST) -> Iterator[ast.AST]:
    """The statements directly in a block, those of `elif` and of handlers too."""
    for suite in ("body", "handlers", "orelse", "finalbody"):
        for one in getattr(node, suite, ()) if not isinstance(node, ast.Match) else ():
            yield from _inner(one) if isinstance(one, ast.ExceptHandler) or _is_elif(node, suite, one) else (one,)


def _is_elif(node: ast.AST, suite: str, one: ast.AST) -> bool:
    return isinstance(node, ast.If) and suite == "orelse" and isinstance(one, ast.If) and one.col_offset == 0


def test_parts_of_the_standard_library() -> None:
    """Every function at top level and every method is found, and a text without their bodies still parses."""
    files = _library("*.py")
    assert len(files) > 100
    for path, text in files:
        parts = parts_of(text)
        assert [(part.name, part.owner) for part in parts.parts] == _functions(text), path
        cut = parts.without(set()).text
        assert [name for name, _ in _functions(cut)] == [part.name for part in parts.parts], path


SHAPES = {
    "decorated": "@a\n# why\n@b(\n    1\n)\ndef f():\n    pass\n",
    "signature over lines": "def f(\n    a: int = (1),\n    b=':',\n) -> dict[str, int]:  # (\n    return 1\nx = 1\n",
    "one line": "def f(): return 1\nclass C: pass\n",
    "dedented string": "def f():\n    x = '''\ndef no():\n    pass\n'''\n    return x\ndef g():\n    pass\n",
    "dedented bracket": "def f():\n    x = [\n1,\n]\n    return x\n",
    "dedented comment": "def f():\n    x = 1\n# no end\n    return x\n",
    "quotes in comments": "def f():\n    x = 1  # don't '''\n    y = 'say \"\"\"'\ndef g():\n    pass\n",
    "async, tabs": "class C:\n\t'''Doc.'''\n\tx = 1\n\n\tasync def m(self):\n\t\tpass\n\n\t@a.b\n\tdef n(self): pass\n",
    "blocks": (
        "try:\n    import a\nexcept ImportError:\n    def f():\n        pass\nelse:\n    g = 1\n"
        "if x:\n    def h(): 1\nelif y:\n    def i():\n        1\nelse:\n    async def j():\n        1\n"
    ),
    "nested": "def f():\n    def inner():\n        pass\n    class D:\n        def m(self): pass\n",
    "windows": "def f():\r\n    pass\r\n\r\nclass C:\r\n    def m(self):\r\n        pass\r\n",
    "no end of line": "class C:\n    def m(self):\n        pass",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str) -> None:
    """Layouts that a lexer may stumble over. Where it does, the file is read as a whole."""
    text = SHAPES[shape]
    parts = parts_of(text)
    found = [(part.name, part.owner) for part in parts.parts]
    try:
        ast.parse(parts.without(set()).text)
    except SyntaxError:
        assert parse_parts(Source.from_text(text, "a.py"), (), ()).functions == _file(text).functions
    else:
        assert found == _functions(text)


def _file(text: str) -> File:
    return parse(Source.from_text(text, "a.py"))


TEXT = """\
import os
from tempfile import mkdtemp as fresh

ROOT = "/tmp/x"


def cold(a, b=1):
    return a + b


@decorated
def hot():
    return fresh()


class C:
    def uses(self):
        return hot()

    def other(self):
        return os.getcwd()

    def constant(self):
        open(ROOT)
"""


def _warm(text: str) -> set[str]:
    parts = parts_of(text)
    warm = Warmth(parts, prefilter.starting(text), ()).warm
    return {part.name for part in parts.parts if part.number in warm}


def test_warmth_spreads_by_names() -> None:
    """What holds a needle or a renamed import, what calls that, what mentions a constant; nothing else."""
    assert _warm(TEXT) == {"hot", "uses", "constant"}


def test_warmth_stops_where_nothing_is_given() -> None:
    """A function that returns nothing gives its callers nothing."""
    assert _warm("import tempfile\ndef f():\n    tempfile.mktemp()\n    return None\ndef g():\n    f()\n") == {"f"}


def test_words_of_prose_bind_nothing() -> None:
    """A docstring that says `as the` gives nobody a name."""
    assert _warm('"""As for the /tmp\nfor the rest in x = 1\n"""\ndef f(the, rest):\n    return the\n') == set()


@pytest.mark.parametrize(
    ("body", "warm"),
    [
        ("return mktemp()", True),
        ("return x  # mktemp(), /tmp", False),
        ('"""As mktemp() makes one in /tmp."""\n    return x', False),
        ('# why\n\n    r"""/tmp"""  # or\n    return x', False),
        ('"""/tmp""".lower()', True),
        ('"""/tmp""" \\\n    "a"', True),
        ("return 'mktemp'", False),
        ("return '/tmp'", True),
        ("return f'{mktemp()}'", True),
        ("return f'{x}' 'mktemp'", True),
        ("return f'{x[\"a\"]} {mktemp()}'", True),
        ("return f'{x['a']} {mktemp()}'  # as of Python 3.12", True),
        ("return _mktemp_(), mktemp2", False),
    ],
)
def test_only_what_runs_is_warm(body: str, warm: bool) -> None:
    """Neither comments and docstrings are, nor names in strings; beside an f-string nobody knows."""
    parts = parts_of(f"def f(x):\n    {body}\n")
    found = Warmth(parts, ("/tmp",), ("mktemp",))
    assert (found.warm == {0}) is warm
    assert found.idle is not warm


def test_a_file_in_which_nothing_runs_is_not_analysed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is parsed all the same: what is no Python is told."""

    def looked(*_: object) -> None:
        raise AssertionError("the file was looked at")

    monkeypatch.setattr("tempsafe_lint.engine._judged", looked)
    text = 'def f():\n    """In /tmp or by tempfile.mktemp()."""\n'
    assert engine.lint(Source.from_text(text, "a.py"), Settings()).findings == ()
    report = engine.lint(Source.from_text(text + "x = = 1\n", "a.py"), Settings())
    assert [one.code for one in report.findings] == ["TMP900"]
    with pytest.raises(AssertionError, match="looked at"):
        engine.lint(Source.from_text(text + "open('/tmp/x', 'w')\n", "a.py"), Settings())


def test_a_docstring_does_not_return() -> None:
    """Whether a function may come back is told by its code."""
    text = 'def f():\n    """Say what to return."""\n    raise E\ndef g():\n    return 1  # yield\n'
    file = parse_parts(Source.from_text(text, "a.py"), (), ())
    assert [file.returns(name) for name in ("f", "g")] == [False, True]


def test_left_out_until_asked_for() -> None:
    """A cold function is a stub at first; lowering it reads it, with its parameters and its place in the file."""
    source = Source.from_text(TEXT, "a.py")
    file = parse_parts(source, prefilter.starting(TEXT), ())
    assert re.findall(r"__cut_\d+__", file._tree.cut.text) == [stub_name(0), stub_name(3)]
    assert not file.worth("cold")
    assert file.worth("hot")
    function = file.lower("cold")
    assert [p.name for p in function.params] == ["a", "b"]
    returned = next(event for block in function.blocks for event in block.events if type(event).__name__ == "Return")
    span = file.spans([returned.site])[returned.site]
    assert TEXT[span.start : span.end] == "return a + b"


def test_places_around_what_is_left_out() -> None:
    """A stub is the function that stands there, also where libcst reads its statement: for places, and for a fix."""
    text = "from tempfile import mkdtemp\nclass C:\n    async def m(self): 1\n    @a\n    def n(self): 2\n"
    text += "    root = open(mkdtemp() + '/a').read()\n"
    parts, whole = (engine.lint(Source.from_text(text, "a.py"), Settings(), parts=how) for how in (True, False))
    assert [(one.region.row, one.text) for one in whole.findings] == [(6, "mkdtemp()")]
    assert parts.findings == whole.findings


def test_the_name_of_a_stub_is_nothing_else() -> None:
    """A file that has such names itself is not cut."""
    text = "def cold():\n    1\ndef other():\n    __cut_0__\n"
    assert parts_of(text).whole
    assert parse_parts(Source.from_text(text, "a.py"), (), ()).functions == _file(text).functions


@given(
    st.lists(st.sampled_from(["mkdtemp", "/tmp", "Tmp", "\\TEMP", "temp", "tmp_", "umask", "a"]), max_size=6),
    st.lists(st.sampled_from(["mkd", "temp", "/t", "mp", "TmP", "TEMP", "\\", "_", "umask", "İ", "ß", "a"])).map(
        "".join
    ),
)
def test_terms_are_found_where_they_stand(words: list[str], text: str) -> None:
    """As if each were looked for by itself, wherever it begins."""
    places = {(at, word) for word in words for at in range(len(text)) if text.startswith(word, at)}
    found = list(terms(frozenset(words)).places(text))
    assert set(found) == places
    assert len(found) == len(places)


def test_holding_knows_other_names() -> None:
    """A word finds the functions that have it under the name that an import or an assignment gave it."""
    text = "from os import remove as rm\nimport os\ndrop = os.remove\n" + "".join(
        f"def f{i}():\n    {body}\n" for i, body in enumerate(("rm(1)", "drop(1)", "os.remove(1)", "removed(1)"))
    )
    file = parse_parts(Source.from_text(text, "a.py"), (), ())
    assert file.holding(["remove"]) == ["<module>", "f0", "f1", "f2"]


def test_a_part_that_is_not_python() -> None:
    """What nobody asks for may be anything; once it is asked for, it is told with its place in the whole file."""
    text = "def bad():\n    print 'x'\ndef good():\n    pass\n"
    file = parse_parts(Source.from_text(text, "a.py"), (), ())
    assert file.lower("good").name == "good"
    with pytest.raises(Unparsable):
        file.lower("bad")
    asked = "import tempfile\ndef bad():\n    print 'x'\ndef good():\n    p = tempfile.mktemp()\n    return bad(p)\n"
    reports = [engine.lint(Source.from_text(asked, "a.py"), Settings(), parts=parts) for parts in (True, False)]
    assert [one.code for one in reports[0].findings] == ["TMP900"]
    assert reports[0].findings == reports[1].findings


def test_a_part_that_only_a_fix_asks_for() -> None:
    """A part is also read for its imports, which a fix wants to know."""
    text = "import tempfile\ndef bad():\n    import os; print 'x'\ndef good():\n    return open(tempfile.mktemp())\n"
    report = engine.lint(Source.from_text(text, "a.py"), Settings())
    assert [one.code for one in report.findings] == ["TMP900"]


def test_a_fix_of_a_file_with_a_part_that_is_not_python() -> None:
    """Nothing is rewritten in a file that is no Python, and the place is told."""
    text = "import tempfile\ndef bad():\n    print 'x'\ndef good():\n    return open(tempfile.mktemp())\n"
    done = engine.fix(Source.from_text(text, "a.py"), Settings(), lambda _: True)
    assert not done.changed
    assert [(one.code, one.region.row) for one in done.left.findings] == [("TMP900", 3)]


def test_a_part_in_a_block() -> None:
    """It is read with its indentation."""
    text = "try:\n    import a\nexcept ImportError:\n    def f(a):\n        return a\n"
    assert [p.name for p in parse_parts(Source.from_text(text, "a.py"), (), ()).lower("f").params] == ["a"]


def test_parts_lose_nothing() -> None:
    """The findings of a file that is read in parts are those of the whole file, with their places and fixes."""
    everything = replace(Settings(), min_severity=Level.LOW, min_confidence=Level.LOW, select=("TMP",))
    seen = 0
    files = [one for one in _library("*.py") if len(one[1]) < 60_000 and prefilter.passes_text(one[1])]
    for path, text in files:
        source = Source.from_text(text, str(path), path=path.name)
        parts, whole = (engine.lint(source, everything, parts=how) for how in (True, False))
        seen += len(whole.findings)
        assert parts.findings == whole.findings, path
    assert seen > 2


_PIECES = (
    *("def f(", "x):", ":", "\n", "\n    ", "\n\t", "@g", "class A", "if x", "try"),
    *('"""', "'", "#", "\\", "(", "]", " ", "é"),
)


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_any_text_has_parts(text: str) -> None:
    """What is no Python too: the stretches are the text, in order, and reading it ends in a tree or in Unparsable."""
    parts = parts_of(text)
    spans = [parts.span(i) for i in range(len(parts.starts))]
    assert "".join(text[start:stop] for start, stop in spans) == text
    assert [parts.text[p.named - len(p.name) : p.named] for p in parts.parts] == [p.name for p in parts.parts]
    with contextlib.suppress(Unparsable):
        parse_parts(Source.from_text(text, "a.py"), (), ())


def test_every_line_indented() -> None:
    """Nothing begins at the left edge, so there is no statement."""
    assert parts_of("    def f():\n        pass\n").parts == []
