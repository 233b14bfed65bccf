"""Removing trees: wide, deep, read-only, raced, and only ever our own."""

import errno
import os
import pathlib
import subprocess
import sys
import threading

import pytest
import tempsafe
from tempsafe import _platform, _removal

from .conftest import HERE, NOBODY, needs_linux, needs_root


def become_nobody(place):
    """Code for a child: give the directory away, then drop to an ordinary user."""
    return f"os.chown({str(place)!r}, {NOBODY}, {NOBODY}); os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"


def test_100_000_files(memory):
    with tempsafe.TemporaryDirectory(dir=memory) as path:
        for number in range(100):
            directory = f"{path}/{number}"
            os.mkdir(directory)
            fd = os.open(directory, os.O_RDONLY)
            for name in range(1000):
                os.close(os.open(str(name), os.O_CREAT | os.O_WRONLY, dir_fd=fd))
            os.close(fd)
    assert os.listdir(memory) == []


@pytest.mark.skipif(not _platform.DIR_FD, reason="constant descriptors need openat")
def test_depth_20_000_with_40_descriptors(run, memory):
    lines = run(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        box = tempsafe.TemporaryDirectory()
        os.chdir(box.name)
        for _ in range(20_000):
            os.mkdir("d"); open("f", "w").close(); os.chdir("d")
        os.chdir("/")
        before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
        box.cleanup()
        after = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 1
        print(os.path.exists(box.name), before - after)
        """,
        env={"TMPDIR": str(memory)},
    )
    assert lines == ["False 1"]  # the directory's own lock was given back, nothing else was lost


@pytest.mark.skipif(not _platform.DIR_FD, reason="constant descriptors need openat")
def test_deep_and_branching(run, memory):
    """Climbing back finds the brothers that were left on the way down."""
    run(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        box = tempsafe.TemporaryDirectory()
        os.chdir(box.name)
        for _ in range(200):
            for name in "abc": os.makedirs(name + "/x/y/z"); open(name + "/x/file", "w").close()
            os.mkdir("d"); os.chdir("d")
        os.chdir("/")
        box.cleanup()
        assert not os.path.exists(box.name)
        """,
        env={"TMPDIR": str(memory)},
    )


@needs_root
@needs_linux
def test_read_only_tree_as_an_ordinary_user(run, python, open_place):
    """Directories of mode 0000 and 0500, nested, with files in them: their permissions are mended on the inode."""
    run(
        become_nobody(open_place)
        + """
os.environ["TMPDIR"] = sys.argv[1]
with tempsafe.TemporaryDirectory() as path:
    for mode in (0o000, 0o500, 0o300, 0o600):
        name = f"{path}/{mode:o}"
        os.makedirs(name + "/inner/more")
        for where in (name, name + "/inner"): open(where + "/file", "w").close(); os.chmod(where + "/file", 0)
        os.chmod(name + "/inner", mode); os.chmod(name, mode)
    os.chmod(path, 0o500)
assert not os.path.exists(path)
""",
        open_place,
        python=python,
    )


@needs_root
@needs_linux
def test_read_only_tree_where_proc_is_missing(run, open_place):
    """Without /proc a listable directory is still mended; one that cannot even be opened is an error that says so."""
    run(
        become_nobody(open_place)
        + """
from tempsafe import _platform
_platform.PROC = False
os.environ["TMPDIR"] = sys.argv[1]
box = tempsafe.TemporaryDirectory()
os.mkdir(box.name + "/a"); open(box.name + "/a/file", "w").close(); os.chmod(box.name + "/a", 0o500)
box.cleanup()
box = tempsafe.TemporaryDirectory()
os.mkdir(box.name + "/a"); os.chmod(box.name + "/a", 0)
os.mkdir(box.name + "/b"); open(box.name + "/b/file", "w").close(); os.chmod(box.name + "/b", 0)
try: box.cleanup()
except PermissionError as error: assert error.filename == "b", error
else: raise SystemExit("no error")
assert os.listdir(box.name) == ["b"]  # an empty one can be removed unopened
os.chmod(box.name + "/b", 0o700)
box.cleanup()
""",
        open_place,
    )


@needs_root
@needs_linux
@pytest.mark.parametrize("how", ["tempsafe", "naive"])
def test_swap_race_of_two_users(open_place, how):
    """At least 300 rounds, no file of the owner is lost; the control loses one, so the race is real."""
    # The control ends with the first loss, most often within 50 rounds.
    rounds = int(os.environ.get("TEMPSAFE_TEST_ROUNDS", "350")) if how == "tempsafe" else 20_000
    done = subprocess.run(
        [sys.executable, HERE / "swapping.py", open_place, str(rounds), how],
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.stderr == ""
    rounds_done, lost, _ = map(int, done.stdout.split())
    if how == "tempsafe":
        assert (rounds_done >= 300, lost) == (True, 0)
    else:
        assert lost == 1


def test_links_are_removed_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    with tempsafe.TemporaryDirectory(dir=tmp_path) as path:
        os.symlink(outside, f"{path}/link")
        os.symlink("/nowhere", f"{path}/dangling")
        os.mkfifo(f"{path}/fifo")
    assert not os.path.lexists(path)
    assert (outside / "file").exists()


@needs_root
def test_another_device_is_not_entered(tmp_path, mount):
    box = tempsafe.TemporaryDirectory(dir=tmp_path)
    os.mkdir(f"{box.name}/a")
    place = mount("size=64k", pathlib.Path(box.name, "a", "mounted"))
    (place / "file").touch()
    with pytest.raises(OSError, match="mounted") as caught:
        box.cleanup()
    assert caught.value.errno == errno.EBUSY
    assert (place / "file").exists()
    subprocess.run(["umount", place], check=True)
    box.cleanup()
    assert not os.path.exists(box.name)


def test_replaced_directory_is_left_alone(tmp_path):
    """Another directory under the same name is not ours to remove, and nor is the one that was moved away."""
    box = tempsafe.TemporaryDirectory(dir=tmp_path)
    os.rename(box.name, tmp_path / "moved")
    os.mkdir(box.name)
    box.cleanup()
    assert os.path.isdir(box.name) and os.path.isdir(tmp_path / "moved")


def test_replaced_file_is_left_alone(tmp_path):
    with tempsafe.NamedTemporaryFile(dir=tmp_path) as file:
        os.replace(file.name, tmp_path / "published")
        pathlib.Path(file.name).write_text("another")
    assert pathlib.Path(file.name).read_text() == "another"
    assert (tmp_path / "published").exists()


@pytest.mark.skipif(not _platform.DIR_FD, reason="needs openat")
def test_tree_moved_during_its_removal(tmp_path):
    """The way up must lead where we came from: from a subtree that was moved elsewhere the walk does not go on there.

    What is left of that subtree stays where it was moved to; the next pass removes the rest of the tree.
    """
    (tmp_path / "precious").mkdir()
    top = tmp_path / "top"
    deep = top.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    moved = []
    leave = _removal._Walk._leave

    def moving(walk):
        if not moved:
            moved.append(os.rename(top.joinpath(*["d"] * 8), tmp_path / "elsewhere"))
            (tmp_path / "d").mkdir()  # a walk that went on would remove this, by the name it expects
        return leave(walk)

    _removal._Walk._leave = moving
    try:
        assert _removal.remove_tree(str(top))
    finally:
        _removal._Walk._leave = leave
    assert not top.exists()
    assert len(list((tmp_path / "elsewhere").rglob("d"))) == 0
    assert (tmp_path / "precious").exists() and (tmp_path / "d").exists()


def test_something_still_writes_into_the_tree(tmp_path):
    """A writer that soon stops does not make cleanup fail: there are three more passes."""
    box = tempsafe.TemporaryDirectory(dir=tmp_path)
    inner = pathlib.Path(box.name, "inner")
    inner.mkdir()
    passes = []
    rmdir = _removal._Walk._rmdir

    def rmdir_late(walk, fd, name):
        if len(passes) < 3:
            passes.append((inner / f"late{len(passes)}").touch())
        rmdir(walk, fd, name)

    _removal._Walk._rmdir = rmdir_late
    try:
        box.cleanup()
    finally:
        _removal._Walk._rmdir = rmdir
    assert len(passes) == 3
    assert not os.path.exists(box.name)


def test_goes_on_past_errors_and_raises_the_first(tmp_path, mount):
    box = tempsafe.TemporaryDirectory(dir=tmp_path)
    for name in "abc":
        os.mkdir(f"{box.name}/{name}")
        pathlib.Path(box.name, name, "file").touch()
    place = mount("size=64k", pathlib.Path(box.name, "b"))
    with pytest.raises(OSError, match="'b'"):
        box.cleanup()
    assert os.listdir(box.name) == ["b"]
    quiet = tempsafe.TemporaryDirectory(dir=box.name, ignore_cleanup_errors=True)
    inner = mount("size=64k", pathlib.Path(quiet.name, "inner"))
    quiet.cleanup()
    assert os.path.isdir(quiet.name)
    for mounted in (inner, place):
        subprocess.run(["umount", mounted], check=True)
    quiet.cleanup()
    box.cleanup()
    assert os.listdir(tmp_path) == []


def test_two_threads_clean_the_same_directory(tmp_path):
    for _ in range(50):
        box = tempsafe.TemporaryDirectory(dir=tmp_path)
        for name in range(20):
            os.makedirs(f"{box.name}/{name}/x")
        errors = []

        def clean(box=box, errors=errors):
            try:
                box.cleanup()
            except OSError as error:
                errors.append(error)

        threads = [threading.Thread(target=clean) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert not os.path.exists(box.name)
