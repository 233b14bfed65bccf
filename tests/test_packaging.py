"""Both distributions, built from the tree and installed into fresh environments without an index."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


class Fresh:
    """A new environment that pip fills from the wheelhouse."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        venv.create(folder, with_pip=True)
        self.environment = environment
        self.scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")

    def run(self, *command: str, code: int = 0) -> str:
        program = str(self.scripts / command[0])
        done = subprocess.run(
            [program, *command[1:]], env=self.environment, capture_output=True, text=True, check=False, cwd=self.scripts
        )
        assert done.returncode == code, (command, done.stdout, done.stderr)
        return done.stdout

    def install(self, *what: str) -> None:
        self.run("python", "-m", "pip", "install", "-q", *what)

    @property
    def distributions(self) -> set[str]:
        listed = json.loads(self.run("python", "-m", "pip", "list", "--format", "json"))
        return {entry["name"].lower() for entry in listed} - {"pip", "setuptools", "wheel"}


def _wheel(project: Path, target: Path, environment: dict[str, str]) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(target), str(project)]
    subprocess.run(command, env=environment, check=True)
    (wheel,) = target.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def linter(offline: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _wheel(ROOT, tmp_path_factory.mktemp("linter"), offline)


@pytest.fixture(scope="module")
def runtime(offline: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _wheel(ROOT / "runtime", tmp_path_factory.mktemp("runtime"), offline)


def _in_tree(folder: Path, *patterns: str) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for pattern in patterns
        for path in folder.rglob(pattern)
        if "__pycache__" not in path.parts
    }


def test_the_linters_wheel_holds_every_file_it_reads(linter: Path) -> None:
    names = set(zipfile.ZipFile(linter).namelist())
    patterns = ("*.py", "*.toml", "*.txt", "py.typed")
    wanted = {f"tempsafe_lint/{name}" for name in _in_tree(ROOT / "tempsafe_lint", *patterns)}
    assert "tempsafe_lint/models/stdlib/tempfile.toml" in wanted
    assert wanted <= names
    carried = {f"tempsafe_lint/_runtime/tempsafe/{name}" for name in _in_tree(ROOT / "runtime" / "tempsafe", "*.py")}
    assert {*carried, "tempsafe_lint/_runtime/LICENSE"} <= names


def test_the_linters_wheel_installs_no_top_level_tempsafe(linter: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(linter).namelist()}
    assert tops == {"tempsafe_lint", "tempsafe_lint-0.1.0.dist-info"}
    assert not [name for name in zipfile.ZipFile(linter).namelist() if name.endswith(".pyc")]


def test_the_runtimes_wheel_is_only_the_runtime(runtime: Path) -> None:
    names = zipfile.ZipFile(runtime).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"tempsafe"}
    assert "tempsafe/py.typed" in names


def test_the_source_distribution_gives_the_same_wheel(linter: Path, offline: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=offline, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    again = _wheel(archive, tmp_path / "wheels", offline)
    assert set(zipfile.ZipFile(again).namelist()) == set(zipfile.ZipFile(linter).namelist())


def test_the_linter_installs_and_works(linter: Path, offline: dict[str, str], tmp_path: Path) -> None:
    fresh = Fresh(tmp_path / "venv", offline)
    fresh.install(f"{linter}[flake8]")
    assert "tempsafe" not in fresh.distributions
    assert {"tempsafe-lint", "libcst", "flake8"} <= fresh.distributions
    assert fresh.run("tempsafe-lint", "--version") == "tempsafe-lint 0.1.0\n"
    fresh.run("python", "-c", "import tempsafe", code=1)
    defect = tmp_path / "a.py"
    defect.write_text("import tempfile\nx = tempfile.mktemp()\n")
    assert "TMP201" in fresh.run("tempsafe-lint", "--isolated", str(defect), code=1)
    assert "TMP201" in fresh.run("flake8", "--isolated", str(defect), code=1)
    fresh.run("tempsafe-lint", "--isolated", "--fix", str(defect))
    assert defect.read_text() == "import tempsafe\nx = tempsafe.mktemp(delete=False)\n"
    assert "```python" in fresh.run("tempsafe-lint", "rule", "TMP402")
    fresh.run("tempsafe-lint", "vendor", str(tmp_path / "_tempsafe"))
    assert fresh.run("tempsafe-lint", "vendor", "--check", str(tmp_path / "_tempsafe")).endswith(", current\n")
    assert (tmp_path / "_tempsafe" / "LICENSE").is_file()


def test_the_runtime_installs_alone(runtime: Path, offline: dict[str, str], tmp_path: Path) -> None:
    fresh = Fresh(tmp_path / "venv", offline)
    fresh.install(str(runtime))
    assert fresh.distributions == {"tempsafe"}
    made = fresh.run("python", "-c", "import os, tempsafe; p = tempsafe.mkdtemp(); print(os.path.isdir(p), p)")
    there, path = made.split(maxsplit=1)
    assert there == "True"
    assert not Path(path.strip()).exists(), "gone with its process"


def test_both_together_from_the_tree_and_editable(offline: dict[str, str], tmp_path: Path) -> None:
    fresh = Fresh(tmp_path / "venv", offline)
    fresh.install("-e", str(ROOT), "-e", str(ROOT / "runtime"))
    assert {"tempsafe", "tempsafe-lint"} <= fresh.distributions
    where = fresh.run(
        "python", "-c", "import tempsafe_lint, tempsafe; print(tempsafe_lint.__file__, tempsafe.__file__)"
    )
    assert where.split() == [
        str(ROOT / "tempsafe_lint" / "__init__.py"),
        str(ROOT / "runtime" / "tempsafe" / "__init__.py"),
    ]
    tour = fresh.run("tempsafe-lint", "--output-format", "concise", str(ROOT / "tour"), code=1)
    assert "TMP402" in tour


def test_the_readme_has_two_commands_and_they_say_what_they_install() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [line for line in readme.splitlines() if "-m venv .venv &&" in line]
    assert len(commands) == 2
    assert commands[0].endswith("/tempsafe-lint tour")
    assert commands[1].endswith("-m pytest")
    assert "--group" not in readme, "the pip that comes with Python 3.10 knows no groups"
