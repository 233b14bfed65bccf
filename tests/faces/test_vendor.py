"""`tempsafe-lint vendor`: the runtime as one folder of a project, whole, current, and under its own name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tempsafe_lint.paths import VENDORED
from tempsafe_lint.settings import RUNTIME_VERSION
from tests.conftest import Program
from tests.faces.forked import Forked

ROOT = Path(__file__).resolve().parent.parent.parent
RUNTIME = ROOT / "runtime" / "tempsafe"


@pytest.fixture(scope="module")
def made(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a copy, as the program makes it."""
    project = tmp_path_factory.mktemp("project")
    (project / "src" / "app").mkdir(parents=True)
    (project / "src" / "app" / "__init__.py").touch()
    (project / "pyproject.toml").write_text("[tool.tempsafe-lint]\n")
    done = subprocess.run(
        [sys.executable, "-m", "tempsafe_lint", "vendor", "src/app/_tempsafe"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"Wrote tempsafe {RUNTIME_VERSION} to src/app/_tempsafe.\n"
        "Fixes use it with these settings:\n\n"
        '[tool.tempsafe-lint]\nruntime = "vendored"\nruntime-import = "app._tempsafe"\n'
    )
    return project


@pytest.fixture
def project(made: Path, program: Program) -> Program:
    """A project of one test's own with such a copy."""
    shutil.copytree(made, program.folder, dirs_exist_ok=True)
    return Forked(program.environment, program.folder)


def _copy(program: Program) -> Path:
    return program.folder / "src" / "app" / "_tempsafe"


def test_the_release_is_known_without_reading_the_files() -> None:
    assert f'__version__ = "{RUNTIME_VERSION}"\n' in (RUNTIME / "__init__.py").read_text()


def test_it_holds_every_file_the_licence_and_a_record(made: Path) -> None:
    copy = made / "src" / "app" / "_tempsafe"
    wanted = {path.name for path in RUNTIME.iterdir() if path.is_file()}
    assert {path.name for path in copy.iterdir()} == {*wanted, "LICENSE", VENDORED}
    assert all((copy / name).read_bytes() == (RUNTIME / name).read_bytes() for name in wanted)
    assert (copy / "LICENSE").read_bytes() == (ROOT / "runtime" / "LICENSE").read_bytes()
    assert json.loads((copy / VENDORED).read_text())["version"] == RUNTIME_VERSION
    assert [path.name for path in (made / "src" / "app").iterdir() if path.name.startswith(".")] == []


def test_current_and_again(project: Program) -> None:
    result = project("vendor", "--check", "src/app/_tempsafe")
    assert (result.code, result.out) == (0, f"src/app/_tempsafe: tempsafe {RUNTIME_VERSION}, current\n")
    (project.folder / "pyproject.toml").write_text(
        '[tool.tempsafe-lint]\nruntime = "vendored"\nruntime-import = "app._tempsafe"\n'
    )
    again = project("vendor", "src/app/_tempsafe")
    assert (again.code, again.out) == (0, f"Wrote tempsafe {RUNTIME_VERSION} to src/app/_tempsafe.\n")
    none = project("vendor", "--check", "elsewhere")
    assert (none.code, none.out) == (1, "elsewhere: there is no copy of the runtime\n")


def test_what_was_changed_by_hand_is_kept(project: Program) -> None:
    edited = _copy(project) / "_names.py"
    edited.write_text(edited.read_text() + "# mine\n")
    (_copy(project) / "_sweep.py").unlink()
    (_copy(project) / "_signals.py").write_bytes((RUNTIME / "_signals.py").read_bytes().replace(b"\n", b"\r\n"))
    checked = project("vendor", "--check", "src/app/_tempsafe")
    said = "src/app/_tempsafe: changed by hand: _names.py"
    assert (checked.code, checked.out) == (1, f"{said}; missing: _sweep.py\n"), "line ends are git's to choose"
    refused = project("vendor", "src/app/_tempsafe")
    assert (refused.code, refused.out, refused.err) == (2, "", f"error: {said}; `--force` writes over it\n")
    assert edited.read_text().endswith("# mine\n")
    assert project("vendor", "--force", "src/app/_tempsafe").code == 0
    assert edited.read_bytes() == (RUNTIME / "_names.py").read_bytes()
    assert project("vendor", "--check", "src/app/_tempsafe").code == 0


def _make_older(copy: Path) -> None:
    """Let the copy be one of an older release, with another file and an older text of one."""
    from tempsafe_lint.drivers.vendor import _digest

    record = json.loads((copy / VENDORED).read_text())
    record["version"] = "0.0.9"
    for name, text in (("_old.py", b"x = 1\n"), ("_names.py", b"y = 1\n")):
        (copy / name).write_bytes(text)
        record["files"][name] = _digest(text)
    (copy / VENDORED).write_text(json.dumps(record))


def test_an_older_release_is_replaced(project: Program) -> None:
    _make_older(_copy(project))
    (_copy(project) / "_places.py").write_bytes((RUNTIME / "_places.py").read_bytes())  # as after a run cut short
    checked = project("vendor", "--check", "src/app/_tempsafe")
    said = f"src/app/_tempsafe: it is tempsafe 0.0.9, and this linter carries {RUNTIME_VERSION}\n"
    assert (checked.code, checked.out) == (1, said)
    assert project("vendor", "src/app/_tempsafe").code == 0
    assert not (_copy(project) / "_old.py").exists()
    assert project("vendor", "--check", "src/app/_tempsafe").code == 0


def test_places_where_it_does_not_belong(project: Program) -> None:
    strange = project("vendor", "src/app")
    assert (strange.code, strange.err) == (
        2,
        "error: src/app: is not empty, and no copy of the runtime; `--force` writes into it\n",
    )
    assert project("vendor", "my-copy").err == "error: my-copy: could not be imported: its name is no identifier\n"
    assert project("vendor", "pyproject.toml/inner").code == 2
    (_copy(project) / VENDORED).write_text("{}")
    broken = project("vendor", "--check", "src/app/_tempsafe")
    assert (broken.code, broken.err) == (
        2,
        f"error: src/app/_tempsafe/{VENDORED}: is not as `vendor` wrote it; remove it\n",
    )


def test_its_files_are_not_the_projects_own(project: Program) -> None:
    (_copy(project) / "_names.py").write_text("import tempfile\nx = tempfile.mktemp()\n")
    assert project("src", "src/app/_tempsafe/_names.py").out == "All checks passed!\n"
    assert project("src/app/_tempsafe/_names.py").out == "All checks passed!\n"
    flake8 = project.command(sys.executable, "-m", "flake8", "--isolated", "--select", "TMP")
    assert flake8("src").out == ""
    (_copy(project) / VENDORED).unlink()
    assert "TMP201" in project("src").out


#: A fresh process, with the project's `src` as its only path besides the standard library's.
ALONE = """
import os, sys
sys.path.insert(0, sys.argv[1])
try:
    import tempsafe
except ImportError:
    pass
else:
    sys.exit("the library itself is in the way")
from app import _tempsafe as t
work = t.mkdtemp()
fd, path = t.mkstemp(dir=work)
os.close(fd)
name = t.mktemp(suffix=".x")
with t.NamedTemporaryFile("w", delete="exit") as file, t.TemporaryDirectory() as inner:
    file.write("x")
with t.open_atomic(os.path.join(work, "a")) as out:
    out.write("x")
print(t.user_path("s", app="demo") and t.sweep(dry_run=True), t.__version__, t.UnsafePathError.__module__)
print(work, path, os.path.dirname(name), file.name, inner, sep="\\n")
"""


def test_it_works_under_its_own_name(project: Program) -> None:
    src = project.folder / "src"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE, src], capture_output=True, text=True, check=True, cwd=project.folder
    )
    first, *paths = done.stdout.splitlines()
    assert first == f"[] {RUNTIME_VERSION} app._tempsafe._places"
    assert len(paths) == 5
    assert not [path for path in paths if Path(path).exists()], "gone with the process"


#: The tests of the library, told that the copy is the library.
IN_ITS_PLACE = """
import importlib, os, sys, types
import pytest
sys.path.insert(0, sys.argv[1])
copy = importlib.import_module("app._tempsafe")
sys.modules["tempsafe"] = copy
for name in os.listdir(os.path.dirname(copy.__file__)):
    if name.startswith("_") and name.endswith(".py") and not name.startswith("__"):
        sys.modules["tempsafe." + name[:-3]] = importlib.import_module("app._tempsafe." + name[:-3])
# An installed runtime has a plugin, which pytest would rewrite; here its name stands for the copy, which is loaded.
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
code = pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", sys.argv[2], *sys.argv[3:]])
copies = {m.__name__ for m in sys.modules.values() if isinstance(m, types.ModuleType) and "_tempsafe" in m.__name__}
print(len(copies), os.path.dirname(sys.modules["tempsafe"].__file__))
sys.exit(code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the library's tests run in processes of their own there")
def test_the_librarys_own_tests_pass_on_the_copy(project: Program) -> None:
    tests = str(ROOT / "tests" / "runtime" / "test_creation.py")
    src = str(project.folder / "src")
    done = subprocess.run(
        [sys.executable, "-c", IN_ITS_PLACE, src, str(ROOT), tests, "-k", "not python"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    count, folder = done.stdout.splitlines()[-1].split()
    assert folder == str(_copy(project))
    assert int(count) > 10
