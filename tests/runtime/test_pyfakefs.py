"""Under pyfakefs, which replaces `os` and `open` in every module while a test runs."""

import os

import pytest
import tempsafe
from tempsafe import _session

fake = pytest.importorskip("pyfakefs.fake_filesystem_unittest", reason="pyfakefs is not installed")


@pytest.fixture
def patcher():
    with fake.Patcher() as active:
        yield active


def test_drop_ins(patcher):
    fd, path = tempsafe.mkstemp()
    os.write(fd, b"abc")
    os.close(fd)
    assert patcher.fs.exists(path)
    directory = tempsafe.mkdtemp()
    with tempsafe.NamedTemporaryFile("w") as file:
        file.write("x")
        assert patcher.fs.exists(file.name)
    assert not patcher.fs.exists(file.name)
    with tempsafe.TemporaryDirectory() as name:
        patcher.fs.create_file(f"{name}/a/b/c")
    assert not patcher.fs.exists(name)
    assert patcher.fs.exists(directory)


def test_mktemp_keep_and_sweep(patcher):
    path = tempsafe.mktemp()
    patcher.fs.create_file(path)
    assert tempsafe.keep(path) == path
    assert tempsafe.sweep() == []


def test_open_atomic(patcher):
    patcher.fs.create_file("/data/target", contents="old")
    with tempsafe.open_atomic("/data/target") as file:
        file.write("new")
    assert patcher.fs.get_object("/data/target").contents == "new"
    assert os.listdir("/data") == ["target"]


def test_user_path(patcher):
    patcher.fs.create_dir("/tmp/there") if not patcher.fs.exists("/tmp") else None
    assert tempsafe.user_path("x", app="demo").endswith("/x")


def test_the_real_journal_is_taken_up_again(tmp_path):
    """Before, during and after a fake file system: the real temps are still listed, and still removed."""
    before = tempsafe.mkdtemp(dir=tmp_path)
    with fake.Patcher():
        inside = tempsafe.mkdtemp()
        tempsafe.mkstemp()
    assert not os.path.exists(inside)
    after = tempsafe.mkdtemp(dir=tmp_path)
    tempsafe.keep(before)
    session = _session.current()
    with open(session.journal.path, "rb") as file:
        content = file.read()
    assert f"d{after}\0".encode() in content
    assert sorted(os.listdir(os.path.dirname(session.journal.path))).count(os.path.basename(session.journal.path)) == 1
    own = [path for path, _ in session.names if os.path.exists(path)]
    assert own == [session.journal.path]  # none left that would still claim what was kept
