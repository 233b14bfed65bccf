"""Every program that parses is lowered to a sound graph."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tempsafe_lint.front.parse import File, Unparsable, parse
from tempsafe_lint.ir import events as ev
from tempsafe_lint.source import Source
from tests.front.graphs import check
from tests.front.samples import EVERYTHING, sources


def _lowered(text: str) -> File:
    file = parse(Source.from_text(text, "case.py"))
    for name in file.functions:
        check(file.lower(name))
    return file


def test_the_standard_library() -> None:
    """Every function of a sample; TEMPSAFE_WHOLE_STDLIB takes all files, the library's own tests included."""
    lowered = refused = 0
    for source in sources(220, seed=31):
        try:
            file = parse(source)
        except Unparsable:
            refused += 1  # Python 2 for the tests of lib2to3, wrong syntax on purpose, `(x): int = 1`
            continue
        for name in file.functions:
            function = file.lower(name)
            check(function)
            assert not function.over_budget, (source.filename, name)
            lowered += 1
    assert lowered > 4000
    assert refused < (80 if EVERYTHING else 20)


WORDS = st.sampled_from(
    [
        *("x", "y", "None", "1", "'a'", "f'{x}'", "x.a", "x[0]", "x.a()", "f(x)", "f(*x, **y)", "(x, *y)"),
        *("(x:=1)", "lambda: x", "await x", "(yield x)", "x if y else z", "x and y or z", "not x", "-x", "x + y"),
        *("x < y < z", "[x for y in z if x]", "{x: y for x in y for y in x}", "{x: y, **x}"),
    ]
)
EXPRESSIONS = st.recursive(
    WORDS,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or", "+", "if x else", "in"]), inner)
        | st.builds("f({}, k={})".format, inner, inner)
    ),
    max_leaves=4,
)
SIMPLE = st.one_of(
    st.sampled_from(["pass", "return", "break", "continue", "raise", "return x", "global q", "x: int", "del x", "..."]),
    EXPRESSIONS,
    st.builds("x, (y, *z) = {}".format, EXPRESSIONS),
    st.builds("x.a = y[0] = {}".format, EXPRESSIONS),
    st.builds("x += {}".format, EXPRESSIONS),
    st.builds("assert {}".format, EXPRESSIONS),
)


def _indented(lines: list[str]) -> list[str]:
    return ["  " + line for line in lines]


def _compound(suites: tuple[list[str], ...]) -> st.SearchStrategy[list[str]]:
    a, b, c = (_indented(suite) for suite in suites)
    return st.sampled_from(
        [
            ["if x:", *a, "elif y:", *b, "else:", *c],
            ["while x:", *a, "else:", *b],
            ["while True:", *a],
            ["for x, y in z:", *a, "else:", *b],
            ["with f(x) as x, y as (z, w):", *a],
            ["try:", *a, "except E as e:", *b, "finally:", *c],
            ["try:", *a, "except:", *b, "else:", *c],
            ["try:", *a, "finally:", *b],
            ["try:", *a, "except* E:", *b],
            ["@x", "def f(x=y):", *a],
            ["class C(x):", *a],
            ["match x:", "  case [a, 1] if a:", *_indented(a), "  case {'k': C(b=c)} | None:", *_indented(b)],
        ]
    )


SUITES = st.recursive(
    st.lists(SIMPLE.map(lambda line: [line]), min_size=1, max_size=3).map(lambda found: [x for s in found for x in s]),
    lambda inner: st.tuples(inner, inner, inner).flatmap(_compound),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(SUITES)
def test_made_programs(lines: list[str]) -> None:
    """Programs of all statements inside of each other, also in places where Python would refuse them."""
    try:
        _lowered("\n".join(["async def g(x, y, z):", *_indented(lines)]) + "\n")
    except Unparsable:
        return


def test_hypothesmith() -> None:
    """Programs made from Python's grammar; they take long to make, so there are few."""
    hypothesmith = pytest.importorskip("hypothesmith")

    @settings(max_examples=1000 if EVERYTHING else 30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(hypothesmith.from_grammar())
    def made(text: str) -> None:
        try:
            _lowered(text)
        except Unparsable:
            return

    made()


DEEP = {
    "brackets": "x = " + "(" * 200 + "1" + ")" * 200,
    "lists": "x = " + "[" * 190 + "a" + "]" * 190,
    "calls in calls": "x = " + "f(" * 190 + "a" + ")" * 190,
    "calls and lambdas": "x = " + "f(lambda: " * 190 + "a" + ")" * 190,
    "conditions in brackets": "x = " + "a if (" * 190 + "b" + ") else c" * 190,
    "sums": "x = " + " + ".join(["a"] * 990),
    "products": "x = " + " * ".join(["a"] * 990),
    "powers": "x = " + " ** ".join(["a"] * 490),
    "ands": "x = " + " and ".join(["a"] * 990),
    "tested": "if " + " or ".join(["a"] * 990) + ": b",
    "comparisons": "x = " + " < ".join(["a"] * 990),
    "attributes": "x = a" + ".b" * 990,
    "attributes of a call": "x = a()" + ".b" * 980,
    "calls": "x = a" + "()" * 990,
    "methods": "x = a" + ".b()" * 490,
    "subscripts": "x = a" + "[0]" * 990,
    "nots": "x = " + "not " * 990 + "a",
    "signs": "x = " + "-" * 990 + "a",
    "lambdas": "x = " + "lambda: " * 990 + "a",
    "conditional": "x = " + "a if b else " * 490 + "c",
    "strings": "x = (" + "'a' " * 2900 + ")",
    "f-strings": "x = (" + "f'{a}' " * 900 + ")",
    "elifs": "if a:\n  b\n" + "elif a:\n  b\n" * 990,
    "indentation": "".join(" " * i + "if a:\n" for i in range(98)) + " " * 98 + "f()\n",
    "withs": "".join(" " * i + "with f() as a:\n" for i in range(98)) + " " * 98 + "f()\n",
    "finallys": "".join(" " * i + "try:\n" for i in range(90))
    + " " * 90
    + "f()\n"
    + "".join(" " * i + "finally:\n" + " " * (i + 1) + "g()\n" for i in range(89, -1, -1)),
    "comprehensions": "x = " + "[x for x in " * 190 + "y" + "]" * 190,
    "pattern": "match a:\n  case " + "[" * 14 + "x" + "]" * 14 + ": pass",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_but_allowed(name: str) -> None:
    """At the guard's limits nothing fails, in the front or in spans."""
    file = _lowered(DEEP[name] + "\n")
    sites = [e.site for n in file.functions for b in file.lower(n).blocks for e in b.events]
    assert len(file.spans(sites)) == len(set(sites))
    assert file.imports().imports == ()


TOO_DEEP = {
    "brackets": "'x = ' + '(' * 5000 + ')' * 5000",
    "unclosed": "'({[' * 3000",
    "lambdas": "'x = ' + 'lambda a, b: ' * 30000 + 'a'",
    "nots": "'x = ' + 'not ' * 50000 + 'a'",
    "attributes": "'x = a' + '.b' * 50000",
    "ands": "'x = ' + ' and '.join('a' * 50000)",
    "elifs": "'if a:\\n  b\\n' + 'elif a:\\n  b\\n' * 50000",
    "f-strings": "'x = f\"' + '{a:' * 20000 + '}' * 20000 + '\"'",
    "import": "'import ' + 'a.' * 50000 + 'a'",
    "strings": "'x = (' + '\"a\" ' * 50000 + ')'",
    "mapping patterns": "'match a:\\n  case ' + '{1: ' * 40 + 'x' + '}' * 40 + ': pass'",
}


@pytest.mark.parametrize("name", TOO_DEEP)
def test_too_deep_does_not_crash_the_process(name: str) -> None:
    """Such input ends in Unparsable; in a child, as a crash would take the test run with it."""
    program = (
        "from tempsafe_lint.front.parse import parse, Unparsable\n"
        "from tempsafe_lint.source import Source\n"
        f"text = {TOO_DEEP[name]}\n"
        "try:\n    parse(Source.from_text(text, 'deep.py'))\n"
        "except Unparsable as error:\n    print(error)\n"
    )
    root = Path(__file__).resolve().parent.parent.parent
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=root)
    assert "too deeply nested" in done.stdout, (done.returncode, done.stderr)


def test_copies_of_finally_have_a_budget() -> None:
    """A `finally` in each `finally` would be copied without end: the function is given up, and quickly."""
    lines = []
    for depth in range(12):
        lines += [" " * depth + "try: f()", " " * depth + "finally:"]
    text = "def f():\n" + "\n".join(" " + line for line in lines) + "\n" + " " * 14 + "g()\n"
    function = _lowered(text).lower("f")
    assert function.over_budget


def test_events_come_in_order_of_evaluation() -> None:
    """Arguments before the call, the receiver first of all."""
    file = _lowered("a(b(), c=d()).e(f(), *g())\n")
    calls = [e for b in file.lower("<module>").blocks for e in b.events if isinstance(e, ev.Call)]
    assert [e.func if isinstance(e.func, str) else e.callee for e in calls] == ["b", "d", "a", "f", "g", "%3.e"]


def test_statement_table() -> None:
    """Suites, positions, parents and parts."""
    text = "def f():\n  a\n  try:\n    b; c\n  except E:\n    d\n  finally:\n    if e: pass\n    elif g: return\n"
    rows = _lowered(text).lower("f").statements
    assert [(r.kind, r.suite, r.index, r.parent, r.part) for r in rows] == [
        ("expr", 0, 0, None, "body"),
        ("try", 0, 1, None, "body"),
        ("expr", 1, 0, 1, "body"),
        ("expr", 1, 1, 1, "body"),
        ("expr", 2, 0, 1, "handler0"),
        ("if", 3, 0, 1, "finalbody"),
        ("pass", 4, 0, 5, "body"),
        ("if", 5, 0, 5, "orelse"),
        ("return", 6, 0, 7, "body"),
    ]
