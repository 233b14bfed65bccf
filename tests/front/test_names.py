"""What names resolve to, and the table of imports that fixes read."""

from __future__ import annotations

import pytest

from tempsafe_lint.front.parse import parse
from tempsafe_lint.ir import events as ev
from tempsafe_lint.plans import ImportTable
from tempsafe_lint.source import Source


def _last_callee(text: str) -> str | None:
    """What the last call of the file calls."""
    file = parse(Source.from_text(text, "case.py"))
    calls = [e for n in file.functions for b in file.lower(n).blocks for e in b.events if isinstance(e, ev.Call)]
    return calls[-1].callee


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import tempfile\ntempfile.mktemp()", "tempfile.mktemp"),
        ("import tempfile as t\nt.mktemp()", "tempfile.mktemp"),
        ("import os.path\nos.path.join()", "os.path.join"),
        ("import os.path as p\np.join()", "os.path.join"),
        ("from os import path as p\np.join()", "os.path.join"),
        ("from . import a\na.b()", "..a.b"),
        ("from ..x.y import a\na()", "...x.y.a"),
        ("from os import *\nremove()", "os.remove"),
        ("from os import *\nfrom a import *\nremove()", None),
        ("from os import *\nopen()", "builtins.open"),
        ("import tempfile\nmk = tempfile.mktemp\nmk()", "tempfile.mktemp"),
        ("import os\nj = os.path\nk = j.join\ndef f(): k()", "os.path.join"),
        ("import tempfile\nmk = tempfile.mktemp\nmk = 1\nmk()", None),
        ("import tempfile\nmk = tempfile.mktemp\ndef f():\n global mk\n mk = 1\nmk()", None),
        ("a = b\nb = a\na()", None),
        ("import a\nclass C:\n a = 1\n def f(self): a()", "a"),
        ("import a\ndef f(a): a()", None),
        ("import a\ndef f():\n for a in x: pass\n def g(): a()", None),
        ("import a\ndef f():\n a = 1\n def g():\n  global a\n  a()", "a"),
        ("import a\n[a for a in x]\na()", "a"),
        ("import a\nif (a := 1): pass\na()", None),
        ("import a\ntry: pass\nexcept E as a: pass\na()", None),
        ("if TYPE_CHECKING:\n from x import a\nelse:\n from os import a\na()", "os.a"),
        ("try:\n from x import a\nexcept ImportError:\n from y import a\na()", "x.a"),
        ("try:\n import a\nexcept ImportError:\n a = None\na.b()", "a.b"),
        ("try:\n from os import a\nexcept ImportError:\n def a(): pass\na()", "os.a"),
        ("def f():\n import a\n a.b()", "a.b"),
        ("def f():\n import a\ndef g(): a.b()", None),
        ("def f(): pass\nf = deco(f)\nf()", None),
        ("class C:\n class D:\n  def m(): pass\nC.D.m()", ".C.D.m"),
        ("class C: pass\nC()", ".C"),
        ("print()", "builtins.print"),
        ("undefined()", None),
        ("__import__('a')", "builtins.__import__"),
    ],
)
def test_resolution(text: str, expected: str | None) -> None:
    """Imports, aliases, shadowing, fallbacks, own definitions, built-ins."""
    assert _last_callee(text + "\n") == expected


def _table(text: str) -> ImportTable:
    return parse(Source.from_text(text, "case.py")).imports()


def test_import_table() -> None:
    """Spans of statements and names, how many names, how often they are used, whether at top level."""
    text = "import os, sys as s  # c\nif x:\n    from a.b import (c,\n        d as e)\nos.c(e, os)\n"
    found = _table(text).imports
    assert [(i.name, i.dotted, i.count, i.uses, i.top) for i in found] == [
        ("os", "os", 2, 2, True),
        ("s", "sys", 2, 0, True),
        ("c", "a.b.c", 2, 0, False),
        ("e", "a.b.d", 2, 1, False),
    ]
    assert [text[i.statement.start : i.statement.end] for i in found[1:3]] == [
        "import os, sys as s",
        "from a.b import (c,\n        d as e)",
    ]
    assert [text[i.alias.start : i.alias.end] for i in found] == ["os", "sys as s", "c", "d as e"]


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("def f():\n    import os\ndef g():\n    import os\n    os.g()\n", [0, 1]),
        ("import os\nos.g()\ndef f():\n    import os\n", [1, 0]),
        ("def f():\n    import os\n    return lambda: [os for _ in x]\n", [1]),
        ("def f():\n    global os\n    import os\ndef g():\n    os.g()\n", [2]),  # `global` is one
        ("def f():\n    import os\n    def g(x: os.P): pass\n", [1]),
        ("class C:\n    import os\n    def g(self): os.g()\n", [1]),
    ],
)
def test_uses_of_an_import_of_a_function_are_those_in_it(text: str, uses: list[int]) -> None:
    assert [i.uses for i in _table(text).imports] == uses


def test_uses() -> None:
    """Annotations, strings in them and `__all__` count; attributes and keywords do not."""
    text = """
import a, b, c, d, e, f
__all__ = ["a"]
def g(x: "b.X", y: c = 1) -> 'list["d"]': pass
z.e(f=1)
"""
    assert {i.name: i.uses for i in _table(text).imports} == {"a": 1, "b": 1, "c": 1, "d": 1, "e": 0, "f": 0}


def test_bound_and_stars() -> None:
    """Names bound by anything but an import, anywhere."""
    table = _table("from os import *\nimport a\ndef f(x):\n  y = [z for z in x]\nclass C: w = 1\n")
    assert table.bound == {"f", "x", "y", "z", "C", "w"}
    assert table.stars == ("os",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("|import a\n", "import a\n"),
        ('"""doc"""\n\nfrom __future__ import x\n\n|import a\nimport b\n', None),
        ('# head\n"""doc"""  # c\n|x = 1\n', None),
        ("#!/bin/sh\n# coding: utf-8\n|\nx = 1\n", None),
        ("from __future__ import x\n|", None),
        ("|x = 1\n", None),
        ("x = 1\n|import a\n", None),
        ("|", None),
        ("if x:\n  import a\n|import b\n", None),
        ("'doc'; import a\n|x\n", None),
    ],
)
def test_insert_at(text: str, expected: str | None) -> None:
    """At the first import that is not `__future__`, else behind docstring, `__future__` and head comments."""
    assert _table(text.replace("|", "")).insert_at == text.index("|")
