"""Rows that a project adds in its settings: what they change, in every face, and what a wrong one says."""

from __future__ import annotations

import datetime
import sys
from typing import TYPE_CHECKING

import pytest

from tempsafe_lint.configuration import ConfigError
from tempsafe_lint.configuration.keys import folded
from tempsafe_lint.configuration.tables import read
from tempsafe_lint.engine import lint
from tempsafe_lint.models.catalogue import layered
from tempsafe_lint.models.needles import IMPORTED
from tempsafe_lint.models.project import Packed, needles, pack
from tempsafe_lint.models.schema import ModelError
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

ROWS = """
[tool.tempsafe-lint]

[[tool.tempsafe-lint.callable]]
name = "myproj.tmp.make_scratch"
params = ["label"]
makes = ["dir"]

[[tool.tempsafe-lint.callable]]
name = "myproj.tmp.finish"
params = ["path"]
args = { path = "deletes" }

[[tool.tempsafe-lint.callable]]
name = "myproj.jobs.submit"
params = ["path"]
args = { path = "takes" }

[[tool.tempsafe-lint.alias]]
name = "myproj.compat"
of = "tempfile"
"""

#: Nothing in it is a needle of the built-in rows.
USES = """\
from myproj import jobs, tmp


def leaks(build):
    path = tmp.make_scratch("a")
    build(len(path))


def removes():
    path = tmp.make_scratch("a")
    tmp.finish(path)


def hands_over():
    path = tmp.make_scratch("a")
    jobs.submit(path)
"""
LEAK = "src/myproj/app.py:5:12: TMP402 the directory that `myproj.tmp.make_scratch` makes is never removed"


@pytest.fixture
def project(program: Program) -> Program:
    folder = program.folder / "src" / "myproj"
    folder.mkdir(parents=True)
    (program.folder / "pyproject.toml").write_text(ROWS)
    (folder / "app.py").write_text(USES)
    return program


def test_a_project_says_what_its_own_functions_do(project: Program) -> None:
    result = project("--output-format", "concise", "-q", "src")
    assert (result.lines, result.code) == ([LEAK], 1)
    assert project("--output-format", "concise", "-q", "--isolated", "src").code == 0


def test_flake8_knows_the_rows_too(project: Program) -> None:
    flake8 = project.command(sys.executable, "-m", "flake8")
    assert flake8("--select", "TMP", "src").lines == [LEAK]


def test_workers_know_the_rows_too(project: Program) -> None:
    for number in range(70):
        (project.folder / "src" / f"app{number}.py").write_text(USES)
    lines = project("--output-format", "concise", "-q", "--jobs", "2", "src").lines
    assert len(lines) == 71
    assert all("TMP402" in line for line in lines)


def packed(tables: dict[str, object]) -> Packed:
    return tuple(row for section, raw in tables.items() for row in pack(section, raw))


def found(code: str, path: str, tables: dict[str, object]) -> list[tuple[int, str]]:
    report = lint(Source.from_text(code, path, path=path), Settings(rows=packed(tables)))
    return [(finding.region.row, finding.code) for finding in report.findings]


MAKER = {"callable": [{"name": "myproj.tmp.make_scratch", "makes": ["dir"]}]}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/myproj/app.py", "from .tmp import make_scratch"),
        ("myproj/app.py", "from .tmp import make_scratch"),
        ("myproj/__init__.py", "from .tmp import make_scratch"),
        ("src/myproj/sub/app.py", "from ..tmp import make_scratch"),
        ("tools/app.py", "from myproj.tmp import make_scratch"),
    ],
)
def test_relative_imports_are_the_projects_own(path: str, line: str) -> None:
    assert found(f"{line}\nlen(make_scratch())\n", path, MAKER) == [(2, "TMP402")]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/other/app.py", "from .tmp import make_scratch"),
        ("src/myproj/app.py", "from ..tmp import make_scratch"),
        ("src/myproj/sub/app.py", "from .tmp import make_scratch"),
        ("app.py", "from .tmp import make_scratch"),
        ("app.py", "from .....tmp import make_scratch"),
    ],
)
def test_what_is_imported_from_elsewhere_is_not(path: str, line: str) -> None:
    assert found(f"{line}\nlen(make_scratch())\n", path, MAKER) == []


def test_a_projects_row_wins_over_a_built_in_one() -> None:
    code = "import tempfile\nlen(tempfile.mkdtemp())\n"
    assert found(code, "a.py", {}) == [(2, "TMP402")]
    assert found(code, "a.py", {"callable": [{"name": "tempfile.mkdtemp"}]}) == []


def test_a_re_export_is_what_it_stands_for() -> None:
    code = "from myproj import compat\nlen(compat.mkdtemp())\n"
    assert found(code, "a.py", {}) == []
    assert found(code, "a.py", {"alias": [{"name": "myproj.compat", "of": "tempfile"}]}) == [(2, "TMP402")]
    code = "import myproj\nlen(myproj.folder())\n"
    assert found(code, "a.py", {"alias": [{"name": "myproj.folder", "of": "tempfile.mkdtemp"}]}) == [(2, "TMP402")]


def test_a_module_that_stands_for_another_needs_no_other_word() -> None:
    code = "from myproj import temp\ntemp.mktemp()\n"
    assert found(code, "a.py", {}) == []
    assert found(code, "a.py", {"alias": [{"name": "myproj.temp", "of": "tempfile"}]}) == [(2, "TMP201")]


def test_only_what_can_start_a_finding_is_a_needle() -> None:
    given = packed(
        {
            "callable": [
                {"name": "p.make", "params": ["keep"], "case": [{"when": {"keep": True}, "makes": ["dir"]}]},
                {"name": "p.root", "text": "temp-root"},
                {"name": "p.close", "params": ["fd"], "args": {"fd": "closes"}},
            ],
            "alias": [{"name": "q.made", "of": "p.make"}, {"name": "q.temp", "of": "tempfile"}],
        }
    )
    own = {"made", "make", "root"}
    assert set(needles(given)) == own | set(IMPORTED), "`from q import temp` names no module that has `mktemp`"
    assert needles(given[:3]) == ("make", "root")
    assert set(needles((), "myproj._temps")) == set(IMPORTED)
    assert layered(given).get("p.close") is not None


def test_later_tables_go_over_earlier_ones() -> None:
    both = (*packed(MAKER), *packed({"callable": [{"name": "myproj.tmp.make_scratch", "makes": ["file"]}]}))
    row = layered(both).get("myproj.tmp.make_scratch")
    assert row is not None
    assert row.makes[0].kind == "file"
    assert needles(both) == ("make_scratch",)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("mkes = ['dir']", "pyproject.toml:3: `a.b`: unknown key `mkes`, did you mean `makes`?"),
        ("makes = ['directory']", "pyproject.toml:3: `a.b`: makes needs a kind of fd, file, "),
        ("makes = [{ kind = 'fd', index = true }]", "pyproject.toml:3: `a.b`: makes: `index` must be a number"),
        ("params = 'path'", "pyproject.toml:3: `a.b`: `params` must be a list"),
        ("params = [1]", "pyproject.toml:3: `a.b`: `params` must be a list of strings"),
        ("raises = 'no'", "pyproject.toml:3: `a.b`: `raises` must be true or false"),
        ("args = { path = 'takes' }", "pyproject.toml:3: `a.b`: args.path is not in params"),
        ("args = { '*' = 3 }", "pyproject.toml:3: `a.b`: args.*: must be a role or a table"),
        ("args = { '*' = { sink = 'opn' } }", "pyproject.toml:3: `a.b`: args.*: unknown sink `opn`, did you mean "),
        ("case = ['x']", "pyproject.toml:3: `a.b`: case: must be tables"),
        ("gives = 'thing'", "pyproject.toml:3: `a.b`: gives must be one of fd, path, "),
        ("opens = 'r'", "pyproject.toml:3: `a.b`: opens needs a parameter `mode` in params"),
        ("case = [{ when = { x = 2026-01-01 } }]", "pyproject.toml:3: `a.b`: case: `x` is not in params"),
    ],
)
def test_a_wrong_row_is_one_line_with_its_place(tmp_path: Path, row: str, complaint: str) -> None:
    assert complained(tmp_path, f"[[tool.tempsafe-lint.callable]]\nname = 'a.b'\n{row}\n").startswith(complaint)


def complained(folder: Path, text: str) -> str:
    path = folder / "pyproject.toml"
    path.write_text(text)
    table = read(str(path), required=True)
    assert table is not None
    with pytest.raises(ConfigError) as raised:
        folded([table])
    return str(raised.value).rpartition("/")[2]


def test_the_program_stops_at_a_wrong_row(project: Program) -> None:
    (project.folder / "pyproject.toml").write_text(ROWS.replace("makes = ", "mkes = "))
    said = "pyproject.toml:7: `myproj.tmp.make_scratch`: unknown key `mkes`, did you mean `makes`?"
    result = project("src")
    assert (result.err, result.out, result.code) == (f"error: {said}\n", "", 2)
    flake8 = project.command(sys.executable, "-m", "flake8")
    assert flake8("--select", "TMP", "src").lines == [f"src/myproj/app.py:1:1: TMP999 {said}"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[tool.tempsafe-lint.callabel]]\n", "pyproject.toml:1: unknown setting `callabel`; did you mean `callable`?"),
        (
            "[tool.tempsafe-lint.callable]\n",
            "pyproject.toml:1: `callable` must be tables, each headed ",
        ),
        ("[[tool.tempsafe-lint.method]]\nname = 'a.b'\n", "pyproject.toml:2: method 1: `a.b` must begin with one of "),
        ("[[tool.tempsafe-lint.callable]]\nname = 'b'\n", "pyproject.toml:1: callable 1: needs `name` (a dotted name)"),
        ("[[tool.tempsafe-lint.alias]]\nname = 'b'\n", "pyproject.toml:1: alias 1: needs `name` and `of`, two dotted"),
    ],
)
def test_a_wrong_table_is_one_line_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    assert complained(tmp_path, text).startswith(complaint)


def test_a_value_that_is_no_text_is_refused() -> None:
    day = datetime.date(2026, 1, 1)
    row = {"name": "a.b", "params": ["x"], "case": [{"when": {"x": day}}]}
    with pytest.raises(ModelError, match="a row of `callable` has a value"):
        pack("callable", [row])
