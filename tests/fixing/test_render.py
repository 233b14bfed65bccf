"""Plans become minimal edits; what cannot be done without harm is withheld with a reason."""

from __future__ import annotations

import ast

import pytest

from tempsafe_lint.edits import apply
from tempsafe_lint.findings import Safety
from tempsafe_lint.fixing.render import Withheld, render
from tempsafe_lint.plans import Advice, DeleteStatement, ReplaceCallee
from tempsafe_lint.source import Span
from tests.fixing.by_hand import CALL, CALLEE, imports_of, marked, replace_callee, source_of

HEAD = "import tempfile\n"


def swapped(text: str, to: str = "tempsafe.mktemp", **plan: object) -> tuple[str, frozenset[str]]:
    fix = replace_callee(text, to, **plan)  # type: ignore[arg-type]
    return apply(marked(text)[0], fix.edits), fix.imports


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = «tempfile.mktemp»(dir=X)\n", "x = tempsafe.mktemp(dir=X)\n"),
        ("foo(«tempfile.mktemp»(), 1)\n", "foo(tempsafe.mktemp(), 1)\n"),
        ("a = b = «tempfile.mktemp»()\n", "a = b = tempsafe.mktemp()\n"),
        ("x: str = «tempfile.mktemp»(s + '.x')\n", "x: str = tempsafe.mktemp(s + '.x')\n"),
        ("y = map(«tempfile.mktemp», xs)\n", "y = map(tempsafe.mktemp, xs)\n"),
        ("if (p := «tempfile.mktemp»()): pass\n", "if (p := tempsafe.mktemp()): pass\n"),
        ("@d(«tempfile.mktemp»())\ndef f(): pass\n", "@d(tempsafe.mktemp())\ndef f(): pass\n"),
        ("x = f'{«tempfile.mktemp»()!r}'\n", "x = f'{tempsafe.mktemp()!r}'\n"),
        ("os.mkdir(«tempfile.mktemp»())\n", "os.mkdir(tempsafe.mktemp())\n"),
        (
            "x = «tempfile.mktemp»(  # one\n    # two\n    's',  # three\n)  # four\n",
            "x = tempsafe.mktemp(  # one\n    # two\n    's',  # three\n)  # four\n",
        ),
        ("x = («tempfile\n     .mktemp»())\n", "x = (tempsafe.mktemp())\n"),
        ("x = [a]if«(tempfile.mktemp)»else 2\n", "x = [a]if tempsafe.mktemp else 2\n"),
        ("def f(a=«tempfile.mktemp»): pass\n", "def f(a=tempsafe.mktemp): pass\n"),
        ("async def f(): await g(«tempfile.mktemp»())\n", "async def f(): await g(tempsafe.mktemp())\n"),
    ],
)
def test_only_the_callee_changes(before: str, after: str) -> None:
    assert swapped(HEAD + before) == (HEAD + after, frozenset({"tempsafe"}))


def test_a_comment_inside_the_callee_keeps_the_fix_away() -> None:
    with pytest.raises(Withheld, match="comment"):
        swapped(HEAD + "x = («tempfile  # why\n     .mktemp»())\n")


NTF = {"to": "tempsafe.NamedTemporaryFile", "arguments": (("delete", '"exit"'),), "positions": (("delete", 7),)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("«t.N»(delete=False)", 'tempsafe.NamedTemporaryFile(delete="exit")'),
        ("«t.N»('w', -1, None, None, '', '', None, False)", None),
        ("f'{«t.N»(delete=False).name}'", "f'{tempsafe.NamedTemporaryFile(delete=\"exit\").name}'"),
        ('f"{«t.N»(delete=False).name}"', "f\"{tempsafe.NamedTemporaryFile(delete='exit').name}\""),
        ('f"""{«t.N»(delete=False).name}"""', 'f"""{tempsafe.NamedTemporaryFile(delete=\'exit\').name}"""'),
    ],
)
def test_arguments_are_set_with_the_callee(before: str, after: str | None) -> None:
    if after is None:
        after = "tempsafe.NamedTemporaryFile('w', -1, None, None, '', '', None, \"exit\")"
    assert swapped(f"x = {before}\n", **NTF)[0] == f"x = {after}\n"


def test_quotes_that_no_f_string_can_hold_keep_the_fix_away() -> None:
    """Python 3.12 could hold them; older ones that the file may be for could not."""
    with pytest.raises(Withheld, match="f-string"):
        swapped("x = f\"{g['a'], «t.N»(delete=False)}\"\n", **NTF)


def test_a_reference_cannot_be_given_arguments() -> None:
    with pytest.raises(Withheld, match="not called here"):
        swapped("x = map(«t.N», y)\n", **NTF)


@pytest.mark.parametrize(
    ("head", "spelled", "needs"),
    [
        ("import tempfile\n", "tempsafe.mktemp", {"tempsafe"}),
        ("import tempsafe\n", "tempsafe.mktemp", {"tempsafe"}),
        ("import tempsafe as ts\n", "ts.mktemp", {"tempsafe as ts"}),
        ("from tempsafe import mktemp\n", "mktemp", set()),
        ("from tempsafe import mktemp as mk\n", "mk", set()),
        ("from tempsafe import mkstemp\n", "tempsafe.mktemp", {"tempsafe"}),
        ("from tempsafe import mktemp\nmktemp = 1\n", "tempsafe.mktemp", {"tempsafe"}),
        ("import tempsafe as ts\nts = 3\n", "tempsafe.mktemp", {"tempsafe"}),
        # The name is something else: a local, a parameter, a module variable, a class, another import.
        ("def g():\n    tempsafe = 1\n", "_tempsafe.mktemp", {"tempsafe as _tempsafe"}),
        ("def g(tempsafe): pass\n", "_tempsafe.mktemp", {"tempsafe as _tempsafe"}),
        ("tempsafe = 1\n", "_tempsafe.mktemp", {"tempsafe as _tempsafe"}),
        ("class tempsafe: pass\n", "_tempsafe.mktemp", {"tempsafe as _tempsafe"}),
        ("from x import tempsafe\n", "_tempsafe.mktemp", {"tempsafe as _tempsafe"}),
        ("tempsafe = _tempsafe = 1\n", "_tempsafe_2.mktemp", {"tempsafe as _tempsafe_2"}),
        # An import that may not have run when the fixed line runs is none.
        ("def g():\n    import tempsafe\n", "_tempsafe.mktemp", {"tempsafe as _tempsafe"}),
        ("try:\n    import tempsafe\nexcept ImportError:\n    pass\n", "_tempsafe.mktemp", {"tempsafe as _tempsafe"}),
        # A star import may bind the name if the file mentions it.
        ("from x import *\n", "tempsafe.mktemp", {"tempsafe"}),
        ("def g():\n    tempsafe: int\n", "_tempsafe.mktemp", {"tempsafe as _tempsafe"}),
        ("# tempsafe\n''' tempsafe '''\nx.tempsafe\n", "tempsafe.mktemp", {"tempsafe"}),
        ("from x import *\ntempsafe.run()\n", "_tempsafe.mktemp", {"tempsafe as _tempsafe"}),
    ],
)
def test_the_name_is_spelled_as_the_file_allows(head: str, spelled: str, needs: set[str]) -> None:
    assert swapped(f"{head}x = «t.mktemp»()\n") == (f"{head}x = {spelled}()\n", needs)


def test_an_import_below_the_use_is_not_relied_on() -> None:
    text = "x = «t.mktemp»()\nimport tempsafe as ts\n"
    assert swapped(text) == ("x = tempsafe.mktemp()\nimport tempsafe as ts\n", {"tempsafe"})


@pytest.mark.parametrize("path", ["tempsafe.py", "runtime/tempsafe/_names.py"])
def test_the_runtime_does_not_import_itself(path: str) -> None:
    with pytest.raises(Withheld, match="part of `tempsafe`"):
        replace_callee("x = «t.mktemp»()\n", path=path)


def test_a_dotted_module_is_imported_under_a_name_of_its_own() -> None:
    text = "x = «t.mktemp»()\n"
    assert swapped(text, "app._tempsafe.mktemp") == ("x = _tempsafe.mktemp()\n", {"app._tempsafe as _tempsafe"})
    head = "from app import _tempsafe\n"
    assert swapped(head + text, "app._tempsafe.mktemp")[0] == head + "x = _tempsafe.mktemp()\n"


def test_a_name_without_a_module_is_a_builtin_and_must_not_be_something_else() -> None:
    assert swapped("x = «io.open»(p)\n", "open") == ("x = open(p)\n", frozenset())
    with pytest.raises(Withheld, match="the name `open` is already something else in this file"):
        swapped("from os import open\nx = «io.open»(p)\n", "open")


def test_other_plans() -> None:
    text = "a()\nb()\n"
    source = source_of(text)
    fix = render(DeleteStatement(CALL, Safety.SAFE, "delete it"), source, {CALL: Span(4, 7)}, imports_of(source))
    assert (apply(text, fix.edits), fix.title, fix.safety, fix.imports) == (
        "a()\n",
        "delete it",
        Safety.SAFE,
        frozenset(),
    )
    advice = render(Advice("do it"), source, {}, imports_of(source))
    assert (advice.title, advice.safety, advice.edits) == ("do it", Safety.DISPLAY, ())


def test_offsets_are_code_points_after_a_cookie_and_wide_characters() -> None:
    text, place = marked("# coding: latin-1\nx = 'é'; y = «t.mktemp»('ü')\n")
    source = source_of(text, encoding="latin-1")
    plan = ReplaceCallee(CALLEE, "tempsafe.mktemp", Safety.SAFE, "use it")
    fix = render(plan, source, {CALLEE: place}, imports_of(source))
    assert apply(text, fix.edits) == "# coding: latin-1\nx = 'é'; y = tempsafe.mktemp('ü')\n"
    assert ast.parse(apply(text, fix.edits))
