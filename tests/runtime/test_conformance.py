"""The interpreter's own tests of `tempfile`, with our five names in its place, on every interpreter at hand."""

import json
import os
import subprocess

import pytest

from .conftest import HERE

#: By design: mktemp's path lies in a directory of its own, so `dir` is not its parent and is not empty afterwards.
PRIVATE_DIRECTORY = {"TestMktemp.test_basic", "TestMktemp.test_many"}
#: Replaces private parts of the standard library's module (its wrapper class, the calls it happens to make) to raise
#: in the middle; we do not have those parts. What it is after is shown with real interrupts in test_interrupts.py.
PRIVATE_PARTS = {"3.9": {"TestNamedTemporaryFile.test_no_leak_fd"}}
PRIVATE_PARTS_LATER = {"TestNamedTemporaryFile.test_unexpected_error"}


def conformance(python, tmp_path, *arguments):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [python, HERE / "conformance.py", *arguments], capture_output=True, text=True, timeout=120, env=environment
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def version(python):
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def has_tests(python):
    if subprocess.run([python, "-c", "import test.test_tempfile"], capture_output=True).returncode:
        pytest.skip("this interpreter comes without its test suite")


def test_tempsafe(python, has_tests, tmp_path):
    result = conformance(python, tmp_path)
    expected = PRIVATE_DIRECTORY | PRIVATE_PARTS.get(version(python), PRIVATE_PARTS_LATER)
    assert set(result["failed"]) == expected, result["details"]
    assert result["ran"] >= 60


def test_control_standard_library(python, has_tests, tmp_path):
    """The same runner with nothing replaced: no failure, so what fails above fails because of us."""
    result = conformance(python, tmp_path, "--stdlib")
    assert result["failed"] == []
    assert result["ran"] >= 60
