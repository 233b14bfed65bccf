"""What a new temporary file or directory is like, where it goes, and what the errors are."""

import gc
import os
import pathlib
import re
import stat
import warnings

import pytest
import tempsafe
from tempsafe import _names, _platform, _session

from .conftest import needs_linux, needs_root

MAKERS = {
    "mkstemp": lambda **how: tempsafe.mkstemp(**how)[1],
    "mkdtemp": tempsafe.mkdtemp,
    "NamedTemporaryFile": lambda **how: tempsafe.NamedTemporaryFile(delete=False, **how).name,
    "TemporaryDirectory": lambda **how: tempsafe.TemporaryDirectory(delete=False, **how).name,
}
makers = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@makers
@pytest.mark.parametrize("umask", [0, 0o022])
def test_modes_at_any_umask(tmp_path, make, umask):
    old = os.umask(umask)
    try:
        status = os.stat(make(dir=tmp_path))
        private = os.stat(os.path.dirname(tempsafe.mktemp(dir=tmp_path)))
    finally:
        os.umask(old)
    assert stat.S_IMODE(status.st_mode) == (0o700 if stat.S_ISDIR(status.st_mode) else 0o600)
    assert stat.S_IMODE(private.st_mode) == 0o700


@makers
def test_names(tmp_path, make):
    path = make(suffix=".txt", prefix="pre", dir=tmp_path)
    assert os.path.dirname(path) == str(tmp_path)
    assert re.fullmatch(r"pre[a-z0-9_]{8}\.txt", os.path.basename(path))
    assert re.fullmatch(r"tmp[a-z0-9_]{8}", os.path.basename(make(dir=tmp_path)))
    assert isinstance(make(dir=os.fsencode(tmp_path)), bytes)
    assert isinstance(make(prefix=b"x", dir=os.fsencode(tmp_path)), bytes)
    assert len({make(dir=tmp_path) for _ in range(50)}) == 50


@makers
def test_relative_dir_gives_an_absolute_path(tmp_path, monkeypatch, make):
    monkeypatch.chdir(tmp_path)
    assert os.path.isabs(make(dir="."))
    assert os.path.isabs(tempsafe.mktemp(dir="."))
    assert os.path.isabs(os.fsdecode(make(dir=b"")))


def test_signatures_are_the_standard_librarys():
    """Positional order and defaults of tempfile's, then only what the documentation adds."""
    import inspect
    import tempfile

    added = {"mktemp": {"delete"}, "mkstemp": {"delete"}, "mkdtemp": {"delete"}}
    for name in ("mktemp", "mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory"):
        theirs = inspect.signature(getattr(tempfile, name)).parameters
        ours = inspect.signature(getattr(tempsafe, name)).parameters
        for key, parameter in theirs.items():
            assert (ours[key].default, ours[key].kind) == (parameter.default, parameter.kind), (name, key)
        extra = set(ours) - set(theirs)
        newer = {"NamedTemporaryFile": {"delete_on_close"}, "TemporaryDirectory": {"delete", "ignore_cleanup_errors"}}
        assert extra <= added.get(name, set()) | newer.get(name, set())
        assert list(ours)[: len(theirs)][:3] == list(theirs)[:3]


@pytest.mark.skipif(not _platform.FLOCK, reason="no fcntl")
def test_descriptor(tmp_path):
    import fcntl

    fd, _ = tempsafe.mkstemp(dir=tmp_path)
    assert not os.get_inheritable(fd)
    assert fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR
    os.close(fd)
    assert _platform.NEW_FILE & os.O_EXCL and _platform.NEW_FILE & os.O_NOFOLLOW


def test_taken_names_are_skipped_and_kept(tmp_path, monkeypatch):
    """A name in use, by a file, a directory or a dangling link, is passed over; what is there is not touched."""
    names = iter(["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"] * 2)
    monkeypatch.setattr(_names, "random_name", lambda: next(names))
    (tmp_path / "tmpaaaaaaaa").write_text("theirs")
    (tmp_path / "tmpbbbbbbbb").mkdir()
    (tmp_path / "tmpcccccccc").symlink_to("/nowhere")
    fd, path = tempsafe.mkstemp(dir=tmp_path)
    os.close(fd)
    assert os.path.basename(path) == "tmpdddddddd"
    os.unlink(path)
    assert os.path.basename(tempsafe.mkdtemp(dir=tmp_path)) == "tmpdddddddd"
    assert (tmp_path / "tmpaaaaaaaa").read_text() == "theirs"
    listed = [key for key in _session.current().entries if key.startswith(str(tmp_path))]
    assert listed == [str(tmp_path / "tmpdddddddd")]


def test_no_free_name(tmp_path, monkeypatch):
    monkeypatch.setattr(_names, "random_name", lambda: "aaaaaaaa")
    (tmp_path / "tmpaaaaaaaa").touch()
    for call in (tempsafe.mkstemp, tempsafe.mkdtemp, tempsafe.NamedTemporaryFile, tempsafe.TemporaryDirectory):
        with pytest.raises(FileExistsError, match="No usable"):
            call(dir=tmp_path)
    assert not [key for key in _session.current().entries if key.startswith(str(tmp_path))]


def test_random_names():
    """Eight characters of 32, each in each place, from the system's generator."""
    names = [_names.random_name() for _ in range(4000)]
    assert len(set(names)) == 4000
    for place in range(8):
        assert len({name[place] for name in names}) == 32


@makers
def test_errors_pass_through(tmp_path, make):
    with pytest.raises(FileNotFoundError):
        make(dir=tmp_path / "absent")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        make(dir=tmp_path / "file")
    with pytest.raises(OSError):
        make(dir=tmp_path, prefix="x" * 300)
    for wrong in ({"prefix": "a", "suffix": b"b"}, {"prefix": b"a", "dir": str(tmp_path)}, {"suffix": 3}):
        with pytest.raises(TypeError):
            make(**wrong)
    with pytest.raises(ValueError, match=r"null (byte|character)"):
        make(dir=tmp_path, suffix="\0")
    assert os.listdir(tmp_path) == ["file"]


def test_mktemp_wants_str(tmp_path):
    for wrong in ({"suffix": b"x"}, {"suffix": b"", "prefix": b"x"}, {"suffix": None, "prefix": b"x"}):
        with pytest.raises(TypeError):
            tempsafe.mktemp(**wrong)


def test_mktemp_path_is_free_private_and_12_characters_longer(tmp_path):
    import tempfile

    path = tempsafe.mktemp(".sock", "pre", tmp_path)
    assert not os.path.lexists(path)
    assert len(path) == len(tempfile.mktemp(".sock", "pre", tmp_path)) + 12
    assert os.path.dirname(os.path.dirname(path)) == str(tmp_path)
    assert os.path.dirname(path) == os.path.dirname(tempsafe.mktemp(dir=tmp_path))
    assert os.path.dirname(path) != os.path.dirname(tempsafe.mktemp(dir=tmp_path, delete=False))


def test_audit_events(run):
    """The same events as tempfile's, before the file exists; mktemp's private directory makes none."""
    lines = run(
        """
        seen = []
        def hook(event, arguments):
            if event.startswith("tempfile."): seen.append((event, arguments[0], os.path.exists(arguments[0])))
        sys.addaudithook(hook)
        fd, a = tempsafe.mkstemp(); b = tempsafe.mkdtemp(); c = tempsafe.NamedTemporaryFile(); d = tempsafe.mktemp()
        print(seen == [("tempfile.mkstemp", a, False), ("tempfile.mkdtemp", b, False),
                       ("tempfile.mkstemp", c.name, False)])
        """
    )
    assert lines == ["True"]


WHERE = """
import tempfile as t
theirs = t.gettempdir(); del sys.modules["tempfile"], t
"""


@pytest.mark.parametrize(
    "env",
    [{}, {"TMPDIR": ""}, {"TMPDIR": "/no/such/place"}, {"TMPDIR": "", "TEMP": "{temp}"}, {"TMPDIR": "/etc/passwd"}],
)
def test_place_is_the_standard_librarys(run, temp, env):
    """TMPDIR unset, missing or not a directory: the same fallback, found without importing tempfile."""
    env = {"TEMP": "", "TMP": "", **{key: value.format(temp=temp) for key, value in env.items()}}
    ours, loaded, theirs = run(
        """
        from tempsafe import _platform
        ours, loaded = _platform.temp_dir(), "tempfile" in sys.modules
        import tempfile
        print(ours, loaded, tempfile.gettempdir(), sep="\\n")
        """,
        env=env,
    )
    assert (ours, loaded) == (theirs, "False")


def test_no_usable_place(run, tmp_path):
    run(
        """
        os.mkdir("gone"); os.chdir("gone"); os.rmdir("../gone")
        os.access, os.getcwd = None, lambda: "/no/such"
        from tempsafe import _platform
        _platform._takes_a_file = lambda place: False
        try: tempsafe.mkstemp()
        except FileNotFoundError as error: assert "No usable temporary directory" in str(error)
        else: raise SystemExit("no error")
        """,
        cwd=tmp_path,
    )


def test_tempdir_of_an_imported_tempfile_is_honoured(run, tmp_path):
    assert run(
        "import tempfile; tempfile.tempdir = sys.argv[1]; print(os.path.dirname(tempsafe.mkdtemp()))", tmp_path
    ) == [str(tmp_path)]


@needs_linux
def test_world_writable_tmpdir_without_sticky(run, open_place):
    """mktemp and the like of it refuse; mkstemp and mkdtemp do as the standard library does."""
    open_place.chmod(0o777)
    run(
        """
        tempsafe.mkstemp(); tempsafe.mkdtemp()
        try: tempsafe.mktemp()
        except tempsafe.UnsafePathError as error: assert error.filename == os.environ["TMPDIR"], error
        else: raise SystemExit("no error")
        """,
        env={"TMPDIR": str(open_place)},
    )
    assert [name for name in os.listdir(open_place) if not name.startswith("tempsafe-")] == []


@needs_linux
def test_out_of_descriptors(run):
    """Files need one and fail with EMFILE, leaving nothing; a directory is made without its lock."""
    lines = run(
        """
        import errno, resource
        from tempsafe import _session, _removal
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        tempsafe.mkstemp()
        before = sorted(_session.current().entries)
        full = []
        try:
            while True: full.append(os.open("/dev/null", os.O_RDONLY))
        except OSError: pass
        for call in (tempsafe.mkstemp, tempsafe.NamedTemporaryFile):
            try: call()
            except OSError as error: assert error.errno == errno.EMFILE
            else: raise SystemExit("no error")
        assert sorted(_session.current().entries) == before
        print(tempsafe.mkdtemp())
        for fd in full: os.close(fd)
        """
    )
    assert not os.path.exists(lines[0])
    assert run.left() == []


@needs_linux
def test_first_use_without_a_descriptor_for_the_journal(run):
    """The journal is begun later: then it lists what was made before, too."""
    lines = run(
        """
        import resource
        from tempsafe import _platform
        _platform.temp_dir()
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        full = []
        try:
            while True: full.append(os.open("/dev/null", os.O_RDONLY))
        except OSError: pass
        made = [tempsafe.mkdtemp()]
        for fd in full: os.close(fd)
        made += [tempsafe.mkdtemp() for _ in range(4)]
        print(*made, sep="\\n", flush=True); os.kill(os.getpid(), 9)
        """,
        status=-9,
    )
    assert all(map(os.path.exists, lines))
    run("tempsafe.sweep()")
    assert not any(map(os.path.exists, lines))


def test_delete_on_close_false(tmp_path):
    """On every version: gone at the end of the `with`, not at close."""
    with tempsafe.NamedTemporaryFile("w", dir=tmp_path, delete_on_close=False) as file:
        file.write("x")
        file.close()
        with open(file.name) as again:
            assert again.read() == "x"
    assert os.listdir(tmp_path) == []
    file = tempsafe.NamedTemporaryFile(dir=tmp_path, delete_on_close=False)
    file.close()
    assert os.path.exists(file.name)
    del file
    gc.collect()
    assert os.listdir(tmp_path) == []


def test_delete_exit_survives_close_with_and_collection(tmp_path):
    with tempsafe.NamedTemporaryFile(dir=tmp_path, delete="exit") as file:
        file.write(b"x")
    name = file.name
    del file
    gc.collect()
    assert os.path.exists(name)
    assert name in _session.current().entries
    tempsafe.keep(name)


@pytest.mark.parametrize("wrong", ["never", "close", ""])
def test_delete_takes_three_values(tmp_path, wrong):
    with pytest.raises(ValueError, match="delete must be"):
        tempsafe.NamedTemporaryFile(dir=tmp_path, delete=wrong)


def test_reopened_by_name_while_open(tmp_path):
    with tempsafe.NamedTemporaryFile(dir=tmp_path) as file:
        file.write(b"abc")
        file.flush()
        assert pathlib.Path(file.name).read_bytes() == b"abc"


def test_failing_open_leaves_nothing(tmp_path):
    for how in ({"mode": "q"}, {"mode": "w", "encoding": "no such"}, {"mode": "wb", "encoding": "utf-8"}):
        for delete in (True, False, "exit"):
            with pytest.raises((ValueError, LookupError)):
                tempsafe.NamedTemporaryFile(dir=tmp_path, delete=delete, **how)
    assert os.listdir(tmp_path) == []


def test_text_mode_arguments(run, python):
    assert run(
        """
        with tempsafe.NamedTemporaryFile("w+", -1, "utf-16", "\\r\\n", ".x", "p", errors="strict") as file:
            file.write("a\\n"); file.flush()
            print(open(file.name, "rb").read() == "a\\r\\n".encode("utf-16"), file.encoding, file.name[-2:])
        """,
        python=python,
    ) == ["True utf-16 .x"]


def test_unclosed_objects_warn(tmp_path):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tempsafe.NamedTemporaryFile(dir=tmp_path)
        tempsafe.TemporaryDirectory(dir=tmp_path)
        gc.collect()
    texts = [str(warning.message) for warning in caught if "Implicitly cleaning up" in str(warning.message)]
    assert [text.split()[3] for text in texts] == ["<_TemporaryFileWrapper", "<TemporaryDirectory"]
    assert {warning.filename for warning in caught} == {__file__}
    assert os.listdir(tmp_path) == []


def test_closed_objects_do_not_warn(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with tempsafe.NamedTemporaryFile(dir=tmp_path), tempsafe.TemporaryDirectory(dir=tmp_path):
            pass
        box = tempsafe.TemporaryDirectory(dir=tmp_path)
        box.cleanup()
        box.cleanup()
        del box
        gc.collect()


def test_subscripted_classes():
    assert tempsafe.TemporaryDirectory[str].__origin__ is tempsafe.TemporaryDirectory


def test_keep(tmp_path):
    fd, file = tempsafe.mkstemp(dir=tmp_path)
    os.close(fd)
    raw = tempsafe.mkdtemp(dir=os.fsencode(tmp_path))
    held, box = tempsafe.NamedTemporaryFile(dir=tmp_path), tempsafe.TemporaryDirectory(dir=tmp_path)
    assert tempsafe.keep(pathlib.Path(file)) == file
    assert tempsafe.keep(raw) == raw
    assert tempsafe.keep(held) == held.name
    assert tempsafe.keep(box) == box.name
    held.close()
    box.cleanup()
    name = box.name
    del held, box
    gc.collect()
    assert len(os.listdir(tmp_path)) == 4
    assert os.path.isdir(name)
    with tempsafe.TemporaryDirectory(dir=tmp_path) as path:
        tempsafe.keep(path)
    assert os.path.isdir(path)
    unowned = tempsafe.TemporaryDirectory(dir=tmp_path, delete=False)
    assert tempsafe.keep(unowned) == unowned.name


def test_keep_of_something_else(tmp_path):
    """A typing error in a path must not go unnoticed: the file would be gone at exit."""
    fd, file = tempsafe.mkstemp(dir=tmp_path)
    os.close(fd)
    for wrong in (file + "x", str(tmp_path), b"/no/such"):
        with pytest.raises(ValueError, match="not a temporary path"):
            tempsafe.keep(wrong)
    tempsafe.keep(file)
    with pytest.raises(ValueError):
        tempsafe.keep(file)
    with pytest.raises(TypeError):
        tempsafe.keep(3)


@needs_root
def test_root_is_not_needed(run, open_place):
    """Everything once as an ordinary user."""
    open_place.chmod(0o1777)
    lines = run(
        """
        import signal, tempsafe._publish, tempsafe._places, tempsafe._sweep, tempsafe._signals
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
        fd, a = tempsafe.mkstemp(); b = tempsafe.mkdtemp(); c = tempsafe.mktemp(); open(c, "w").close()
        with tempsafe.NamedTemporaryFile() as d, tempsafe.TemporaryDirectory() as e: pass
        with tempsafe.open_atomic(os.environ["TMPDIR"] + "/published") as file: file.write("x")
        tempsafe.cleanup_on_signals(); tempsafe.sweep()
        print(a, b, c, d.name, e, sep="\\n")
        """,
        env={"TMPDIR": str(open_place)},
    )
    assert not any(map(os.path.exists, lines))
    assert (open_place / "published").read_text() == "x"
