"""The first fix that needs the runtime declares it in the same go, or says what to install: never a half."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Program
from tests.faces.forked import Forked
from tests.faces.test_fix import posix

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Result

DEFECT = "import tempfile\n\nx = tempfile.mktemp()\n"
MENDED = "import tempsafe\n\nx = tempsafe.mktemp(delete=False)\n"
PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["requests"]  # few\n'
DECLARED = '[project]\nname = "x"\nversion = "1"\ndependencies = ["requests", "tempsafe>=0.1.0"]  # few\n'
INSTALL = "note: the fixed code needs `tempsafe>=0.1.0`: python -m pip install 'tempsafe>=0.1.0'"


@pytest.fixture
def project(program: Program) -> Program:
    """A repository with a package in it."""
    (program.folder / ".git").mkdir()
    (program.folder / "pyproject.toml").write_text(PROJECT)
    _write(program.folder / "src" / "app" / "a.py", DEFECT)
    return Forked(program.environment, program.folder)


@pytest.fixture
def installed(project: Program) -> Program:
    """The same by the installed program."""
    return Program(project.environment, project.folder)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _code(program: Program) -> str:
    return (program.folder / "src" / "app" / "a.py").read_text()


def _manifest(program: Program) -> str:
    return (program.folder / "pyproject.toml").read_text()


def test_it_is_declared_once_and_said(project: Program, installed: Program) -> None:
    _write(project.folder / "src" / "app" / "b.py", DEFECT)
    result = installed("--fix")
    assert (result.code, result.out) == (0, "Found 2 errors (2 fixed, 0 remaining).\n")
    assert result.err == "note: declared `tempsafe>=0.1.0` in pyproject.toml\n"
    assert (_code(project), _manifest(project)) == (MENDED, DECLARED)
    _write(project.folder / "src" / "app" / "c.py", DEFECT)
    again = project("--fix")
    assert (again.code, again.err, _manifest(project)) == (0, "", DECLARED)


def test_the_patch_has_both(project: Program, installed: Program) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("needs git")
    shutil.rmtree(project.folder / ".git")
    subprocess.run([git, "init", "--quiet"], cwd=project.folder, env=project.environment, check=True)
    patch = installed.raw("--diff")
    assert (_code(project), _manifest(project)) == (DEFECT, PROJECT)
    subprocess.run([git, "apply", "-"], input=patch.stdout, cwd=project.folder, env=project.environment, check=True)
    assert (_code(project), _manifest(project)) == (MENDED, DECLARED)
    inner = Forked(project.environment, project.folder / "src")
    _write(project.folder / "pyproject.toml", PROJECT)
    _write(project.folder / "src" / "app" / "a.py", DEFECT)
    said = inner("--diff").err.splitlines()[0]
    assert said == f"note: not in this patch, since it is not below this folder: {project.folder / 'pyproject.toml'}"


def test_the_nearest_manifest_counts_and_none_above_the_repository(project: Program) -> None:
    inner = project.folder / "packages" / "one"
    _write(inner / "setup.cfg", "[options]\ninstall_requires =\n    six\n")
    _write(inner / "one" / "a.py", DEFECT)
    _write(project.folder / "packages" / "two" / "requirements.in", "six\n")
    _write(project.folder / "packages" / "two" / "requirements.txt", "six==1.0\n")
    _write(project.folder / "packages" / "two" / "a.py", DEFECT)
    _write(project.folder / "packages" / "three" / ".git" / "HEAD", "")
    _write(project.folder / "packages" / "three" / "a.py", DEFECT)
    result = project("--fix", "packages")
    assert result.err.splitlines() == [
        "note: declared `tempsafe>=0.1.0` in packages/one/setup.cfg",
        "note: declared `tempsafe>=0.1.0` in packages/two/requirements.in; "
        "`pip-compile` brings its lock file up to date",
        INSTALL,
    ]
    assert (inner / "setup.cfg").read_text() == "[options]\ninstall_requires =\n    six\n    tempsafe>=0.1.0\n"
    assert (project.folder / "packages" / "two" / "requirements.txt").read_text() == "six==1.0\n"
    assert _manifest(project) == PROJECT


def test_production_code_decides_for_test_code(project: Program) -> None:
    """The group for tests has it if nothing but tests needs it."""
    grouped = PROJECT + '[dependency-groups]\ntest = ["pytest"]\n'
    _write(project.folder / "pyproject.toml", grouped)
    tests = _write(project.folder / "tests" / "test_a.py", DEFECT)
    assert project("--fix", "tests").code == 0
    assert _manifest(project) == grouped.replace('["pytest"]', '["pytest", "tempsafe>=0.1.0"]')
    _write(project.folder / "pyproject.toml", grouped)
    tests.write_text(DEFECT)
    assert project("--fix", "tests", "src").code == 0
    assert _manifest(project) == DECLARED + '[dependency-groups]\ntest = ["pytest"]\n'


def test_a_script_says_it_in_its_header(project: Program) -> None:
    head = "# /// script\n# dependencies = []\n# ///\n\n"
    path = _write(project.folder / "tool.py", head + DEFECT)
    assert project("--fix", "tool.py").err == ""
    assert path.read_text() == head.replace("[]", '["tempsafe>=0.1.0"]') + MENDED
    assert _manifest(project) == PROJECT
    done = project("--fix", "--stdin-filename", "tool.py", "-", stdin=head + DEFECT)
    assert done.out == path.read_text()


def test_where_it_is_elsewhere_or_nowhere_the_summary_says_what_to_install(project: Program) -> None:
    (project.folder / "pyproject.toml").write_text("[tool.x]\n")
    _write(project.folder / "setup.py", "from setuptools import setup\nsetup(install_requires=['six'])\n")
    result = project("--fix")
    assert (result.code, result.err) == (0, f"{INSTALL} (setup.py: its dependencies are given in code)\n")
    assert _code(project) == MENDED


def test_the_manifest_may_be_left_alone_on_request(project: Program) -> None:
    result = project("--fix", "--no-add-dependency")
    assert (result.code, result.err) == (0, f"{INSTALL}\n")
    assert (_code(project), _manifest(project)) == (MENDED, PROJECT)


def test_standard_input_changes_no_project(project: Program, installed: Program) -> None:
    """Only the source is on standard output."""
    result = installed("--fix", "--stdin-filename", "src/app/a.py", "-", stdin=DEFECT)
    assert (result.code, result.out) == (0, MENDED)
    assert result.err.splitlines() == [INSTALL, "Found 1 error (1 fixed, 0 remaining)."]
    assert _manifest(project) == PROJECT


def test_the_requirement_is_a_setting(project: Program) -> None:
    setting = "runtime-requirement = 'tempsafe[x] >= 0.1 ; python_version > \"3\"'"
    project("--fix", "--config", setting)
    assert 'dependencies = ["requests", "tempsafe[x] >= 0.1 ; python_version > \\"3\\""]  # few\n' in _manifest(project)
    wrong = project("--fix", "--config", "runtime-requirement = '>=1'")
    assert (wrong.code, wrong.err) == (
        2,
        'error: --config: `runtime-requirement` must be a requirement like "tempsafe>=0.1"\n',
    )


def _withheld(result: Result, why: str) -> bool:
    return f"= no fix: it needs `tempsafe>=0.1.0`, which cannot be declared in {why}" in result.out


@posix
def test_a_manifest_that_cannot_be_written_holds_the_fixes_back(project: Program) -> None:
    (project.folder / "pyproject.toml").chmod(0o444)
    safe = "import os\nimport tempfile\n\nfd, path = tempfile.mkstemp()\nwith os.fdopen(fd) as f:\n    pass\n"
    safe += "os.close(fd)\nos.remove(path)\n"
    other = _write(project.folder / "src" / "app" / "b.py", safe)
    result = project("--fix")
    assert result.err.splitlines()[0] == "error: pyproject.toml: not changed: it is read-only"
    assert result.code == 2
    assert _withheld(result, "pyproject.toml: it is read-only")
    assert (_code(project), _manifest(project)) == (DEFECT, PROJECT)
    assert "os.close(fd)" not in other.read_text(), "a fix that does not need it is applied"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("pyproject.toml", "[project\n", "it is not valid TOML"),
        ("requirements.txt", "\xff", "it is not UTF-8"),
    ],
)
def test_a_manifest_that_cannot_be_edited_holds_the_fixes_back(
    project: Program, name: str, text: str, why: str
) -> None:
    (project.folder / "pyproject.toml").unlink()
    (project.folder / name).write_text(text, "latin-1")
    result = project("--fix")
    assert result.code == 1
    assert _withheld(result, f"{name}: {why}")
    assert _code(project) == DEFECT
    assert (project.folder / name).read_text("latin-1") == text


@posix
def test_code_that_cannot_be_written_declares_nothing(project: Program) -> None:
    (project.folder / "src" / "app" / "a.py").chmod(0o444)
    result = project("--fix")
    assert (result.code, result.err) == (2, "error: src/app/a.py: not fixed: it is read-only\n")
    assert (_code(project), _manifest(project)) == (DEFECT, PROJECT)


def test_a_hook_edits_no_manifest(project: Program) -> None:
    """Until the project declares the runtime, pre-commit's fixes that need it wait; then they do not."""
    waiting = project("--fix", PRE_COMMIT="1")
    assert waiting.code == 1
    why = "under pre-commit no manifest is edited: declare `tempsafe>=0.1.0` in pyproject.toml, or vendor the runtime"
    assert f"= no fix: {why}\n" in waiting.out
    assert (_code(project), _manifest(project)) == (DEFECT, PROJECT)
    assert project("--fix", "--no-add-dependency", PRE_COMMIT="1").code == 0, "somebody else cares for it"
    _write(project.folder / "src" / "app" / "a.py", DEFECT)
    _write(project.folder / "pyproject.toml", DECLARED)
    assert project("--fix", PRE_COMMIT="1").code == 0
    assert _code(project) == MENDED


def test_a_copy_that_is_not_there_is_not_imported(project: Program) -> None:
    (project.folder / "tempsafe-lint.toml").write_text('runtime = "vendored"\nruntime-import = "app._tempsafe"\n')
    result = project("--fix")
    assert result.code == 1
    assert "= no fix: there is no module `app._tempsafe` in the project: `tempsafe-lint vendor` makes one" in result.out
    assert _code(project) == DEFECT
    _write(project.folder / "src" / "app" / "_tempsafe" / "__init__.py", "")
    assert project("--fix").code == 0
    assert _code(project) == DEFECT.replace("import tempfile", "import app._tempsafe as _tempsafe").replace(
        "tempfile.mktemp(", "_tempsafe.mktemp(delete=False"
    )
    assert _manifest(project) == PROJECT
