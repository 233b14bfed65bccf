"""Files in several processes: under every way of starting one, and when one of them is killed in the middle."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tempsafe_lint.drivers import reading
from tests.conftest import Program

METHODS = multiprocessing.get_all_start_methods()
posix = pytest.mark.skipif(sys.platform == "win32", reason="a process is killed as on POSIX")

DEFECT = "import tempfile\nx = tempfile.mktemp()\n"
#: So many files of this size are worth a pool.
FILLED = DEFECT + "# filled up\n" * 1000
MANY = reading.POOL_FROM // len(FILLED) + 10

#: Python runs this file at the start of every process, so it holds under each way of starting one. Files are read
#: only where another process does it, which writes down its number; some of them end it.
SITE = """
import multiprocessing, os, signal, sys
multiprocessing.set_start_method(os.environ["METHOD"], force=True)
from tempsafe_lint import engine
real, parent = engine.lint, int(os.environ.setdefault("PARENT", str(os.getpid())))
def lint(source, settings):
    if source.filename != "warm.py":
        with open(f"{os.environ['SEEN']}/{os.getpid()}", "a") as file:
            file.write(source.filename + "\\n")
        if source.filename in os.environ.get("DEADLY", "").split():
            assert os.getpid() != parent
            os.kill(os.getpid(), signal.SIGKILL)
        if source.filename in os.environ.get("LEAVING", "").split():
            os._exit(11)
    return real(source, settings)
engine.lint = lint
"""


class Pooled:
    """The program with the changes of SITE, over `MANY` files that each hold one finding."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.site, self.seen = folder / "site", folder / "seen"
        project = folder / "project"
        for path in (self.site, self.seen, project):
            path.mkdir()
        (self.site / "sitecustomize.py").write_text(SITE)
        for number in range(MANY):
            (project / f"m{number:03}.py").write_text(FILLED)
        path = os.pathsep.join(filter(None, [str(self.site), program.environment.get("PYTHONPATH", "")]))
        self.program = Program({**program.environment, "PYTHONPATH": path}, project)

    def environment(self, method: str, **more: str) -> dict[str, str]:
        return {"METHOD": method, "SEEN": str(self.seen), **more}

    def codes(self, method: str, **more: str) -> dict[str, str]:
        """What a run says of each file, in the order in which it says it."""
        result = self.program("-q", "-n", "-j2", "--output-format", "concise", **self.environment(method, **more))
        assert "Traceback" not in result.err
        assert result.code == (2 if more else 1)
        return {line.partition(":")[0]: line.partition(" ")[2] for line in result.lines}

    def readers(self) -> set[str]:
        return {path.name for path in self.seen.iterdir()}


@pytest.fixture
def pooled(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Pooled:
    return Pooled(program, tmp_path_factory.mktemp("pooled"))


@posix
@pytest.mark.parametrize("method", METHODS)
def test_a_killed_process_costs_the_file_that_it_read(pooled: Pooled, method: str) -> None:
    deadly = ["m000.py", "m017.py", f"m{MANY - 1:03}.py"]
    said = pooled.codes(method, DEADLY=" ".join(deadly))
    assert list(said) == [f"m{number:03}.py" for number in range(MANY)]
    lost = {name for name, text in said.items() if text.startswith("TMP999")}
    assert lost == set(deadly)
    assert said["m017.py"] == "TMP999 internal error: the process that read this file was killed by SIGKILL"
    assert all(said[name].startswith("TMP201 ") for name in said if name not in lost)
    assert 2 <= len(pooled.readers()) <= 2 + len(deadly), "two, and one in place of each that was killed"


@posix
def test_a_process_that_ends_by_itself_costs_one_file_too(pooled: Pooled) -> None:
    said = pooled.codes(METHODS[0], LEAVING="m005.py")
    assert said["m005.py"] == "TMP999 internal error: the process that read this file died with code 11"
    assert sum(text.startswith("TMP201 ") for text in said.values()) == MANY - 1


@pytest.mark.parametrize("method", METHODS)
def test_every_way_of_starting_says_the_same(pooled: Pooled, method: str) -> None:
    alone = pooled.program("-n", "-j1", "--output-format", "json", **pooled.environment(method))
    assert len(pooled.readers()) == 1
    many = pooled.program("-n", "-j2", "--output-format", "json", **pooled.environment(method))
    assert (many.code, many.out, many.err) == (1, alone.out, "")
    assert len(pooled.readers()) == 3, "two processes read, beside the one that read alone"


def test_a_process_that_cannot_start_costs_only_time(pooled: Pooled) -> None:
    (pooled.site / "sitecustomize.py").write_text(
        SITE + "import sys\nif os.getpid() != parent:\n    os._exit(9)\n"  # before it can say that it is there
    )
    said = pooled.codes("spawn")
    assert [text.partition(" ")[0] for text in said.values()] == ["TMP201"] * MANY
    assert len(pooled.readers()) == 1


def test_few_bytes_are_read_without_further_processes(pooled: Pooled) -> None:
    for path in list(pooled.program.folder.glob("*.py"))[20:]:
        path.unlink()
    for number in range(300):  # what the prefilter leaves out is no work
        (pooled.program.folder / f"p{number}.py").write_text("# nothing\n" * 1000)
    result = pooled.program(
        *("-q", "-n", "-j2", "--output-format", "concise"),
        **pooled.environment(METHODS[0], PYTHONPROFILEIMPORTTIME="1"),
    )
    assert len(result.lines) == 20
    assert "tempsafe_lint.drivers.reading" in result.err
    assert "tempsafe_lint.drivers.pool" not in result.err


@posix
@pytest.mark.parametrize("method", METHODS)
def test_ctrl_c_ends_all_of_them_quietly(pooled: Pooled, method: str) -> None:
    heavy = "import tempfile\n" + "".join(
        f"def f{n}():\n    d = tempfile.mkdtemp()\n    print(d)\n" for n in range(300)
    )
    for path in pooled.program.folder.glob("*.py"):
        path.write_text(heavy)
    process = subprocess.Popen(
        [*pooled.program.prefix, "-n", "-j2", "."],
        cwd=pooled.program.folder,
        env={**pooled.program.environment, **pooled.environment(method)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while len(pooled.readers()) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert process.poll() is None, "it must still be at work"
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130
    for reader in pooled.readers():
        until = time.monotonic() + 30
        while _is_there(int(reader)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not _is_there(int(reader))


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
