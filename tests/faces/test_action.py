"""The GitHub action: its shell steps are run as the runner runs them; only other people's actions are not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Program

ROOT = Path(__file__).resolve().parent.parent.parent
DEFECT = "import tempfile\nx = tempfile.mktemp()\n"

yaml = pytest.importorskip("yaml", reason="comes with pre-commit")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


@dataclass
class Runner:
    """As much of a runner as the shell steps need: files for variables and outputs, inputs with their defaults."""

    folder: Path
    environment: dict[str, str]
    inputs: dict[str, str]
    outputs: dict[str, str] = field(default_factory=dict)

    def step(self, name: str) -> int:
        (step,) = (step for step in ACTION["runs"]["steps"] if step.get("name") == name)
        assert step["shell"] == "bash"
        output, variables = self.folder.parent / "output", self.folder.parent / "variables"
        output.write_text("")
        variables.write_text("")
        own = {
            "RUNNER_TEMP": str(self.folder.parent),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_ENV": str(variables),
            "GITHUB_STEP_SUMMARY": str(self.folder.parent / "summary.md"),
            **{name: self._said(value) for name, value in step["env"].items()},
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env={**self.environment, **own},
            capture_output=True,
            text=True,
            check=False,
        )
        self.log = done.stdout + done.stderr
        self.outputs.update(line.split("=", 1) for line in output.read_text().splitlines())
        self.environment.update(line.split("=", 1) for line in variables.read_text().splitlines())
        return done.returncode

    def _said(self, value: str) -> str:
        known = {f"inputs.{name}": said for name, said in self.inputs.items()}
        known |= {f"steps.check.outputs.{name}": said for name, said in self.outputs.items()}
        known |= {"steps.python.outputs.python-path": sys.executable, "github.action_path": str(ROOT)}
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found.group(1)], value)


@pytest.fixture
def runner(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    if shutil.which("bash") is None or sys.platform == "win32":
        pytest.skip("the steps are bash's")
    folder = tmp_path_factory.mktemp("runner") / "work"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[tool.tempsafe-lint]\n")
    inputs = {name: str(given["default"]) for name, given in ACTION["inputs"].items()}
    command = folder.parent / "program"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tempsafe_lint "$@"\n')
    command.chmod(0o755)
    return Runner(folder, {**program.environment, "TEMPSAFE_LINT": str(command)}, inputs)


def test_findings_fail_the_job_after_they_are_told(runner: Runner) -> None:
    (runner.folder / "a b").mkdir()
    (runner.folder / "a b" / "x.py").write_text(DEFECT)
    (runner.folder / "c.py").write_text(DEFECT)
    runner.inputs |= {"paths": "a b\n\nc.py\n", "args": "--select TMP2 --min-severity high"}
    assert runner.step("Check") == 0, runner.log
    assert runner.outputs["exit-code"] == "1"
    assert "file=a b/x.py,line=2" in runner.log
    results = json.loads(Path(runner.outputs["sarif"]).read_text())["runs"][0]["results"]
    assert len(results) == 2
    assert "TMP201" in (runner.folder.parent / "summary.md").read_text()
    assert runner.step("Result") == 1
    runner.inputs["fail"] = "false"
    assert runner.step("Result") == 0


def test_a_clean_project(runner: Runner) -> None:
    (runner.folder / "c.py").write_text("x = 1\n")
    assert runner.step("Check") == 0, runner.log
    assert runner.outputs["exit-code"] == "0"
    assert json.loads(Path(runner.outputs["sarif"]).read_text())["runs"][0]["results"] == []
    assert runner.step("Result") == 0


def test_wrong_usage_fails_whatever_is_asked(runner: Runner) -> None:
    runner.inputs |= {"args": "--selct TMP", "fail": "false"}
    assert runner.step("Check") == 0
    assert runner.outputs == {"exit-code": "2"}
    assert "unknown option `--selct`" in runner.log
    assert runner.step("Result") == 2


def test_it_installs_itself(runner: Runner, offline: dict[str, str]) -> None:
    runner.environment = dict(offline)
    assert runner.step("Install") == 0, runner.log
    (runner.folder / "c.py").write_text(DEFECT)
    assert runner.step("Check") == 0, runner.log
    assert runner.outputs["exit-code"] == "1"


def test_no_input_stands_in_a_script() -> None:
    """What a workflow passes in, a branch's name perhaps, must not be read as commands."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), step["name"]
    assert {"setup-python", "codeql-action"} == {
        step["uses"].split("/")[1].split("@")[0] for step in ACTION["runs"]["steps"] if "uses" in step
    }
    assert ACTION["runs"]["using"] == "composite"
