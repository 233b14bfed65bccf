"""open_atomic: the old content or the new, never a part, the right mode, and nothing left over."""

import os
import signal
import stat
import threading

import pytest
import tempsafe
from tempsafe import _platform

from .conftest import needs_fork, needs_linux, needs_root

NAMELESS = bool(_platform.O_TMPFILE and _platform.PROC)
ways = pytest.mark.parametrize("way", ["nameless", "sibling"])


@pytest.fixture(autouse=True)
def chosen_way(request, monkeypatch):
    """`sibling` is what platforms without O_TMPFILE do."""
    way = request.node.callspec.params.get("way") if hasattr(request.node, "callspec") else None
    if way == "nameless" and not NAMELESS:
        pytest.skip("no O_TMPFILE here")
    if way == "sibling":
        monkeypatch.setattr(_platform, "O_TMPFILE", 0)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@ways
@pytest.mark.parametrize("durable", [True, False])
def test_appears_at_the_end(tmp_path, way, durable):
    target = tmp_path / "target"
    with tempsafe.open_atomic(target, durable=durable, encoding="utf-8", newline="\r\n") as file:
        file.write("äöü\n")
        file.flush()
        assert not target.exists()
        assert len(os.listdir(tmp_path)) == (0 if way == "nameless" else 1)
    assert target.read_bytes() == "äöü\r\n".encode()
    assert os.listdir(tmp_path) == ["target"]


@ways
def test_exception_leaves_the_target(tmp_path, way):
    target = tmp_path / "target"
    target.write_text("old")
    with pytest.raises(KeyError), tempsafe.open_atomic(target) as file:
        file.write("new")
        raise KeyError
    assert (target.read_text(), os.listdir(tmp_path)) == ("old", ["target"])


@ways
def test_no_overwrite(tmp_path, way):
    target = tmp_path / "target"
    with tempsafe.open_atomic(target, "wb", overwrite=False) as file:
        file.write(b"first")
    with pytest.raises(FileExistsError), tempsafe.open_atomic(target, "wb", overwrite=False) as file:
        file.write(b"second")
    assert (target.read_bytes(), os.listdir(tmp_path)) == (b"first", ["target"])


@ways
def test_no_overwrite_has_one_winner(tmp_path, way):
    target = tmp_path / "target"
    won = []

    def work(number):
        try:
            with tempsafe.open_atomic(target, overwrite=False, durable=False) as file:
                file.write(str(number))
            won.append(number)
        except FileExistsError:
            pass

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [target.read_text()] == [str(number) for number in won]
    assert os.listdir(tmp_path) == ["target"]


@ways
@pytest.mark.parametrize("umask, expected", [(0o022, 0o644), (0o077, 0o600), (0o000, 0o666), (0o027, 0o640)])
def test_mode_of_a_new_file_is_that_of_open(tmp_path, way, umask, expected):
    old = os.umask(umask)
    try:
        with tempsafe.open_atomic(tmp_path / "target"):
            pass
        with open(tmp_path / "plain", "w"):
            pass
    finally:
        os.umask(old)
    assert mode(tmp_path / "target") == mode(tmp_path / "plain") == expected


@ways
def test_mode_of_the_replaced_file_or_as_asked(tmp_path, way):
    target = tmp_path / "target"
    target.touch()
    for given, before, after in ((None, 0o751, 0o751), (0o604, 0o751, 0o604), (None, 0o4755, 0o755)):
        target.chmod(before)
        with tempsafe.open_atomic(target, perms=given):
            pass
        assert mode(target) == after


@ways
def test_link_is_replaced_not_followed(tmp_path, way):
    (tmp_path / "outside").write_text("old")
    (tmp_path / "target").symlink_to("outside")
    with tempsafe.open_atomic(tmp_path / "target") as file:
        file.write("new")
    assert not (tmp_path / "target").is_symlink()
    assert (tmp_path / "outside").read_text() == "old"


@ways
def test_closing_inside_the_block(tmp_path, way):
    with tempsafe.open_atomic(tmp_path / "target") as file:
        file.write("all of it")
        file.close()
    assert (tmp_path / "target").read_text() == "all of it"


@ways
def test_read_back_inside_the_block(tmp_path, way):
    with tempsafe.open_atomic(tmp_path / "target", "w+b") as file:
        file.write(b"abc")
        file.seek(0)
        assert file.read() == b"abc"


@ways
def test_target_is_a_directory_or_its_directory_is_missing(tmp_path, way):
    (tmp_path / "target").mkdir()
    with pytest.raises(IsADirectoryError), tempsafe.open_atomic(tmp_path / "target"):
        pass
    assert os.listdir(tmp_path) == ["target"]
    with pytest.raises(FileNotFoundError), tempsafe.open_atomic(tmp_path / "absent" / "target"):
        pass


@pytest.mark.parametrize("bad", ["a", "x", "r", "r+", "rb", "wx", ""])
def test_other_modes_are_refused_at_the_call(tmp_path, bad):
    with pytest.raises(ValueError, match="mode must be one of"):
        tempsafe.open_atomic(tmp_path / "target", bad)


@ways
def test_a_target_in_bytes(tmp_path, way):
    with tempsafe.open_atomic(os.fsencode(tmp_path / "target"), "wb") as file:
        file.write(b"new")
    assert (tmp_path / "target").read_bytes() == b"new"


@ways
def test_wrong_use(tmp_path, way):
    with pytest.raises(TypeError, match="PathLike"):
        tempsafe.open_atomic(3)
    with pytest.raises(ValueError), tempsafe.open_atomic(tmp_path / "target", "wb", encoding="utf-8"):
        pass
    with pytest.raises(LookupError), tempsafe.open_atomic(tmp_path / "target", encoding="no such"):
        pass
    block = tempsafe.open_atomic(tmp_path / "target")
    with block, pytest.raises(ValueError, match="already open"):
        block.__enter__()
    assert os.listdir(tmp_path) == ["target"]


@needs_linux
@needs_root
@ways
@pytest.mark.parametrize("options", ["size=64k", "size=1m,nr_inodes=4"])
def test_full_disk_and_no_inodes(mount, run, way, options):
    """The target is as it was and nothing is left; the journal is elsewhere and has room."""
    place = mount(options)
    (place / "target").write_text("old")
    if "inodes" in options:
        (place / "a").touch()
        (place / "b").touch()
    code = """
        import errno
        if sys.argv[2] == "sibling": tempsafe._platform.O_TMPFILE = 0
        try:
            with tempsafe.open_atomic(sys.argv[1] + "/target", "wb") as file:
                for _ in range(100): file.write(b"x" * 4096)
        except OSError as error:
            print(error.errno == errno.ENOSPC)
        """
    assert run(code, place, way) == ["True"]
    assert (place / "target").read_text() == "old"
    assert sorted(os.listdir(place)) == (["a", "b", "target"] if "inodes" in options else ["target"])


@ways
@pytest.mark.parametrize("moment", ["in the block", "before the name is taken"])
def test_sigkill_leaves_nothing(run, way, moment, tmp_path):
    """In the block not even for a moment, where O_TMPFILE is to be had; a named part goes with the next process."""
    target = tmp_path / "target"
    target.write_text("old")
    run(
        """
        if sys.argv[2] == "sibling": tempsafe._platform.O_TMPFILE = 0
        if sys.argv[3] == "before the name is taken":
            os.replace = lambda *_, **__: os.kill(os.getpid(), 9)
        with tempsafe.open_atomic(sys.argv[1]) as file:
            file.write("new"); file.flush()
            if sys.argv[3] == "in the block": os.kill(os.getpid(), 9)
        """,
        target,
        way,
        moment,
        status=-signal.SIGKILL,
    )
    if (way, moment) == ("nameless", "in the block"):
        assert os.listdir(tmp_path / "temp") == [f"tempsafe-{os.geteuid()}"]
        assert sorted(os.listdir(tmp_path)) == ["target", "temp"]
    run.next_processes(lambda: sorted(os.listdir(tmp_path)) == ["target", "temp"])
    assert (target.read_text(), sorted(os.listdir(tmp_path))) == ("old", ["target", "temp"])


@needs_fork
@ways
def test_child_that_leaves_the_block_publishes_nothing(run, way, tmp_path):
    assert run(
        """
        if sys.argv[2] == "sibling": tempsafe._platform.O_TMPFILE = 0
        with tempsafe.open_atomic(sys.argv[1], durable=False) as file:
            file.write("half"); file.flush()
            pid = os.fork()
            if pid:
                os.waitpid(pid, 0)
                print(os.path.exists(sys.argv[1]), flush=True)
                file.write(" and half")
        if not pid: os._exit(0)
        print(open(sys.argv[1]).read())
        """,
        tmp_path / "target",
        way,
    ) == ["False", "half and half"]


def test_readers_see_one_or_the_other(tmp_path):
    target = tmp_path / "target"
    target.write_text("0" * 50_000)
    stop, wrong = threading.Event(), []

    def read():
        while not stop.is_set():
            text = target.read_text()
            if len(text) != 50_000 or len(set(text)) != 1:
                wrong.append(text[:10])

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(300):
            with tempsafe.open_atomic(target, durable=False) as file:
                file.write(str(number % 10) * 50_000)
    finally:
        stop.set()
        reader.join()
    assert wrong == []


def test_no_umask_call(tmp_path, monkeypatch):
    """os.umask() would change the mask of every thread for a moment."""

    def never(mask):
        raise AssertionError("umask was set")

    monkeypatch.setattr(os, "umask", never)
    with tempsafe.open_atomic(tmp_path / "target"):
        pass
