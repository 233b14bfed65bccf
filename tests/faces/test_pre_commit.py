"""Both hooks in the real pre-commit, from the working tree, in a repository that is made here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DEFECT = "import tempfile\nx = tempfile.mktemp()\n"
#: A project that says already that it needs the runtime.
PROJECT = """\
[project]
name = "x"
version = "1"
dependencies = ["Tempsafe"]
[tool.tempsafe-lint]
extend-exclude = ["generated"]
"""
MENDED = "import tempsafe\nx = tempsafe.mktemp(delete=False)\n"


@dataclass
class Repository:
    """A git repository with pre-commit, and what its environment is."""

    folder: Path
    environment: dict[str, str]

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.git("add", "--all")
        return path

    def hooks(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


def _git_environment(offline: dict[str, str]) -> dict[str, str]:
    person = {f"GIT_{who}_{what}": "somebody@example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**offline, **person, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture(scope="module")
def published(offline: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The working tree as a repository with a tag, as a user of the hooks meets it."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    if sys.platform == "win32":
        pytest.skip("the configuration for git is written for POSIX")
    pytest.importorskip("pre_commit", reason="needs pre-commit, from the extra `tests`")
    home = tmp_path_factory.mktemp("published")
    environment = {**_git_environment(offline), "PRE_COMMIT_HOME": str(home / "cache"), "PRE_COMMIT_COLOR": "never"}
    repository = Repository(home / "tempsafe-lint", environment)
    hidden = shutil.ignore_patterns(".git", ".*_cache", "__pycache__", ".venv", ".wheelhouse", "*.pyc")
    shutil.copytree(ROOT, repository.folder, ignore=hidden)
    repository.git("init", "--quiet", "--initial-branch", "main")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "as it stands")
    repository.git("tag", "v0.1.0")
    return repository


@pytest.fixture
def user(published: Repository, tmp_path: Path, request: pytest.FixtureRequest) -> Repository:
    """A user's repository with one of the hooks."""
    hook: str = request.param
    repository = Repository(tmp_path / "project", published.environment)
    repository.folder.mkdir()
    repository.git("init", "--quiet", "--initial-branch", "main")
    config = f"repos:\n- repo: {published.folder}\n  rev: v0.1.0\n  hooks:\n  - id: {hook}\n"
    repository.write(".pre-commit-config.yaml", config)
    repository.write("pyproject.toml", "[tool.tempsafe-lint]\nextend-exclude = ['generated']\n")
    return repository


@pytest.mark.parametrize("user", ["tempsafe-lint"], indirect=True)
def test_the_hook_that_reports(user: Repository) -> None:
    path = user.write("src/a.py", DEFECT)
    user.write("generated/b.py", DEFECT)
    user.write("notes.txt", "tempfile.mktemp()\n")
    failed = user.hooks("--all-files")
    assert failed.returncode == 1, failed
    assert "src/a.py:2:5: TMP201" in failed.stdout
    assert "generated" not in failed.stdout, "--force-exclude holds for files that are named"
    assert "\x1b" not in failed.stdout
    assert path.read_text() == DEFECT, "it changes nothing"
    user.write("src/a.py", "x = 1\n")
    passed = user.hooks("--all-files")
    assert passed.returncode == 0, passed
    assert "Passed" in passed.stdout


@pytest.mark.parametrize("user", ["tempsafe-lint-fix"], indirect=True)
def test_the_hook_that_mends(user: Repository) -> None:
    path = user.write("src/a.py", DEFECT)
    excluded = user.write("generated/b.py", DEFECT)
    waiting = user.hooks("--all-files")
    assert waiting.returncode == 1, waiting
    assert "files were modified by this hook" not in waiting.stdout, "a hook edits no manifest, so nothing is half done"
    assert "under pre-commit no manifest is edited: declare `tempsafe>=0.1.0`" in waiting.stdout
    assert path.read_text() == DEFECT
    user.write("pyproject.toml", PROJECT)
    failed = user.hooks("--all-files")
    assert failed.returncode == 1, failed
    assert "files were modified by this hook" in failed.stdout
    assert "Found 1 error (1 fixed, 0 remaining)." in failed.stdout
    assert path.read_text() == MENDED
    assert excluded.read_text() == DEFECT
    user.git("add", "--all")
    passed = user.hooks("--all-files")
    assert passed.returncode == 0, passed


LEFT = "import tempfile\n_, path = tempfile.mkstemp()\n"


@pytest.mark.parametrize("user", ["tempsafe-lint-fix"], indirect=True)
def test_what_is_left_after_mending_fails(user: Repository) -> None:
    """A hook that mends must not hide what it cannot mend: it goes on failing when nothing changes any more."""
    user.write("pyproject.toml", PROJECT)
    user.write("a.py", DEFECT + LEFT.partition("\n")[2])
    first = user.hooks("--all-files")
    assert first.returncode == 1, first
    user.git("add", "--all")
    second = user.hooks("--all-files")
    assert second.returncode == 1, second
    assert "files were modified" not in second.stdout
    assert "TMP403" in second.stdout
    assert "TMP201" not in second.stdout


@pytest.mark.parametrize("user", ["tempsafe-lint-fix"], indirect=True)
def test_an_excluded_file_that_is_named(user: Repository) -> None:
    excluded = user.write("generated/b.py", DEFECT)
    passed = user.hooks("--files", "generated/b.py")
    assert passed.returncode == 0, passed
    assert excluded.read_text() == DEFECT


@pytest.mark.parametrize("user", ["tempsafe-lint-fix"], indirect=True)
def test_a_partly_staged_file_keeps_both_parts(user: Repository) -> None:
    user.write("pyproject.toml", PROJECT)
    path = user.write("a.py", DEFECT + "\n\n\n\n\ny = 1\n")
    user.git("commit", "--quiet", "--no-verify", "--message", "first")
    user.write("a.py", DEFECT + "\n\n\n\n\ny = 2\n")
    path.write_text(DEFECT + "\n\n\n\n\ny = 2\nz = 'not staged'\n")
    failed = user.hooks()
    assert failed.returncode == 1, failed
    assert path.read_text() == MENDED + "\n\n\n\n\ny = 2\nz = 'not staged'\n"
