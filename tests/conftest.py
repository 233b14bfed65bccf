"""What all tests share: the program as users have it, and wheels for fresh environments."""

from __future__ import annotations

import importlib.metadata
import os
import signal
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

ROOT = Path(__file__).resolve().parent.parent

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A run in the background of a shell ignores Ctrl-C, and what it starts would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Result:
    """What a command did, with its output as text."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclass(frozen=True)
class Program:
    """The installed program, run in a folder."""

    environment: dict[str, str]
    folder: Path
    prefix: tuple[str, ...] = (sys.executable, "-m", "tempsafe_lint")

    def __call__(self, *arguments: object, stdin: str | bytes = b"", **environment: str) -> Result:
        done = self.raw(*arguments, stdin=stdin, **environment)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def raw(
        self, *arguments: object, stdin: str | bytes = b"", **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        """The same with the output as bytes."""
        return subprocess.run(
            [*self.prefix, *map(str, arguments)],
            cwd=self.folder,
            env={**self.environment, **environment},
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )

    def within(self, folder: Path) -> Program:
        return Program(self.environment, folder, self.prefix)

    def command(self, *prefix: str) -> Program:
        """Another command in the same environment."""
        return Program(self.environment, self.folder, prefix)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables under which the program is installed with its entry points.

    Where it is not installed beside pytest, it is installed from the tree into a folder of its own.
    """
    plain = {name: value for name, value in os.environ.items() if name not in COLOURS and not name.startswith("GIT_")}
    try:
        importlib.metadata.distribution("tempsafe-lint")
        return {**plain, "PATH": os.pathsep.join([sysconfig.get_path("scripts"), plain["PATH"]])}
    except importlib.metadata.PackageNotFoundError:
        target = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"),
            *("--disable-pip-version-check", "--target", str(target), str(ROOT)),
        ],
        check=True,
    )
    return {**plain, "PYTHONPATH": str(target), "PATH": os.pathsep.join([str(target / "bin"), plain["PATH"]])}


#: What would change how a program looks or warns. PYTHONPATH stays: who sets it wants that tree to be the one tested.
COLOURS = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONWARNINGS", "COLUMNS")


@pytest.fixture
def program(environment: dict[str, str], tmp_path: Path) -> Program:
    """The program in a new folder that is a project of its own."""
    (tmp_path / "pyproject.toml").write_text("[tool.tempsafe-lint]\n")
    return Program(environment, tmp_path)


@pytest.fixture(scope="session")
def wheelhouse() -> Path:
    """The folder of wheels from which fresh environments are filled without an index."""
    folder = Path(os.environ.get("TEMPSAFE_WHEELHOUSE") or ROOT / ".wheelhouse")
    if not any(folder.glob("libcst-*.whl")):
        pytest.skip("needs the wheels that .ci/wheelhouse collects")
    return folder


@pytest.fixture(scope="session")
def offline(wheelhouse: Path) -> dict[str, str]:
    """Variables under which pip takes everything from the wheelhouse."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "GIT_", "VIRTUAL_ENV", "PYTHON")) and name not in COLOURS
    }
    return {
        **kept,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheelhouse),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """How much is known to be wrong, by rule: whoever changes the analysis sees the balance move."""
    ran = {report.nodeid.partition("::")[0] for report in terminalreporter.getreports("passed")}
    if "tests/test_examples.py" not in ran:
        return
    from tests.mdtest.documents import known_wrong

    count = known_wrong()
    terminalreporter.section("known to be wrong")
    for code, (missing, spurious) in count.items():
        terminalreporter.write_line(f"{code}  {missing:3} missing  {spurious:3} spurious")
    both = sum(missing for missing, _ in count.values()), sum(spurious for _, spurious in count.values())
    terminalreporter.write_line(f"all     {both[0]:3} missing  {both[1]:3} spurious")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Rows that are not compiled have no effect, and whoever wrote them would look for the reason elsewhere."""
    from tempsafe_lint.models.generate import rendered
    from tempsafe_lint.models.written import HERE

    stale = [name for name, text in rendered().items() if (HERE / name).read_text("utf-8") != text]
    if stale:
        pytest.exit(f"{' and '.join(stale)}: run `python -m tempsafe_lint.models.generate`", returncode=3)
