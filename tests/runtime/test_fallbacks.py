"""What macOS, Windows and network file systems do, run here by switching off what they lack (see _platform).

In-process cleanup only, no error: that is the promise where there is no flock or no directory descriptors.
"""

import os
import stat
import subprocess

import pytest
import tempsafe
from tempsafe import _places, _platform, _removal

from .conftest import needs_linux, needs_root

WITHOUT = {
    "flock": "_platform.FLOCK = False",
    "directory descriptors": "_platform.DIR_FD = False",
    "proc": "_platform.PROC = False",
    "nameless files": "_platform.O_TMPFILE = 0",
    "all of them": "_platform.FLOCK = _platform.DIR_FD = _platform.PROC = False; _platform.O_TMPFILE = 0",
    "fcntl": "_platform.FLOCK = False; _platform.fcntl = None",
}
without = pytest.mark.parametrize("what", WITHOUT)

EVERYTHING = """
fd, a = tempsafe.mkstemp(); os.close(fd)
b = tempsafe.mkdtemp(); os.makedirs(b + "/x/y"); open(b + "/x/file", "w").close(); os.symlink("/", b + "/x/y/root")
c = tempsafe.mktemp(); open(c, "w").close()
d = tempsafe.mktemp(delete=False); open(d, "w").close()
with tempsafe.NamedTemporaryFile("w") as e: e.write("x"); assert os.path.exists(e.name)
with tempsafe.TemporaryDirectory() as f: os.mkdir(f + "/sub"); open(f + "/sub/file", "w").close()
g = tempsafe.mktemp(); open(g, "w").close(); tempsafe.keep(g)
with tempsafe.open_atomic(os.environ["TMPDIR"] + "/published", "w") as file: file.write("new")
assert open(os.environ["TMPDIR"] + "/published").read() == "new"
assert not os.path.exists(e.name) and not os.path.exists(f)
tempsafe.sweep()
h = tempsafe.NamedTemporaryFile(delete="exit"); h.close()
print(a, b, c, d, e.name, f, g, h.name, sep="\\n")
"""


@without
def test_everything_at_exit_without(run, what):
    lines = run(f"from tempsafe import _platform\n{WITHOUT[what]}\n{EVERYTHING}")
    assert [os.path.exists(path) for path in lines] == [False, False, False, True, False, False, True, False]


@without
def test_journal_only_with_flock_and_descriptors(run, what):
    """Without them no journal is written: after SIGKILL things stay, and nothing else goes wrong."""
    code = f"from tempsafe import _platform\n{WITHOUT[what]}\nprint(tempsafe.mkdtemp(), flush=True)"
    (path,) = run(code + "; os.kill(os.getpid(), 9)", status=-9)
    if what in ("proc", "nameless files"):
        run.next_processes(lambda: not os.path.exists(path))
    else:
        run("tempsafe.mkstemp(); tempsafe.sweep()")
        assert os.path.exists(path)


def test_sweeper_without_flock_touches_nothing(run):
    (path,) = run("print(tempsafe.mkdtemp(), flush=True); os.kill(os.getpid(), 9)", status=-9)
    assert run("tempsafe._platform.FLOCK = False\ntempsafe.mkstemp(); print(tempsafe.sweep())") == ["[]"]
    assert os.path.exists(path)


def test_windows_paths_of_the_code(run):
    """WINDOWS switched on, on a POSIX system: no modes or owners are looked at, publication closes, then renames."""
    lines = run(
        f"""
from tempsafe import _platform
_platform.WINDOWS = True
{WITHOUT["all of them"]}
{EVERYTHING}
target = os.environ["TMPDIR"] + "/published"
with tempsafe.open_atomic(target) as file: file.write("again")
assert open(target).read() == "again"
os.environ["LOCALAPPDATA"] = os.environ["TMPDIR"]
for lifetime in ("boot", "session", "forever"):
    path = tempsafe.user_path("x", app="demo", lifetime=lifetime)
    assert path == os.environ["TMPDIR"] + "/demo/x", path
"""
    )
    assert [os.path.exists(path) for path in lines] == [False, False, False, True, False, False, True, False]


def test_windows_file_in_use(run):
    """Another process has it open when it is closed here: no error, and another attempt at exit."""
    (path,) = run(
        """
        from tempsafe import _platform, _removal
        real, tries = os.unlink, []
        def busy(path):
            tries.append(path)
            if len(tries) <= 11: raise PermissionError(13, "in use", path)
            real(path)
        _platform.WINDOWS = True; _removal._TRIES = 3
        os.unlink = busy
        with tempsafe.NamedTemporaryFile() as file: pass
        assert len(tries) == 4, tries
        assert os.path.exists(file.name)
        with tempsafe.NamedTemporaryFile() as other: pass
        assert len(tries) == 8
        os.unlink = real
        print(file.name)
        """
    )
    assert not os.path.exists(path)


def test_windows_target_in_use(run):
    run(
        """
        from tempsafe import _platform, _publish
        real, tries = os.replace, []
        def busy(source, target):
            tries.append(target)
            if len(tries) <= 3: raise PermissionError(13, "in use", target)
            real(source, target)
        _platform.WINDOWS = True; _platform.O_TMPFILE = 0
        os.replace = busy
        target = os.environ["TMPDIR"] + "/target"
        with tempsafe.open_atomic(target) as file: file.write("x")
        assert (len(tries), open(target).read()) == (4, "x")
        _publish._TRIES = 2
        tries.clear()
        try:
            with tempsafe.open_atomic(target) as file: file.write("y")
        except PermissionError: pass
        else: raise SystemExit("no error")
        assert open(target).read() == "x"
        """
    )
    assert run.left() == ["target"]


def test_macos_places(run, temp):
    """boot and session are the per-user directory the system names; forever is ~/Library/Caches."""
    (temp / "darwin").mkdir(mode=0o700)
    (temp / "home").mkdir()
    assert run(
        """
        from tempsafe import _platform
        _platform.MACOS = True
        os.confstr = lambda number: {65537: os.environ["TMPDIR"] + "/darwin"}[number]
        os.environ["HOME"] = os.environ["TMPDIR"] + "/home"
        for lifetime in ("boot", "session", "forever"):
            print(os.path.relpath(tempsafe.user_path("x", app="demo", lifetime=lifetime), os.environ["TMPDIR"]))
        with tempsafe.open_atomic(os.environ["TMPDIR"] + "/target") as file: file.write("x")
        """
    ) == [f"darwin/demo-{os.geteuid()}/x", "darwin/demo/x", "home/Library/Caches/demo/x"]


@needs_linux
@needs_root
def test_read_only_tree_by_path(run, open_place):
    """Without directory descriptors permissions are mended by path, as the standard library does."""
    run(
        """
        from tempsafe import _platform
        _platform.DIR_FD = False
        os.setgroups([]); os.chown(sys.argv[1], 65534, 65534); os.setgid(65534); os.setuid(65534)
        os.environ["TMPDIR"] = sys.argv[1]
        with tempsafe.TemporaryDirectory() as path:
            os.makedirs(path + "/a/b"); open(path + "/a/b/file", "w").close()
            os.chmod(path + "/a/b", 0o500); os.chmod(path + "/a", 0)
        assert not os.path.exists(path)
        """,
        open_place,
    )


@needs_root
def test_by_path_goes_on_past_errors(tmp_path, monkeypatch, mount):
    monkeypatch.setattr(_platform, "DIR_FD", False)
    box = tempsafe.TemporaryDirectory(dir=tmp_path)
    for name in "abc":
        os.makedirs(f"{box.name}/{name}/x")
    place = mount("size=64k", tmp_path.joinpath(box.name, "b"))
    with pytest.raises(OSError):
        box.cleanup()
    assert os.listdir(box.name) == ["b"]
    subprocess.run(["umount", place], check=True)
    box.cleanup()
    assert not os.path.exists(box.name)


def test_chmod_without_following_where_there_is_no_o_path(tmp_path, monkeypatch):
    """macOS: the mode is mended by fchmodat(AT_SYMLINK_NOFOLLOW); here the call is looked at, not made."""
    calls = []
    monkeypatch.setattr(_platform, "PROC", False)
    monkeypatch.setattr(_platform, "CHMOD_NOFOLLOW", True)
    real = os.open

    def refuse(name, flags, mode=0o777, *, dir_fd=None):
        if name == "closed" and not calls:
            raise PermissionError(13, "refused", name)
        return real(name, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "chmod", lambda name, mode, **how: calls.append((name, mode, how["follow_symlinks"])))
    (tmp_path / "top" / "closed").mkdir(parents=True)
    (tmp_path / "top" / "closed" / "file").touch()
    assert _removal.remove_tree(str(tmp_path / "top"))
    assert calls == [("closed", 0o700, False)]
    assert not (tmp_path / "top").exists()


def test_nothing_is_verified_on_windows(monkeypatch, tmp_path):
    monkeypatch.setattr(_platform, "WINDOWS", True)
    tmp_path.chmod(0o777)
    _places.verify_ancestors(str(tmp_path))
    _places.verify_private(str(tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o777
