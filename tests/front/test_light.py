"""Trees made of what Python's own parser says: nothing that is read of them differs from libcst's."""

from __future__ import annotations

import sysconfig
import warnings
from pathlib import Path

import libcst
import pytest

from tempsafe_lint.front import parse as parsing
from tempsafe_lint.front.light import Unfit, parse_light
from tempsafe_lint.front.parse import File, parse, parse_parts
from tempsafe_lint.front.parts import Cut
from tempsafe_lint.ir.cfg import dump
from tempsafe_lint.source import Site, Source, Span

LIBRARY = Path(sysconfig.get_paths()["stdlib"])


def _light(text: str) -> File:
    parse_light(text, {})  # where it is unfit, this is no test
    return File(Source.from_text(text, "a.py"), parsing._Tree(Cut(text), light=True))


def _whole(text: str) -> File:
    return parse(Source.from_text(text, "a.py"))


def _said(file: File) -> dict[str, object]:
    """Everything that flow can ask for."""
    said: dict[str, object] = {"functions": file.functions, "classes": file.classes, "taken": file.taken}
    for name in file.functions:
        function = file.lower(name)
        events = [repr(event) for block in function.blocks for event in block.events]
        statements = [repr(statement) for statement in function.statements]
        parameters = [(p.name, p.kind, p.default) for p in function.params]
        said[name] = (dump(function), events, statements, parameters, function.decorators, function.variables)
    return said


def _places(file: File) -> list[Span]:
    sites = [Site(0, number) for number in range(len(file._sites.nodes))]
    found = file.spans(sites)
    return [found[site] for site in sites]


def _compare(text: str) -> None:
    light, whole = _light(text), _whole(text)
    assert _said(light) == _said(whole)
    assert _places(light) == _places(whole)
    one, other = light.imports(), whole.imports()
    assert (one.imports, set(one.bound), one.insert_at) == (other.imports, set(other.bound), other.insert_at)
    assert one.loose == other.loose  # every name that is read, by function


SHAPES = {
    "semicolons": "import a; b = 1; c = 2\nif b: c; d\nelse:\n    e; f = 1; g()\nclass C: x = 1; y = 2\n",
    "decorators": "@a\n@b.c(1)  # why\ndef f(x): return x\n@(lambda f: f)\nclass C: pass\n",
    "bound within": "def f(): g(h := i); j = k; l(m for m in n); o = p\ndef q(): r; yield s; t\nu(lambda v: v, w); x\n",
    "elif": "if a:\n    b\nelif c:\n    d\nelse:\n    if e:\n        f\n    else:\n        g\n",
    "strings": "x = 'a' \"b\" r'\\c'\ny = (b'1'  # (\n  b'''2\n3''' \\\n b'4')\nz = f'{x}' 'p{q}' f\"{y!r:>{z}}\"\n",
    "f-strings": (
        "a = f'{{b}} {c.d!r:>10}{e:}' 'f' f\"\" F'''{g}\n\\t'''\nh = f'\\N{BULLET}{i}', rf'{j}\\\\', f'{k=}'\n"
        "m = f'{n()}' f'{o!r}', f\"{p['q']}\", f'{{{l}}}', f'{t:{u}}', b'', u'v'\nf(f'{w.x}', 'f', f'y')[f'{z}']\n"
    ),
    "non-ASCII": "x = 'é', f(\"ü\", 'ä{}'.format(y)); z = 'ß'  # ö\ndef g(é='ñ'):\n    return 'ø' + é\n",
    "numbers": "x = 0o777 | 0x1_0 + 1e3 - 2j; y = ...; z = (None, True, -1, not False)\n",
    "calls": "f(a, *b, c=1, *d, **e)\nf(x for x in y)\ng((yield), await_, lambda *, k=1, **q: k)\n",
    "subscripts": "x[1], x[1:2], x[::3], x[a, b:c], x[(1, 2)], x[()], x[1,], x[(a), b]\n",
    "targets": "a, *b = c = [d, e] = f\ng.h[0]: int = 1\ni: 'j.k'\nl += 1\ndel m, n[0], (o, p)\n",
    "comparisons": "a < b <= c is not d not in e\nx = (a and b) and (c or d or e) if f else (g := h)\n",
    "loops": "for a, b in c:\n    break\nelse:\n    continue\nwhile d:\n    pass\n",
    "comprehensions": "[x async for x in y if x if z for q in x]\n",
    "with": "with a as b, c() as (d, e):\n    f\n",
    "async": "async def g():\n    async with h: await i\n    async for j in k: yield j\n",
    "try": "try:\n    a\nexcept (B, c.D) as e:\n    raise F from e\nexcept: raise\nelse:\n    pass\n",
    "finally": "try:\n    a\nfinally:\n    assert g, h\n",
    "parameters": "def f(a, /, b: int = 1, *, c, d=2, **e) -> 'x': return {**a, b: c}\n",
    "more parameters": "def g(*a: int, b): global c; c = {1, 2}\n",
    "imports": "from . import a\nfrom ..b import c as d, e\nimport f.g, h.i as j\n",
    "more imports": "from k import *\nfrom l import (  # m\n n,\n)\n",
    "Windows": 'def f():\r\n    """Doc.\r\n    """\r\n    x = "a\\\r\nb"\r\n    return x\r\n',
    "no end of line": "def f():\n    return 1  # one",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str) -> None:
    _compare(SHAPES[shape])


def test_the_standard_library() -> None:
    """Events, statements, places and imports of many files."""
    seen = 0
    for path in sorted(LIBRARY.glob("*.py"))[::9]:
        text = path.read_text("utf-8")
        if len(text) > 40_000:
            continue
        try:
            parse_light(text, {})
        except Unfit:
            continue
        _compare(text)
        seen += 1
    assert seen > 10


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    x = 1\n  y = 2\n",
        "print 'x'\n",
        "x = 1\ry = 2\n",
        "x = '\0'\n",
        "match a:\n    case b: pass\n",
        "if a: \\\n  b\n",
        "x[(a), (b)]\n",
        "f(*a, x[*b])\n",
        "x = " + "(" * 40 + "y" + ")" * 40 + ".z()" * 40 + "\n",
        "x = " + " or ".join("abc" * 20) + "\n",
        "x = f'{" + "-" * 40 + "y}'\n",
    ],
)
def test_what_is_left_to_libcst(text: str) -> None:
    with pytest.raises(Unfit):
        parse_light(text, {})


def test_a_syntax_that_this_python_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then libcst is asked, and knows it maybe."""
    text = "import tempfile\ndef f():\n    return tempfile.mktemp()\n"

    def refuse(*_: object) -> None:
        raise SyntaxError

    monkeypatch.setattr("tempsafe_lint.front.light.ast.parse", refuse)
    file = parse_parts(Source.from_text(text, "a.py"), ("mktemp",), ())
    assert _said(file) == _said(_whole(text))


def test_an_escape_that_means_nothing_warns_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parse_light("x = '\\d'\n", {})


def test_trees_that_are_unlike_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the two disagree where libcst is asked, no place is told: the engine reads such a file as a whole."""
    file = _light("x = f((a, b))\n")
    file.lower("<module>")
    monkeypatch.setattr(parsing._Tree, "_parsed", lambda self, text: libcst.parse_module("x = f(a)\n"))
    with pytest.raises(parsing.Unparsable):
        _places(file)
