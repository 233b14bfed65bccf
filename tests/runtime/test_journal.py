"""The journal: bounded, and harmless when its disk is full, its descriptors are taken, or it is taken away."""

import os
import shutil
import stat

import pytest
import tempsafe
from tempsafe import _journal, _session

from .conftest import NOBODY, needs_fork, needs_linux, needs_root


def journals(temp):
    root = temp / f"tempsafe-{os.geteuid()}"
    return sorted(root.glob("*.j")) if root.is_dir() else []


def test_journal_directory_and_file_are_private(run, temp):
    run("os.umask(0)\ntempsafe.mkdtemp(); sys.stdout.flush(); os.kill(os.getpid(), 9)", status=-9)
    (journal,) = journals(temp)
    assert stat.S_IMODE(journal.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600


def test_written_before_the_thing_exists(run):
    """An audit hook sees the name before the call that makes it; the call is then killed: the journal has it."""
    (path,) = run(
        """
        real = os.mkdir
        def mkdir(path, mode):
            real(path, mode)
            print(path, flush=True)
            os.kill(os.getpid(), 9)
        tempsafe.mkstemp()
        os.mkdir = mkdir
        tempsafe.mkdtemp()
        """,
        status=-9,
    )
    assert os.path.exists(path)
    run.next_processes(lambda: not os.path.exists(path))


@pytest.mark.parametrize("kind", ["mkstemp, unlinked by the caller", "NamedTemporaryFile"])
def test_table_and_journal_are_bounded(run, kind):
    """100,000 create/delete pairs (TEMPSAFE_TEST_PAIRS for more): neither grows with their number."""
    pairs = int(os.environ.get("TEMPSAFE_TEST_PAIRS", "100000")) // (1 if kind.startswith("mkstemp") else 4)
    entries, size, objects, files = run(
        """
        import gc
        from tempsafe import _session
        most = [0, 0]
        for number in range(int(sys.argv[1])):
            if sys.argv[2].startswith("mkstemp"):
                fd, path = tempsafe.mkstemp(); os.close(fd); os.unlink(path)
            else:
                with tempsafe.NamedTemporaryFile(): pass
            if not number % 500:
                session = _session.current()
                most = [max(most[0], len(session.entries)), max(most[1], os.fstat(session.journal.fd).st_size)]
            if number == 5000: gc.collect(); before = len(gc.get_objects())
        gc.collect()
        print(*most, len(gc.get_objects()) - before, len(os.listdir(os.path.dirname(session.journal.path))), sep="\\n")
        """,
        pairs,
        kind,
        timeout=300,
    )
    assert int(entries) <= 1024
    assert int(size) <= 128 * 1024
    assert int(objects) <= 1500
    assert int(files) == 1


def test_live_temps_survive_a_rewrite(run):
    """What is rewritten still lists everything that lives, and what was kept stays kept."""
    lines = run(
        """
        alive = [tempsafe.mkdtemp() for _ in range(300)]
        kept = tempsafe.mktemp(); open(kept, "w").close(); tempsafe.keep(kept)
        for _ in range(3000):
            fd, path = tempsafe.mkstemp(); os.close(fd); os.unlink(path)
        print(*alive, kept, sep="\\n", flush=True); os.kill(os.getpid(), 9)
        """,
        status=-9,
    )
    assert all(map(os.path.exists, lines))
    run("tempsafe.sweep()")
    assert [path for path in lines if os.path.exists(path)] == lines[-1:]


@needs_linux
@needs_root
def test_journal_on_a_full_disk(mount, run, tmp_path):
    """Creation goes on elsewhere, in-process cleanup works, and once there is room the journal lists everything."""
    full = mount("size=64k,nr_inodes=100")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    lines = run(
        """
        where = sys.argv[1]
        first = tempsafe.mkdtemp(dir=where)
        filler = os.open(os.environ["TMPDIR"] + "/filler", os.O_CREAT | os.O_WRONLY)
        try:
            while True: os.write(filler, b"x" * 4096)
        except OSError: pass
        made = [tempsafe.mkdtemp(dir=where, suffix="x" * 100) for _ in range(100)]
        for _ in range(50):
            with tempsafe.NamedTemporaryFile(dir=where): pass
        kept = tempsafe.mkdtemp(dir=where); tempsafe.keep(kept)
        os.unlink(os.environ["TMPDIR"] + "/filler"); os.close(filler)
        for _ in range(200): made.append(tempsafe.mkdtemp(dir=where))
        print(first, *made, kept, sep="\\n", flush=True)
        if sys.argv[2] == "kill": os.kill(os.getpid(), 9)
        """,
        elsewhere,
        "exit",
        env={"TMPDIR": str(full)},
    )
    assert len(lines) == 302
    assert os.listdir(elsewhere) == [os.path.basename(lines[-1])]


@needs_linux
@needs_root
def test_kept_on_a_full_disk_is_not_swept(mount, run, tmp_path):
    """The "-" cannot be written: then the journal must not say that it is ours."""
    full = mount("size=64k,nr_inodes=100")
    (kept,) = run(
        """
        kept = tempsafe.mkdtemp(dir=sys.argv[1])
        from tempsafe import _session
        journal = _session.current().journal
        filler = os.open(os.environ["TMPDIR"] + "/filler", os.O_CREAT | os.O_WRONLY)
        try:
            while True: os.write(filler, b"x" * 4096)
        except OSError: pass
        while os.fstat(journal.fd).st_size % 4096: os.write(journal.fd, b"\\0")  # the last block is full, too
        tempsafe.keep(kept)
        print(kept, flush=True); os.kill(os.getpid(), 9)
        """,
        tmp_path,
        status=-9,
        env={"TMPDIR": str(full)},
    )
    os.unlink(full / "filler")
    run("tempsafe.sweep()", env={"TMPDIR": str(full)})
    assert os.path.exists(kept)


@needs_linux
@needs_root
def test_no_inode_for_the_journal(mount, run, tmp_path):
    full = mount("size=1m,nr_inodes=2")
    lines = run(
        "print(*[tempsafe.mkdtemp(dir=sys.argv[1]) for _ in range(10)], tempsafe.sweep(), sep='\\n')",
        tmp_path,
        env={"TMPDIR": "/nowhere", "TEMP": str(full)},
    )
    assert lines[-1] == "[]" and not any(map(os.path.exists, lines[:-1]))


@needs_linux
@needs_root
def test_full_disk_for_the_temps_themselves(mount, run):
    """mkstemp and mkdtemp pass the kernel's error on, and the table lists exactly what exists."""
    place = mount("size=64k,nr_inodes=8")
    assert run(
        """
        import errno
        from tempsafe import _session
        made = []
        try:
            while True:
                fd, path = tempsafe.mkstemp(dir=sys.argv[1]); os.close(fd)
                made.append(path)
        except OSError as error: print(error.errno == errno.ENOSPC)
        for call in (tempsafe.mkdtemp, tempsafe.TemporaryDirectory, tempsafe.NamedTemporaryFile, tempsafe.mktemp):
            try: call(dir=sys.argv[1])
            except OSError as error: assert error.errno == errno.ENOSPC
            else: raise SystemExit("no error")
        print(sorted(_session.current().entries) == sorted(made), len(made) > 3)
        try:
            os.unlink(made.pop())
            with tempsafe.NamedTemporaryFile(dir=sys.argv[1]) as file:
                while True: file.write(b"x" * 4096)
        except OSError as error: print(error.errno == errno.ENOSPC, os.path.exists(file.name))
        """,
        place,
    ) == ["True", "True True", "True False"]
    assert os.listdir(place) == []


@pytest.mark.skipif(not hasattr(os, "closerange") or os.name == "nt", reason="POSIX descriptors")
def test_closerange_then_50_foreign_files(run, python, tmp_path):
    """An application closes all descriptors and opens its own, which get our numbers: none is written to or closed."""
    lines = run(
        """
        import fcntl
        where = sys.argv[1]
        early = [tempsafe.mkdtemp() for _ in range(10)]
        fd, file = tempsafe.mkstemp()
        box = tempsafe.TemporaryDirectory()
        path = tempsafe.mktemp(); open(path, "w").close()
        tempsafe.user_path  # loaded, not used
        os.closerange(3, 256)
        mine = [os.open(f"{where}/{number}", os.O_CREAT | os.O_RDWR) for number in range(50)]
        before = [os.fstat(fd).st_ino for fd in mine]
        late = [tempsafe.mkdtemp() for _ in range(10)]
        with tempsafe.NamedTemporaryFile() as other: other.write(b"x")
        with tempsafe.TemporaryDirectory() as directory: open(directory + "/x", "w").close()
        with tempsafe.open_atomic(where + "/atomic") as target: target.write("x")
        box.cleanup()
        tempsafe.keep(early.pop()); tempsafe.keep(late.pop())
        tempsafe.sweep()
        from tempsafe import _session
        _session.clean_all()
        assert [os.fstat(fd).st_ino for fd in mine] == before
        assert [os.fstat(fd).st_size for fd in mine] == [0] * 50
        print(*early, *late, file, box.name, path, sep="\\n")
        """,
        tmp_path,
        python=python,
    )
    assert not any(map(os.path.exists, lines))


@pytest.mark.skipif(not _session.platform.FLOCK, reason="no journal here")
def test_after_closerange_a_new_journal_lists_everything(run):
    """The next call after the loss writes everything again, so SIGKILL still leaves nothing for long."""
    lines = run(
        """
        early = [tempsafe.mkdtemp() for _ in range(10)]
        os.closerange(3, 256)
        foreign = [os.open("/dev/null", os.O_RDWR) for _ in range(50)]
        late = tempsafe.mkdtemp()
        print(*early, late, sep="\\n", flush=True)
        sys.stdin.readline()
        os.kill(os.getpid(), 9)
        """,
        status=-9,
    )
    assert all(map(os.path.exists, lines))
    run("tempsafe.sweep()")
    assert not any(map(os.path.exists, lines))
    assert run.left() == []


@pytest.mark.skipif(not _session.platform.FLOCK, reason="no journal here")
def test_journal_taken_away(run):
    """Somebody empties the temporary directory: the next call begins a new journal."""
    (path,) = run(
        """
        import shutil
        tempsafe.mkdtemp()
        shutil.rmtree(os.environ["TMPDIR"]); os.mkdir(os.environ["TMPDIR"])
        print(tempsafe.mkdtemp(), flush=True)
        os.kill(os.getpid(), 9)
        """,
        status=-9,
    )
    assert os.path.exists(path)
    run("tempsafe.sweep()")
    assert run.left() == []


@needs_root
@needs_fork
def test_uid_change_after_creation(run, open_place, temp):
    """The new user has a journal and a private directory of its own; what root made stays until root sweeps."""
    open_place.chmod(0o1777)
    lines = run(
        f"""
        import tempsafe._places
        old, path = tempsafe.mkdtemp(), tempsafe.mktemp()
        os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
        new, other = tempsafe.mkdtemp(), tempsafe.mktemp()
        open(other, "w").close()
        assert os.path.dirname(path) != os.path.dirname(other)
        assert os.path.isdir(os.environ["TMPDIR"] + "/tempsafe-{NOBODY}")
        print(old, new, other, sep="\\n")
        """,
        env={"TMPDIR": str(open_place)},
    )
    assert [os.path.exists(path) for path in lines] == [True, False, False]
    run.next_processes(lambda: not os.path.exists(lines[0]), env={"TMPDIR": str(open_place)})


@needs_root
def test_euid_there_and_back(run, open_place):
    """seteuid for a moment and back: both users' temps go at exit, with the rights that each has."""
    open_place.chmod(0o1777)
    lines = run(
        f"""
        old = tempsafe.mkdtemp()
        os.seteuid({NOBODY}); new = tempsafe.mkdtemp(); os.seteuid(0)
        again = tempsafe.mkdtemp()
        print(old, new, again, sep="\\n")
        """,
        env={"TMPDIR": str(open_place)},
    )
    assert not any(map(os.path.exists, lines))


@pytest.mark.skipif(not _session.platform.FLOCK, reason="no flock")
def test_live_directories_are_locked_against_age_based_cleaners(run):
    """systemd-tmpfiles tries LOCK_EX | LOCK_NB on a directory and leaves it, and all below, if that fails."""
    assert run(
        """
        import fcntl
        def locked(path):
            fd = os.open(path, os.O_RDONLY)
            try: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError: return True
            finally: os.close(fd)
            return False
        from tempsafe import _session
        boxes = [tempsafe.TemporaryDirectory() for _ in range(3)]
        print(*[locked(box.name) for box in boxes], locked(tempsafe.mkdtemp()),
              locked(os.path.dirname(tempsafe.mktemp())), locked(os.path.dirname(_session.current().journal.path)))
        print(locked(tempsafe.keep(boxes[0])), locked(tempsafe.mkdtemp(delete=False)))
        for box in boxes: box.cleanup()
        """
    ) == ["True True True True True True", "False False"]


@needs_root
@pytest.mark.skipif(not shutil.which("systemd-tmpfiles"), reason="no systemd-tmpfiles")
def test_systemd_tmpfiles_leaves_live_directories(run, tmp_path):
    """The real cleaner, told that everything is too old: what is not ours to protect goes, the live directory stays."""
    (tmp_path / "aged").mkdir()
    (tmp_path / "rule.conf").write_text(f"e {tmp_path}/aged - - - 0\n")
    assert run(
        """
        import subprocess
        live, let_go = tempsafe.mkdtemp(dir=sys.argv[1]), tempsafe.mkdtemp(dir=sys.argv[1], delete=False)
        for path in (live, let_go): open(path + "/file", "w").close()
        subprocess.run(["systemd-tmpfiles", "--clean", sys.argv[2]], check=True)
        print(os.listdir(live), os.path.exists(let_go))
        """,
        tmp_path / "aged",
        tmp_path / "rule.conf",
    ) == ["['file'] False"]


def test_at_most_64_directories_are_held_open(run):
    assert run(
        """
        made = [tempsafe.mkdtemp() for _ in range(200)]
        from tempsafe import _session
        session = _session.current()
        print(sum(entry.lock >= 0 for entry in session.entries.values()))
        for path in made: os.rmdir(path)
        for _ in range(600): os.rmdir(tempsafe.mkdtemp())
        made = [tempsafe.mkdtemp() for _ in range(100)]
        held = sum(entry.lock >= 0 for entry in session.entries.values())
        print(held == session.locked <= 64)
        """
    ) == ["64", "True"]


def test_zero_byte_in_a_path_never_reaches_the_journal(tmp_path):
    """It would split one record into two, and the first half would name what nobody made."""
    for call in (tempsafe.mkstemp, tempsafe.mkdtemp, tempsafe.NamedTemporaryFile, tempsafe.TemporaryDirectory):
        with pytest.raises(ValueError, match=r"null (byte|character)"):
            call(prefix="a\0b", dir=tmp_path)
    assert os.listdir(tmp_path) == []
    with pytest.raises(ValueError):
        _journal.encode(b"f", "/a\0b")


def test_names_that_are_not_unicode(run, tmp_path):
    """A file name is bytes to the system; such a one survives table, journal and sweep."""
    if os.name == "nt":
        pytest.skip("names are text on Windows")
    run(
        """
        path = tempsafe.mkdtemp(prefix=b"\\xff\\xfe\\n", dir=os.fsencode(sys.argv[1]))
        assert isinstance(path, bytes)
        os.kill(os.getpid(), 9)
        """,
        tmp_path,
        status=-9,
    )
    assert len(os.listdir(tmp_path)) == 2
    run("tempsafe.sweep()")
    assert os.listdir(tmp_path) == ["temp"]
