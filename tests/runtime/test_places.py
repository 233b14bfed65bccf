"""user_path and mktemp: what others have planted, or could replace, is refused."""

import errno
import os
import pickle
import stat
import subprocess
import sys

import pytest
import tempsafe
from tempsafe import _places, _platform

from .conftest import NOBODY, OTHER, needs_root

APP = f"tempsafe-test-{os.getpid()}"
posix = pytest.mark.skipif(sys.platform != "linux", reason="the paths of Linux")


@pytest.fixture
def boot():
    """Where user_path(app=APP) goes; removed afterwards, whatever it has become."""
    path = f"/tmp/{APP}-{os.geteuid()}"
    yield path
    if os.path.islink(path) or os.path.isfile(path):
        os.unlink(path)
    elif os.path.isdir(path):
        os.rmdir(path)


def as_nobody(code):
    """Really as another user, in a process of its own."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            code()
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@posix
def test_user_path(boot, monkeypatch, tmp_path):
    path = tempsafe.user_path("x", app=APP)
    assert path == f"{boot}/x"
    assert stat.S_IMODE(os.stat(boot).st_mode) == 0o700
    assert not os.path.lexists(path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert tempsafe.user_path("x", app=APP) == path
    assert tempsafe.user_path("y", app=APP) == f"{boot}/y"


@posix
@needs_root
@pytest.mark.parametrize("how", ["directory", "link", "file", "link to a directory of ours"])
def test_user_path_planted_by_another_user(boot, how, tmp_path):
    def plant():
        if how == "directory":
            os.mkdir(boot, 0o700)
        elif how == "link":
            os.symlink("/tmp", boot)
        elif how == "file":
            os.close(os.open(boot, os.O_CREAT | os.O_WRONLY, 0o600))
        else:
            os.symlink(tmp_path, boot)

    as_nobody(plant)
    with pytest.raises(tempsafe.UnsafePathError) as caught:
        tempsafe.user_path("x", app=APP)
    assert caught.value.errno == errno.EPERM
    assert caught.value.filename == boot
    assert isinstance(caught.value, PermissionError)


@posix
@pytest.mark.parametrize("mode", [0o755, 0o710, 0o701, 0o1777])
def test_user_path_wrong_mode_is_refused_and_not_mended(boot, mode):
    os.mkdir(boot)
    os.chmod(boot, mode)
    with pytest.raises(tempsafe.UnsafePathError, match="chmod 700"):
        tempsafe.user_path("x", app=APP)
    assert stat.S_IMODE(os.stat(boot).st_mode) == mode


@posix
def test_user_path_is_verified_at_every_call(boot):
    tempsafe.user_path("x", app=APP)
    os.chmod(boot, 0o777)
    with pytest.raises(tempsafe.UnsafePathError):
        tempsafe.user_path("x", app=APP)


@posix
def test_user_path_session(monkeypatch, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert tempsafe.user_path("s", app=APP, lifetime="session") == f"{runtime}/{APP}/s"
    runtime.chmod(0o755)
    with pytest.raises(tempsafe.UnsafePathError):
        tempsafe.user_path("s", app=APP, lifetime="session")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "absent"))
    with pytest.raises(FileNotFoundError):
        tempsafe.user_path("s", app=APP, lifetime="session")


@posix
def test_user_path_forever(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "new" / "cache"))
    assert tempsafe.user_path("s", app=APP, lifetime="forever") == f"{tmp_path}/new/cache/{APP}/s"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tempsafe.user_path("s", app=APP, lifetime="forever") == f"{tmp_path}/.cache/{APP}/s"


@pytest.mark.parametrize("bad", ["", ".", "..", "a/b", "/a", "a\0b", "a\\b", "c:d"])
def test_user_path_plain_names_only(bad):
    with pytest.raises(ValueError, match="name must be a plain"):
        tempsafe.user_path(bad, app=APP)
    with pytest.raises(ValueError, match="app must be a plain"):
        tempsafe.user_path("x", app=bad)


def test_user_path_wrong_use():
    with pytest.raises(ValueError, match="lifetime must be"):
        tempsafe.user_path("x", app=APP, lifetime="for ever")
    with pytest.raises(TypeError, match="name must be str"):
        tempsafe.user_path(b"x", app=APP)


@posix
def test_user_path_is_held_against_age_based_cleaners(boot):
    import fcntl

    tempsafe.user_path("x", app=APP)
    fd = os.open(boot, os.O_RDONLY)
    try:
        with pytest.raises(BlockingIOError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(fd)


@pytest.mark.skipif(_platform.WINDOWS, reason="POSIX modes")
@pytest.mark.parametrize("mode, safe", [(0o700, True), (0o755, True), (0o1777, True), (0o777, False), (0o775, False)])
def test_mktemp_and_modes_of_an_ancestor(tmp_path, mode, safe):
    above = tmp_path / "above"
    (above / "below").mkdir(parents=True)
    above.chmod(mode)
    if safe:
        assert tempsafe.mktemp(dir=above / "below").startswith(str(above))
        return
    with pytest.raises(tempsafe.UnsafePathError, match="chmod") as caught:
        tempsafe.mktemp(dir=above / "below")
    assert caught.value.filename == str(above)
    assert os.listdir(above / "below") == []


@needs_root
def test_mktemp_below_a_directory_of_another_user(open_place):
    theirs = open_place / "theirs"
    (theirs / "mine").mkdir(parents=True)
    os.chown(theirs, OTHER, OTHER)
    with pytest.raises(tempsafe.UnsafePathError, match=f"another user \\({OTHER}\\)"):
        tempsafe.mktemp(dir=theirs / "mine")


@needs_root
def test_mktemp_through_a_link_of_another_user(open_place, tmp_path):
    """The link can be pointed elsewhere at any time, even if it leads to a good place now."""
    open_place.chmod(0o1777)
    link = open_place / "link"
    as_nobody(lambda: os.symlink(tmp_path, link))
    with pytest.raises(tempsafe.UnsafePathError):
        tempsafe.mktemp(dir=link)


def test_mktemp_through_our_own_links(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "relative").symlink_to("real")
    (tmp_path / "dots").symlink_to("./relative/../real")
    (tmp_path / "absolute").symlink_to(tmp_path / "dots")
    assert tempsafe.mktemp(dir=tmp_path / "absolute").startswith(f"{tmp_path}/absolute/")
    (tmp_path / "real").chmod(0o777)
    (tmp_path / "another").symlink_to("dots")
    with pytest.raises(tempsafe.UnsafePathError):
        tempsafe.mktemp(dir=tmp_path / "another")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError) as caught:
        _places.verify_ancestors(str(tmp_path / "loop"))
    assert caught.value.errno == errno.ELOOP


@needs_root
def test_another_user_cannot_put_anything_at_a_mktemp_path(open_place):
    """The same attack works on the standard library's mktemp: the directory it names a path in is everybody's."""
    import tempfile

    open_place.chmod(0o1777)
    theirs = tempfile.mktemp(dir=open_place)
    ours = tempsafe.mktemp(dir=open_place)

    def attack():
        os.symlink("/etc/passwd", theirs)
        for call in (lambda: os.symlink("/etc/passwd", ours), lambda: os.rename(os.path.dirname(ours), ours + "x")):
            try:
                call()
            except PermissionError:
                continue
            raise AssertionError("the private directory is not private")

    as_nobody(attack)
    assert os.path.islink(theirs)
    assert not os.path.lexists(ours)


def test_mktemp_notices_that_its_directory_is_gone(tmp_path):
    first = tempsafe.mktemp(dir=tmp_path)
    os.rmdir(os.path.dirname(first))
    second = tempsafe.mktemp(dir=tmp_path)
    assert os.path.isdir(os.path.dirname(second)) and os.path.dirname(first) != os.path.dirname(second)


def test_error_can_be_pickled():
    error = _places.UnsafePathError("/x", "why", "do this")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.filename, again.errno) == (str(error), "/x", errno.EPERM)


def test_unsafe_path_error_in_a_process_of_its_own(run, tmp_path):
    """The name is loaded on demand, also in an except clause."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    assert run(
        """
        try: tempsafe.mktemp(dir=sys.argv[1])
        except tempsafe.UnsafePathError as error: print(error.filename)
        """,
        tmp_path / "open",
    ) == [str(tmp_path / "open")]
    assert subprocess.run([sys.executable, "-c", "from tempsafe import *; UnsafePathError, sweep"]).returncode == 0
