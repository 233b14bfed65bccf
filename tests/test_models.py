"""The rows: they can be read, the generated needles are fresh, and no API is named where only rows may name it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tempsafe_lint
from tempsafe_lint.models.catalogue import builtin, policies, policy
from tempsafe_lint.models.generate import needle_pairs, needles, rendered
from tempsafe_lint.models.reader import ROW_KEYS, rows
from tempsafe_lint.models.schema import HANDLES, KINDS, ROLES, SECTIONS, SINKS, ModelError
from tempsafe_lint.models.written import all_aliases, all_rows, tables_of

PACKAGE = Path(tempsafe_lint.__file__).parent


@pytest.mark.parametrize("name", ["needles.py", "compiled.py"])
def test_what_is_generated_is_fresh(name: str) -> None:
    """What stands there is what the rows give."""
    fresh = (PACKAGE / "models" / name).read_text("utf-8") == rendered()[name]
    assert fresh, "run `python -m tempsafe_lint.models.generate`"


def test_compiled_rows_are_those_that_are_written() -> None:
    by_name = {row.name: row for row in builtin().all()}
    assert by_name == {row.name: row for row in all_rows()}
    assert builtin().aliases == all_aliases()
    assert {name: set(table) for name, table in policy().items()} == {
        name: set(table) for name, table in tables_of("policy.toml").items()
    }


def test_every_starter_has_a_needle() -> None:
    for row in builtin().starters:
        assert row.name.rpartition(".")[2] in {*needles(), *needle_pairs()[-1][0]}


def test_a_starter_that_is_imported_cannot_be_without_its_module() -> None:
    """However a module is imported, the text has what stands beside the needle; so it is for every re-export."""
    words, modules = needle_pairs()[-1]
    reexported = [(name, of) for name, of in all_aliases().items()]
    seen = 0
    for row in builtin().starters:
        owner, _, last = row.name.rpartition(".")
        if last not in words:
            continue
        seen += 1
        owners = [owner, *(name for name, of in reexported if of == owner)]
        assert all(any(part in other for part in modules) for other in owners), row.name
    assert seen > 10
    assert not {"mkstemp", "mkdtemp"} & set(words), "they are told by their name alone"


def test_shared_directories_have_needles() -> None:
    """A literal in a shared directory cannot be written without one of the needles."""
    for directory in policies().directories:
        for text in (directory, directory.replace("/", "\\")):
            if "/" in directory[:1] and "\\" in text:
                continue
            assert any(needle in text for needle in needles()), text


def test_no_api_is_named_outside_the_rows() -> None:
    """What flow, rules and fixing do must come from rows: a callable's name in their code is a special case."""
    modules = {row.name.split(".")[0] for row in builtin().all()} - {"any", "builtins", *HANDLES}
    modules -= {"re", "time", "copy", "select", "signal", "random"}  # words of everyday code
    named = re.compile(r"[\"'](?:" + "|".join(sorted(map(re.escape, modules))) + r")\.\w+")
    allowed = {'"os.sep', '"os.path.sep', '"os.path'}
    for folder in ("flow", "rules", "fixing"):
        for path in (PACKAGE / folder).rglob("*.py"):
            code = re.sub(r'r?""".*?"""', "", path.read_text("utf-8"), flags=re.DOTALL)
            found = [m.group() for m in named.finditer(code) if not m.group().startswith(tuple(allowed))]
            assert not found, (path.name, found)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"callabel": []}, "project: unknown table `callabel`, did you mean `callable`?"),
        ({"callable": [{"params": []}]}, "project: callable 1: needs `name`"),
        ({"callable": [{"name": "a.b", "retuns": []}]}, "project: `a.b`: unknown key `retuns`"),
        ({"callable": [{"name": "a.b", "params": ["x"], "args": {"x": "delets"}}]}, "did you mean `deletes`?"),
        ({"callable": [{"name": "a.b", "args": {"x": "takes"}}]}, "project: `a.b`: args.x is not in params"),
        ({"callable": [{"name": "a.b", "makes": ["fil"]}]}, "makes needs a kind of"),
        ({"method": [{"name": "thing.close"}]}, "must begin with one of"),
    ],
)
def test_a_wrong_row_names_file_and_key(table: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError) as raised:
        rows(table, "project")
    assert message in str(raised.value)


def test_the_documentation_names_every_word_of_a_row() -> None:
    page = (PACKAGE.parent / "docs" / "models.md").read_text("utf-8")
    for word in (*SECTIONS, *ROW_KEYS, *ROLES, *SINKS, *KINDS, *HANDLES):
        assert f"`{word}`" in page or f"`{word} = " in page, word
