"""What all runtime tests share: the package on the path, other interpreters, processes of their own, small mounts."""

import functools
import os
import pathlib
import shutil
import subprocess
import sys
import textwrap

import pytest

HERE = pathlib.Path(__file__).resolve().parent
RUNTIME = HERE.parent.parent / "runtime"
VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
NOBODY, OTHER = 65534, 65533

sys.path.insert(0, str(RUNTIME))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(RUNTIME), os.environ.get("PYTHONPATH")]))

needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to act as several users"
)
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="shown on Linux only")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")


@functools.cache
def interpreters():
    """Version -> a working interpreter, from PATH and from pyenv. Shims that point nowhere are found out by a call."""
    homes = [os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv")]
    found = [sys.executable, *map(shutil.which, [f"python{version}" for version in VERSIONS])]
    for home in filter(None, homes):
        found += sorted(map(str, pathlib.Path(home, "versions").glob("*/bin/python")))
    result = {}
    for path in filter(None, found):
        try:
            answer = subprocess.run(
                [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                capture_output=True, text=True, timeout=20,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            continue
        if answer.returncode == 0 and answer.stdout.strip() in VERSIONS:
            result.setdefault(answer.stdout.strip(), path)
    return result


@pytest.fixture(params=VERSIONS)
def python(request):
    """Each version of Python in turn; a missing one is skipped."""
    if request.param not in interpreters():
        pytest.skip(f"no Python {request.param} on this machine")
    return interpreters()[request.param]


@pytest.fixture
def temp(tmp_path):
    """An empty directory that is the temporary directory of the processes a test starts."""
    place = tmp_path / "temp"
    place.mkdir()
    return place


class Runner:
    """Runs snippets in new processes whose temporary directory is `temp`."""

    def __init__(self, temp):
        self.temp = temp
        self.started = []

    def start(self, code, *arguments, python=sys.executable, env=None, **options):
        environment = {**os.environ, "TMPDIR": str(self.temp), **(env or {})}
        process = subprocess.Popen(
            [python, "-c", "import os, sys, tempsafe\n" + textwrap.dedent(code), *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=environment, **options,
        )  # fmt: skip
        self.started.append(process)
        return process

    def __call__(self, code, *arguments, status=0, timeout=120, noise="Traceback", **options):
        """Run to the end and return the lines of its output. With status 0, `noise` must not be in its errors."""
        process = self.start(code, *arguments, **options)
        out, err = process.communicate(timeout=timeout)
        assert process.returncode == status, f"status {process.returncode}\n{out}\n{err}"
        assert noise not in err or status, err
        return out.splitlines()

    def next_processes(self, gone, code="tempsafe.mkstemp()", **options):
        """Use tempsafe in new processes until `gone()`; on an idle machine it takes one.

        The automatic sweep stops after 50 ms, and a busy machine may have given these to others.
        """
        for _ in range(30):
            self(code, **options)
            if gone():
                return
        raise AssertionError(f"still there: {self.left()}")

    def lines(self, process, count):
        """The first `count` lines of a running process."""
        result = [process.stdout.readline().rstrip("\n") for _ in range(count)]
        assert all(result), process.communicate()[1]
        return result

    def left(self):
        """What is in the temporary directory, apart from the journal directory itself."""
        names = []
        for name in sorted(os.listdir(self.temp)):
            if name.startswith("tempsafe-"):
                names += [f"{name}/{journal}" for journal in os.listdir(self.temp / name)]
            else:
                names.append(name)
        return names


@pytest.fixture
def run(temp):
    runner = Runner(temp)
    yield runner
    for process in runner.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def mount(tmp_path):
    """mount(options) -> a directory with a tmpfs on it."""
    mounted = []

    def make(options, name="mounted"):
        place = tmp_path / name
        place.mkdir(exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", place], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"mounting is not permitted here: {done.stderr.strip()}")
        mounted.append(place)
        return place

    if not shutil.which("mount"):
        pytest.skip("no mount command")
    yield make
    for place in reversed(mounted):
        subprocess.run(["umount", "-l", place], check=False)


@pytest.fixture
def open_place():
    """A directory in which other users may act too (not below tmp_path, which only we may enter)."""
    import tempfile

    place = pathlib.Path(tempfile.mkdtemp(prefix="tempsafe-tests-", dir="/tmp"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def memory(tmp_path):
    """A directory in memory if there is such a thing: for tests with very many files."""
    import tempfile

    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    place = pathlib.Path(tempfile.mkdtemp(prefix="tempsafe-tests-", dir="/dev/shm"))
    yield place
    shutil.rmtree(place)
