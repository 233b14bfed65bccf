"""A released project on this machine: its source, an environment of its own, its tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.ecosystem.outcomes import Outcomes, read

ROOT = Path(__file__).resolve().parents[2]
#: What runs the tests of every project, where its own list names nothing else.
RUNNER = ("pytest==9.2.0", "pytest-timeout==2.4.0")


@dataclass(frozen=True)
class Project:
    """A row of `projects.toml`.

    `tests` are arguments of pytest, `needs` requirements, `leave` tests not run, `folder` where pytest is started.
    """

    name: str
    version: str
    tests: list[str]
    needs: list[str] = field(default_factory=list)
    leave: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "."


class SetUpFailed(Exception):
    """A project could not be fetched or installed; the text says which step and what it printed last."""


def run(
    command: list[object], folder: Path, timeout: int = 900, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`command` in `folder`, its output as text; never raises for an exit code."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
    )


def must(command: list[object], folder: Path, timeout: int = 900) -> str:
    """The same, and its standard output. Raises SetUpFailed when it fails."""
    done = run(command, folder, timeout)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise SetUpFailed(f"{' '.join(map(str, command[:6]))}: {' / '.join(last)}")
    return done.stdout


@dataclass(frozen=True)
class Workshop:
    """The place where one project is worked on: `tree` is a git repository whose first commit is the release."""

    project: Project
    place: Path

    @property
    def tree(self) -> Path:
        return self.place / "tree"

    @property
    def python(self) -> Path:
        return self.place / "venv" / "bin" / "python"

    def set_up(self) -> None:
        """Fetches, unpacks, commits and installs, unless that was done before. Raises SetUpFailed."""
        done = self.place / "ready"
        if done.exists():
            self.reset()
            return
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        self._unpack()
        for words in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-q", "-m", "as released"]):
            must(["git", "-c", "user.name=e", "-c", "user.email=e@example.org", *words], self.tree)
        venv.create(self.place / "venv", with_pip=True)
        pip = [self.python, "-m", "pip", "install", "--quiet"]
        must([*pip, *RUNNER, *self.project.needs], self.tree)
        must([*pip, "-e", "."], self.tree, timeout=1800)
        must([*pip, ROOT / "runtime"], self.tree)
        self.reset()
        done.touch()

    def _unpack(self) -> None:
        wanted = f"{self.project.name}=={self.project.version}"
        sdist = self.place / "sdist"
        must(
            [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--no-binary",
                self.project.name,
                "-d",
                sdist,
                wanted,
            ],
            self.place,
        )
        (archive,) = sdist.iterdir()
        inside = self.place / "inside"
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(inside)
        else:
            with tarfile.open(archive) as opened:
                opened.extractall(inside, filter="data") if hasattr(tarfile, "data_filter") else opened.extractall(
                    inside
                )
        (folder,) = inside.iterdir()
        folder.rename(self.tree)

    def reset(self) -> None:
        """Puts the release back; what the environment built beside it stays."""
        must(["git", "checkout", "-q", "--", "."], self.tree)

    def changed(self) -> list[str]:
        """Names of the files that differ from the release."""
        return must(["git", "diff", "--name-only"], self.tree).splitlines()

    def patch(self) -> str:
        return must(["git", "diff", "--binary"], self.tree)

    def apply(self, patch: Path) -> None:
        """Puts a patch that `patch` gave onto the release."""
        must(["git", "apply", "--whitespace=nowarn", patch], self.tree)

    def linter(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """The linter of this working copy over the tree."""
        return run(
            [sys.executable, "-m", "tempsafe_lint", "check", "--no-cache", *arguments, "."],
            self.tree,
            PYTHONPATH=str(ROOT),
        )

    def test(self, label: str) -> Outcomes:
        """Runs the project's tests with a temp dir of their own, and counts what they leave there."""
        report, scratch = self.place / f"{label}.xml", self.place / "scratch"
        report.unlink(missing_ok=True)
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        leave = [word for name in self.project.leave for word in ("--deselect", name)]
        command: list[object] = [
            self.python,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--timeout=120",
            "--continue-on-collection-errors",
        ]
        command += [f"--junitxml={report}", f"--basetemp={self.place / 'base'}", *leave, *self.project.tests]
        try:
            done = run(command, self.tree / self.project.folder, 1800, TMPDIR=str(scratch), **self.project.environment)
            ended = (done.stdout.strip().splitlines() or [done.stderr.strip()[-200:]])[-1]
        except subprocess.TimeoutExpired:
            ended = "did not end within 1800 s"
        left = sum(1 for entry in scratch.iterdir() if not entry.name.startswith("tempsafe-"))
        shutil.rmtree(scratch, ignore_errors=True)
        return read(report, left, ended)
