"""Files read on a Dask cluster: a real scheduler and two worker processes on loopback, some of which die."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Program

pytest.importorskip("distributed", reason="needs the extra `dask`")

DEFECT = "import tempfile\nx = tempfile.mktemp()\n" + "# filled up, so that a task holds few files\n" * 1000
MANY = 24

#: Python runs this at the start of each process that is given these variables. Who reads a file writes its name into a
#: file of its own; whoever reads the file named KILLS for the first time (or EVER) kills the process named VICTIM.
SITE = """
import os, signal
from tempsafe_lint import engine
real, place = engine.lint, os.environ["SEEN"]
def lint(source, settings):
    with open(f"{place}/{os.getpid()}", "a") as file:
        file.write(source.filename + "\\n")
    if source.filename == os.environ.get("KILLS"):
        try:
            os.mkdir(f"{place}-killed")
        except FileExistsError:
            again = "EVER" in os.environ
        else:
            again = True
        if again:
            with open(os.environ["VICTIM"]) if "VICTIM" in os.environ else open(os.devnull) as file:
                os.kill(int(file.read() or os.getpid()), signal.SIGKILL)
    return real(source, settings)
engine.lint = lint
"""


class Cluster:
    """Processes that are ended with the block, each found by what it writes."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.seen = folder / "seen"
        self.seen.mkdir()
        (folder / "site").mkdir()
        (folder / "site" / "sitecustomize.py").write_text(SITE)
        path = os.pathsep.join(filter(None, [str(folder / "site"), environment.get("PYTHONPATH", "")]))
        self.environment = {**environment, "PYTHONPATH": path, "SEEN": str(self.seen), "VICTIM": str(folder / "victim")}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.address = ""

    def start(self, **environment: str) -> None:
        variables = {**self.environment, **environment}
        options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", "scheduler.json")
        scheduler = self._run("dask_scheduler", *options, environment=variables)
        (self.folder / "victim").write_text(str(scheduler.pid) if "KILLS_SCHEDULER" in environment else "")
        until = time.monotonic() + 60
        while not self.address and time.monotonic() < until:
            with contextlib.suppress(OSError, ValueError):
                self.address = json.loads((self.folder / "scheduler.json").read_text())["address"]
            time.sleep(0.05)
        for _ in range(2):
            self._run(
                "dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", environment=variables
            )
        while (log := self._log()).count("Starting established connection") < 2 and time.monotonic() < until:
            time.sleep(0.05)
        assert log.count("Starting established connection") >= 2, log

    def _run(self, what: str, *options: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with open(self.folder / "log", "ab") as log:
            command = [sys.executable, "-m", f"distributed.cli.{what}", *options]
            self.processes.append(
                subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
            )
        return self.processes[-1]

    def _log(self) -> str:
        return (self.folder / "log").read_text()

    def readers(self) -> dict[int, list[str]]:
        """What each process has read."""
        return {int(path.name): path.read_text().splitlines() for path in self.seen.iterdir()}

    @property
    def workers(self) -> set[int]:
        return {process.pid for process in self.processes[1:]}

    def close(self) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait(30)


@pytest.fixture
def cluster(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"), environment)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def project(program: Program) -> Program:
    for number in range(MANY):
        (program.folder / f"m{number:02}.py").write_text(DEFECT)
    (program.folder / "plain.py").write_text("x = 1\n")
    return program


def test_a_killed_worker_loses_nothing(project: Program, cluster: Cluster) -> None:
    local = project("-n", "--output-format", "json")
    cluster.start(KILLS="m07.py")
    there = project("-n", "--output-format", "json", "--executor", f"dask:{cluster.address}")
    assert (there.code, there.out, there.err) == (1, local.out, "")
    assert len(json.loads(local.out)) == MANY
    ends = [process.poll() for process in cluster.processes]
    assert sorted(end is None for end in ends) == [False, True, True]
    assert -signal.SIGKILL in ends
    read = cluster.readers()
    assert set(read) == cluster.workers, "both of them read, and nobody else"
    assert {name for names in read.values() for name in names} == {f"m{number:02}.py" for number in range(MANY)}
    # The other one is still there: a linter of another version is not given its files.
    (project.folder / "other").mkdir()
    (project.folder / "other" / "sitecustomize.py").write_text(
        "import tempsafe_lint\ntempsafe_lint.__version__ = '9.9'\n"
    )
    path = os.pathsep.join([str(project.folder / "other"), project.environment.get("PYTHONPATH", "")])
    other = project("-n", "--executor", f"dask:{cluster.address}", PYTHONPATH=path)
    python = f"on Python {sys.version_info[0]}.{sys.version_info[1]}"
    assert (other.code, other.out) == (2, "")
    assert other.err.startswith("error: `--executor`: worker tcp://127.0.0.1:")
    assert other.err.endswith(f" has tempsafe-lint 0.1.0 {python}, this is tempsafe-lint 9.9 {python}\n")
    # And fixes are made there, too.
    fixed = project("--fix", "--executor", f"dask:{cluster.address}")
    assert fixed.code == 0
    assert "tempsafe.mktemp(" in (project.folder / "m07.py").read_text()


def test_a_file_that_kills_workers_costs_itself(project: Program, cluster: Cluster) -> None:
    """Dask gives it up, and it is read here, in a process that dies of it as well."""
    cluster.start(KILLS="m07.py", EVER="1", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    variables = {**cluster.environment, "KILLS": "m07.py", "EVER": "1"}
    there = project("-n", "--output-format", "concise", "--executor", f"dask:{cluster.address}", **variables)
    assert there.code == 2
    codes = [line.split(" ")[1] for line in there.lines[:MANY]]
    assert codes == ["TMP201"] * 7 + ["TMP999"] + ["TMP201"] * (MANY - 8)
    assert there.err == "note: workers of the Dask cluster failed, their files are read here: they died\n"


def test_a_scheduler_that_goes_away_costs_only_time(project: Program, cluster: Cluster) -> None:
    local = project("-n", "--output-format", "json")
    cluster.start(KILLS="m07.py", KILLS_SCHEDULER="1")
    there = project("-n", "--output-format", "json", "--executor", f"dask:{cluster.address}")
    assert (there.code, there.out) == (1, local.out)
    assert there.err == f"note: the Dask scheduler at {cluster.address} is gone; what is left is read here\n"


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("dask:tcp://127.0.0.1:1", "error: `--executor`: no Dask scheduler answers at `tcp://127.0.0.1:1`: "),
        ("dask:nonsense://x", "error: `--executor`: no Dask scheduler answers at `nonsense://x`: "),
        ("dask:", 'error: argument --executor: must be like "dask:tcp://scheduler:8786"'),
        ("ray:x", 'error: argument --executor: must be like "dask:tcp://scheduler:8786"'),
    ],
)
def test_a_cluster_that_is_not_there_is_one_line(project: Program, option: str, line: str) -> None:
    result = project("--executor", option)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(line)
    assert result.err.count("\n") == 1


def test_without_the_extra_it_is_one_line(project: Program) -> None:
    code = "import sys\nsys.modules['distributed'] = None\nfrom tempsafe_lint.__main__ import main\nsys.exit(main())\n"
    result = project.command(sys.executable, "-c", code)("--executor", "dask:tcp://127.0.0.1:1")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: `--executor dask:...` needs Dask: pip install 'tempsafe-lint[dask]'\n"
