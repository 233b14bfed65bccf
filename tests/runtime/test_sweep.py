"""Sweeping: only what the journals of dead processes of this user list, each thing once, and never a doubtful one."""

import os
import subprocess
import sys

import pytest

from .conftest import NOBODY, needs_linux, needs_root

DEAD = """
made = [tempsafe.mkdtemp() for _ in range(20)] + [tempsafe.mkstemp()[1] for _ in range(20)]
open(made[0] + "/x", "w").close()
print(*made, sep="\\n", flush=True)
os.kill(os.getpid(), 9)
"""


def root(temp):
    return temp / f"tempsafe-{os.geteuid()}"


def test_live_process_is_never_swept(run, python):
    process = run.start("print(tempsafe.mkdtemp(), flush=True); sys.stdin.read()", python=python)
    (path,) = run.lines(process, 1)
    assert run("tempsafe.mkstemp(); print(tempsafe.sweep())", python=python) == ["[]"]
    assert os.path.isdir(path)


def test_ten_sweepers_report_each_path_once(run):
    made = [path for _ in range(4) for path in run(DEAD, status=-9, env={"TEMPSAFE_SWEEP": "0"})]
    assert len(made) == 160
    code = "sys.stdin.readline(); print(*tempsafe.sweep(), sep='\\n')"
    sweepers = [run.start(code, env={"TEMPSAFE_SWEEP": "0"}) for _ in range(10)]
    for sweeper in sweepers:
        sweeper.stdin.write("go\n")
        sweeper.stdin.flush()
    swept = []
    for sweeper in sweepers:
        out, err = sweeper.communicate(timeout=60)
        assert (sweeper.returncode, err) == (0, "")
        swept += filter(None, out.split("\n"))
    assert sorted(swept) == sorted(made)
    assert run.left() == []


def test_environment_variable_turns_the_automatic_part_off(run):
    made = run(DEAD, status=-9)
    run("tempsafe.mkstemp()", env={"TEMPSAFE_SWEEP": "0"})
    assert all(map(os.path.exists, made))
    assert sorted(run("print(*tempsafe.sweep(), sep='\\n')")) == sorted(made)


def test_dry_run_touches_nothing(run):
    made = run(DEAD, status=-9)
    assert sorted(run("print(*tempsafe.sweep(dry_run=True), sep='\\n')")) == sorted(made)
    assert all(map(os.path.exists, made))


def test_command_line(run, temp):
    made = run(DEAD, status=-9)
    process = run.start("fd, path = tempsafe.mkstemp(); print(path, flush=True); sys.stdin.read()",
                        env={"TEMPSAFE_SWEEP": "0"})  # fmt: skip
    (alive,) = run.lines(process, 1)

    def command(*words):
        environment = {**os.environ, "TMPDIR": str(temp)}
        return subprocess.run(
            [sys.executable, "-m", "tempsafe", *words], capture_output=True, text=True, env=environment
        )

    expected = {f"dead\t{'dir' if os.path.isdir(path) else 'file'}\t{path}" for path in made} | {f"live\tfile\t{alive}"}
    assert set(command("list").stdout.splitlines()) == expected
    assert sorted(command("sweep", "--dry-run").stdout.splitlines()) == sorted(made)
    assert sorted(command("sweep").stdout.splitlines()) == sorted(made)
    assert command("list").stdout.splitlines() == [f"live\tfile\t{alive}"]
    assert command("burn").returncode == 2


def test_kept_child_of_a_dead_process_stays(run):
    """What was kept in mktemp's private directory stays; the rest of that directory goes."""
    kept, other = run(
        """
        kept, other = tempsafe.mktemp(), tempsafe.mktemp()
        open(kept, "w").close(); open(other, "w").close()
        tempsafe.keep(kept)
        print(kept, other, sep="\\n", flush=True)
        os.kill(os.getpid(), 9)
        """,
        status=-9,
    )
    run.next_processes(lambda: not os.path.exists(other))
    assert (os.path.exists(kept), os.path.exists(other)) == (True, False)


def test_mktemp_delete_false_of_a_dead_process(run):
    """The caller's file stays; the private directory goes only if it is empty."""
    code = """
        path = tempsafe.mktemp(delete=False)
        if sys.argv[1] == "full": open(path, "w").close()
        print(path, flush=True); os.kill(os.getpid(), 9)
        """
    (full,) = run(code, "full", status=-9)
    (empty,) = run(code, "empty", status=-9)
    run("tempsafe.sweep()")
    assert os.path.exists(full)
    assert not os.path.exists(os.path.dirname(empty))


@pytest.mark.parametrize(
    "content, survives",
    [
        (b"f{victim}", True),  # cut off: the name could be the beginning of another
        (b"f{victim}/more\0", True),  # a path below a file
        (b"fvictim\0", True),  # not absolute
        (b"x{victim}\0", True),  # no such kind
        (b"d{victim}\0", True),  # a file listed as a directory
        (b"f{directory}\0", True),  # a directory listed as a file
        (b"f{victim}\0-{victim}\0", True),  # let go
        (b"e{directory}\0", True),  # not empty
        (b"\0\0f\0d\0", True),
        (b"", True),
        (b"f{victim}\0", False),
        (b"d{directory}\0", False),
    ],
)
def test_only_whole_records_of_the_right_kind_count(run, temp, content, survives):
    directory = temp / "directory"
    directory.mkdir()
    victim = directory / "victim"
    victim.touch()
    root(temp).mkdir(mode=0o700)
    content = content.replace(b"{victim}", bytes(victim)).replace(b"{directory}", bytes(directory))
    (root(temp) / "aaaaaaaa.j").write_bytes(content)
    run("tempsafe.sweep()")
    assert victim.exists() is survives
    assert not (root(temp) / "aaaaaaaa.j").exists() or content.startswith((b"d{", b"d" + bytes(victim)))


@needs_root
def test_what_belongs_to_another_user_stays(run, temp):
    file, directory = temp / "file", temp / "directory"
    file.touch()
    directory.mkdir()
    os.chown(file, NOBODY, NOBODY)
    os.chown(directory, NOBODY, NOBODY)
    root(temp).mkdir(mode=0o700)
    (root(temp) / "aaaaaaaa.j").write_bytes(b"f%b\0d%b\0" % (bytes(file), bytes(directory)))
    assert run("print(tempsafe.sweep())") == ["[]"]
    assert file.exists() and directory.exists()


def test_directory_that_others_could_have_swapped_stays(run, temp):
    """In a directory others may write to, the listed name may by now be another directory of ours."""
    shared = temp / "shared"
    (shared / "listed").mkdir(parents=True)
    shared.chmod(0o777)
    root(temp).mkdir(mode=0o700)
    (root(temp) / "aaaaaaaa.j").write_bytes(b"d%b\0" % bytes(shared / "listed"))
    assert run("print(tempsafe.sweep())") == ["[]"]
    assert (shared / "listed").exists()
    shared.chmod(0o755)
    assert run("print(*tempsafe.sweep())") == [str(shared / "listed")]


@needs_linux
@needs_root
def test_directory_with_a_mount_in_it_stays(run, temp, tmp_path):
    """A bind mount of the same file system shows no other device number, so the list of mounts is read."""
    precious, listed = tmp_path / "precious", temp / "listed dir"
    precious.mkdir()
    (precious / "file").touch()
    (listed / "here").mkdir(parents=True)
    root(temp).mkdir(mode=0o700)
    (root(temp) / "aaaaaaaa.j").write_bytes(b"d%b\0" % bytes(listed))
    if subprocess.run(["mount", "--bind", precious, listed / "here"], capture_output=True).returncode:
        pytest.skip("mounting is not permitted here")
    try:
        assert run("print(tempsafe.sweep())") == ["[]"]
        assert (precious / "file").exists()
    finally:
        subprocess.run(["umount", listed / "here"], check=True)
    assert run("print(*tempsafe.sweep())") == [str(listed)]


@needs_root
@pytest.mark.parametrize("how", ["foreign", "open", "link", "file"])
def test_squatted_journal_directory(run, temp, tmp_path, how):
    """No journal then, no error: the process cleans up for itself, and what is planted there is not believed."""
    victim = tmp_path / "victim"
    victim.touch()
    place = root(temp)
    if how == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        place.symlink_to(tmp_path / "elsewhere")
    elif how == "file":
        place.touch()
    else:
        place.mkdir(mode=0o700)
        (place / "aaaaaaaa.j").write_bytes(b"f%b\0" % bytes(victim))
        if how == "foreign":
            os.chown(place, NOBODY, NOBODY)
        else:
            place.chmod(0o770)
    before = os.listdir(place) if place.is_dir() else []
    lines = run("print(tempsafe.mkdtemp(), tempsafe.mkstemp()[1], tempsafe.mktemp(), tempsafe.sweep(), sep='\\n')")
    assert lines[-1] == "[]"
    assert victim.exists()
    assert not any(map(os.path.exists, lines[:3]))
    assert (os.listdir(place) if place.is_dir() else []) == before


def test_automatic_sweep_is_bounded(run, temp):
    """One process looks at no more than 16 journals; the next ones do the rest."""
    root(temp).mkdir(mode=0o700)
    for number in range(40):
        (temp / f"old{number}").touch()
        (root(temp) / f"aaaaaa{number:02}.j").write_bytes(b"f%b\0" % bytes(temp / f"old{number}"))
    run("tempsafe.mkstemp()")
    left = len(list(temp.glob("old*")))
    assert 24 <= left < 40
    run.next_processes(lambda: not list(temp.glob("old*")))


def test_journal_being_born_is_left_to_its_maker(run):
    """Sweepers and newborn journals race for the lock: whoever loses takes another name, and nothing is lost."""
    sweeper = run.start(
        """
        from tempsafe import _sweep
        print("up", flush=True)
        while True: tempsafe.sweep()
        """
    )
    run.lines(sweeper, 1)
    for _ in range(5):
        run(
            """
            from tempsafe import _session
            paths = []
            for _ in range(200):
                session = _session.Session(os.getpid(), os.geteuid())
                session.rewrite()
                assert session.journal is not None
                assert os.fstat(session.journal.fd).st_nlink == 1
                session.clean()
            """
        )
