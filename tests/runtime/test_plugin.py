"""The pytest option --tempsafe-leaks, on a small suite of its own."""

import os
import subprocess
import sys

import pytest

SUITE = """
import os, tempfile
import pytest, tempsafe

def test_stdlib_leak():
    tempfile.mkdtemp()

def test_mkstemp_leak():
    fd, path = tempfile.mkstemp()
    os.close(fd)

def test_tempsafe_leak():
    tempsafe.mkdtemp()  # gone at exit, but not at the end of the test

def helper():
    return tempfile.NamedTemporaryFile(delete=False)

def test_leak_in_a_helper():
    helper().close()

@pytest.fixture
def leaky():
    yield tempfile.mkdtemp()

def test_fixture_leak(leaky):
    pass

def test_clean(tmp_path):
    with tempfile.TemporaryDirectory(), tempsafe.NamedTemporaryFile():
        pass
    tempfile.NamedTemporaryFile()
    path = tempsafe.mktemp()

@pytest.fixture
def tidy():
    path = tempfile.mkdtemp()
    yield path
    os.rmdir(path)

@pytest.fixture(scope="module")
def wide():
    path = tempfile.mkdtemp()
    yield path
    os.rmdir(path)

def test_clean_with_fixtures(tidy, wide):
    pass

def test_clean_again(wide):
    assert os.path.isdir(wide)

@pytest.fixture(scope="module")
def wide_leak():
    yield tempfile.mkdtemp()

def test_wide_leak(wide_leak):
    pass
"""


@pytest.fixture
def suite(tmp_path, temp):
    (tmp_path / "test_suite.py").write_text(SUITE)

    def go(*options):
        environment = {**os.environ, "TMPDIR": str(temp), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "tempsafe.pytest_plugin", "-p", "no:cacheprovider", "-rA",
             "--rootdir", tmp_path, "-c", os.devnull, *options, tmp_path / "test_suite.py"],
            capture_output=True, text=True, env=environment, cwd=tmp_path,
        )  # fmt: skip

    return go


def test_error(suite):
    done = suite("--tempsafe-leaks=error")
    assert "9 passed, 6 errors" in done.stdout, done.stdout
    failed = {line.split("::")[1].split(" ")[0] for line in done.stdout.splitlines() if line.startswith("ERROR ")}
    assert failed == {
        "test_stdlib_leak", "test_mkstemp_leak", "test_tempsafe_leak", "test_leak_in_a_helper", "test_fixture_leak",
        "test_wide_leak",
    }  # fmt: skip
    for text in ("tempfile.mkdtemp()", "return tempfile.NamedTemporaryFile(delete=False)"):
        line = SUITE.splitlines().index(next(one for one in SUITE.splitlines() if text in one)) + 1
        assert f"test_suite.py:{line}" in done.stdout
    assert "fixture 'wide_leak' left 1" in done.stdout


def test_warn(suite):
    done = suite("--tempsafe-leaks=warn")
    assert "9 passed, 6 warnings" in done.stdout, done.stdout
    assert "LeakedTemporary" in done.stdout


def test_off_by_default(suite):
    done = suite()
    assert "9 passed" in done.stdout and "left 1" not in done.stdout, done.stdout
