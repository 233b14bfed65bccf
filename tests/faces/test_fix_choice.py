"""Which fixes are applied, and with what: the settings and options that choose among them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Result
from tests.faces.forked import Forked

if TYPE_CHECKING:
    from tests.conftest import Program

ROOT = Path(__file__).resolve().parent.parent.parent

DEFECT = "import tempfile\n\nx = tempfile.mktemp()\n"


@pytest.fixture
def defect(program: Program) -> Program:
    (program.folder / "a.py").write_text(DEFECT)
    return Forked(program.environment, program.folder)


def _text(program: Program) -> str:
    return (program.folder / "a.py").read_text()


@pytest.mark.parametrize("option", [("--unfixable", "mktemp"), ("--fixable", "TMP4")])
def test_a_rule_that_is_not_to_be_fixed(defect: Program, option: tuple[str, str]) -> None:
    result = defect("--fix", *option, "a.py")
    assert result.code == 1
    assert "= no fix: TMP201 is set not to be fixed" in result.out
    assert _text(defect) == DEFECT


def test_the_settings_say_the_same(defect: Program) -> None:
    (defect.folder / "pyproject.toml").write_text('[tool.tempsafe-lint]\nunfixable = ["TMP201"]\n')
    result = defect("--diff", "a.py")
    assert (result.code, result.out) == (0, "")
    assert defect("--fix", "--unfixable", "TMP402", "a.py").code == 0, "the command line goes over the settings"


def test_an_unknown_rule_is_named(defect: Program) -> None:
    result = defect("--fix", "--unfixable", "TMP299")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: command line: unknown rule `TMP299` in `--unfixable`; did you mean `TMP")


def test_safe_fixes_can_count_as_unsafe_and_back(defect: Program) -> None:
    config = defect.folder / "pyproject.toml"
    config.write_text('[tool.tempsafe-lint]\nextend-unsafe-fixes = ["TMP201"]\n')
    assert defect("--fix", "a.py").lines[-1] == "No safe fixes (1 more with `--unsafe-fixes`)."
    assert _text(defect) == DEFECT
    config.write_text('[tool.tempsafe-lint]\nextend-unsafe-fixes = ["TMP201"]\nextend-safe-fixes = ["ALL"]\n')
    assert defect("--fix", "a.py").code == 1, "unsafe goes over safe"
    path = "def f(use):\n    import tempfile\n\n    work = tempfile.mkdtemp()\n    use(work)\n"
    (defect.folder / "a.py").write_text(path)
    config.write_text("[tool.tempsafe-lint]\n")
    assert defect("a.py").lines[-1] == "No safe fixes (1 more with `--unsafe-fixes`)."
    config.write_text('[tool.tempsafe-lint]\nextend-safe-fixes = ["leaked-dir"]\n')
    assert defect("--fix", "a.py").code == 0
    assert "tempsafe.mkdtemp()" in _text(defect)


def test_the_standard_library_alone(defect: Program) -> None:
    """What it can express is fixed with it, the rest is withheld with the reason."""
    (defect.folder / "a.py").write_text(
        "import shutil\nimport tempfile\n\n\ndef f():\n    work = tempfile.mkdtemp()\n    build(work)\n"
        "    shutil.rmtree(work)\n\n\nx = tempfile.mktemp()\n"
    )
    result = defect("--fix", "--unsafe-fixes", "--runtime", "stdlib", "a.py")
    assert result.code == 1
    assert "no fix: the standard library has nothing that does the same" in result.out
    assert _text(defect) == (
        "import tempfile\n\n\ndef f():\n    with tempfile.TemporaryDirectory() as work:\n"
        "        build(work)\n\n\nx = tempfile.mktemp()\n"
    )


def test_a_copy_inside_the_project(defect: Program) -> None:
    """Fixes import the copy, and its calls are known as the runtime's, however they are imported."""
    (defect.folder / "pyproject.toml").write_text(
        '[tool.tempsafe-lint]\nruntime = "vendored"\nruntime-import = "app._tempsafe"\n'
    )
    app = defect.folder / "src" / "app"
    app.mkdir(parents=True)
    (app / "a.py").write_text(DEFECT)
    nothing = defect("--diff", "src")
    why = "there is no module `app._tempsafe` in the project: `tempsafe-lint vendor` makes one"
    assert (nothing.out, nothing.err) == ("", f"note: src/app/a.py: not fixed with the runtime: {why}\n")
    (app / "_tempsafe").mkdir()
    (app / "_tempsafe" / "__init__.py").touch()
    result = defect("--diff", "src")
    assert "+import app._tempsafe as _tempsafe\n" in result.out
    assert "+x = _tempsafe.mktemp(delete=False)\n" in result.out
    spellings = {
        "import app._tempsafe as t": "t.mkdtemp()",
        "from app import _tempsafe": "_tempsafe.mkdtemp()",
        "from app._tempsafe import mkdtemp": "mkdtemp()",
        "from . import _tempsafe": "_tempsafe.mkdtemp()",
        "from ._tempsafe import mkdtemp": "mkdtemp()",
    }
    for number, (imported, call) in enumerate(spellings.items()):
        (app / f"s{number}.py").write_text(f"{imported}\n\n\ndef f():\n    work = {call}\n    return len(work)\n")
    fd = "from ._tempsafe import mkstemp\n\n\ndef f():\n    fd, path = mkstemp()\n    return len(path)\n"
    (app / "a.py").write_text(fd)
    found = defect("--output-format", "concise", "src").lines
    assert [line.split()[:2] for line in found if "TMP" in line] == [["src/app/a.py:5:16:", "TMP403"]], (
        "a descriptor is still its"
    )


@pytest.mark.parametrize(("requires", "allowed"), [(">=3.12", True), (">=3.9", False)])
def test_the_lowest_python_decides_what_a_fix_may_use(defect: Program, requires: str, allowed: bool) -> None:
    (defect.folder / "pyproject.toml").write_text(f'[project]\nname = "x"\nrequires-python = "{requires}"\n')
    (defect.folder / "a.py").write_text(
        "import subprocess\nimport tempfile\n\nwith tempfile.NamedTemporaryFile() as f:\n"
        '    subprocess.run(["cat", f.name])\n'
    )
    result = defect("--select", "TMP502", "--runtime", "stdlib", "a.py")
    assert "TMP502" in result.out
    assert ("`delete_on_close=False`" in result.out) is allowed


def test_a_project_for_an_older_python_than_the_runtime(defect: Program) -> None:
    (defect.folder / "pyproject.toml").write_text('[project]\nname = "x"\nrequires-python = ">=3.8"\n')
    result = defect("--fix", "a.py")
    assert result.code == 1
    assert "= no fix: the runtime needs Python 3.9, and the project runs on 3.8, too\n" in result.out
    assert _text(defect) == DEFECT


def test_what_is_fixed_runs_and_pleases_ruff(program: Program) -> None:
    """The tour after both kinds of fixes: imported with every warning an error, and no import unused, missing or out
    of order."""
    for path in (ROOT / "tour").glob("*.py"):
        shutil.copy(path, program.folder / path.name)
    before = {path.name: path.read_text() for path in program.folder.glob("*.py")}
    assert program("--fix", "--unsafe-fixes", "--fix-only", "--no-add-dependency", "-q").code == 0
    fixed = [path for path in program.folder.glob("*.py") if path.read_text() != before[path.name]]
    assert len(fixed) >= 3
    names = ", ".join(path.stem for path in fixed)
    python = program.command(sys.executable, "-W", "error", "-X", "dev", "-c")
    runtime = os.pathsep.join([str(program.folder), str(ROOT / "runtime")])
    assert python(f"import {names}", PYTHONPATH=runtime) == Result(0, "", "")
    ruff = program.command(sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E9,F,I", "--quiet")
    assert ruff(*fixed) == Result(0, "", "")
