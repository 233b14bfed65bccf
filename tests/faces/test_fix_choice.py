"""Which fixes are applied, and with what: the settings and options that choose among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Program

DEFECT = "import tempfile\n\nx = tempfile.mktemp()\n"


@pytest.fixture
def defect(program: Program) -> Program:
    (program.folder / "a.py").write_text(DEFECT)
    return program


def _text(program: Program) -> str:
    return (program.folder / "a.py").read_text()


@pytest.mark.parametrize("option", [("--unfixable", "TMP2"), ("--fixable", "TMP4"), ("--unfixable", "mktemp")])
def test_a_rule_that_is_not_to_be_fixed(defect: Program, option: tuple[str, str]) -> None:
    result = defect("--fix", *option, "a.py")
    assert result.code == 1
    assert "= no fix: TMP201 is set not to be fixed" in result.out
    assert _text(defect) == DEFECT


def test_the_settings_say_the_same(defect: Program) -> None:
    (defect.folder / "pyproject.toml").write_text('[tool.tempsafe-lint]\nunfixable = ["TMP201"]\n')
    assert "no fix: TMP201 is set not to be fixed" in defect("--fix", "a.py").out
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
    result = defect("--fix", "--runtime", "stdlib", "a.py")
    assert result.code == 1
    assert "no fix: the standard library has nothing that does the same" in result.out
    assert _text(defect) == DEFECT


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
    for imported, call in spellings.items():
        (app / "a.py").write_text(f"{imported}\n\n\ndef f():\n    work = {call}\n    return len(work)\n")
        assert defect("src").out == "All checks passed!\n", "what it makes is gone with the process"
    fd = "from ._tempsafe import mkstemp\n\n\ndef f():\n    fd, path = mkstemp()\n    return len(path)\n"
    (app / "a.py").write_text(fd)
    assert "TMP403" in defect("src").out, "a descriptor is still the caller's"
