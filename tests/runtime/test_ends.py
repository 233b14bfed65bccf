"""However a process ends, what it made is gone, and what another process made is not."""

import os
import signal

import pytest

from .conftest import needs_fork

MAKE = """
fd, file = tempsafe.mkstemp()
directory = tempsafe.mkdtemp()
os.mkdir(directory + "/sub"); open(directory + "/sub/x", "w").close()
path = tempsafe.mktemp(); open(path, "w").close()
held = tempsafe.NamedTemporaryFile(delete="exit"); held.close()
fd, kept = tempsafe.mkstemp(prefix="kept"); tempsafe.keep(kept)
made = [file, directory, path, held.name, kept]
"""


def indented(code, by=4):
    return code.replace("\n", "\n" + " " * by)


def exist(paths):
    return [int(os.path.lexists(path)) for path in paths]


def test_exit(run, python):
    paths = run(MAKE + "print(*made, sep='\\n')", python=python)
    assert exist(paths) == [0, 0, 0, 0, 1]
    assert run.left() == [os.path.basename(paths[-1])]


@pytest.mark.parametrize("how, status", [("1/0", 1), ("sys.exit(3)", 3), ("raise KeyboardInterrupt", -signal.SIGINT)])
def test_exception(run, how, status):
    paths = run(MAKE + f"print(*made, sep='\\n', flush=True)\n{how}", status=status)
    assert exist(paths) == [0, 0, 0, 0, 1]


def test_objects_at_exit_without_with(run, python):
    """Objects that nobody closed go at exit; delete=False stays."""
    lines = run(
        """
        a = tempsafe.NamedTemporaryFile()
        b = tempsafe.TemporaryDirectory(); open(b.name + "/x", "w").close()
        c = tempsafe.NamedTemporaryFile(delete_on_close=False); c.close(); assert os.path.exists(c.name)
        d = tempsafe.NamedTemporaryFile(delete=False)
        e = tempsafe.TemporaryDirectory(delete=False)
        with e: pass
        print(a.name, b.name, c.name, d.name, e.name, sep="\\n")
        """,
        python=python,
    )
    assert exist(lines) == [0, 0, 0, 1, 1]


@needs_fork
def test_os_exit_in_a_child(run, python):
    """A child that ends with os._exit runs nothing: the parent's temps stay, its own wait for the next process."""
    lines = run(
        MAKE
        + """
pid = os.fork()
if not pid:
    print(tempsafe.mkdtemp(), flush=True)
    os._exit(0)
os.waitpid(pid, 0)
print(*[int(os.path.lexists(p)) for p in made], flush=True)
""",
        python=python,
    )
    assert lines[1] == "1 1 1 1 1"
    assert exist(lines[:1]) == [1]
    run.next_processes(lambda: exist(lines[:1]) == [0], python=python)


CHILD_ENDS = {
    "collects": "del held, box; gc.collect(); os._exit(0)",
    "runs atexit": "gc.collect(); atexit._run_exitfuncs(); os._exit(0)",
    "leaves the with": "box.__exit__(None, None, None); held.__exit__(None, None, None); os._exit(0)",
    "cleans up": "box.cleanup(); held.close(); os._exit(0)",
    "exits": "sys.exit(0)",
}


@needs_fork
@pytest.mark.parametrize("how", CHILD_ENDS)
def test_child_does_not_remove_what_its_parent_made(run, python, how):
    lines = run(
        f"""
import atexit, gc
box, held = tempsafe.TemporaryDirectory(), tempsafe.NamedTemporaryFile()
fd, file = tempsafe.mkstemp()
directory, path = tempsafe.mkdtemp(), tempsafe.mktemp()
open(path, "w").close()
made = [box.name, held.name, file, directory, path]
sys.stdout.flush()
pid = os.fork()
if not pid:
    {CHILD_ENDS[how]}
os.waitpid(pid, 0)
print(*[int(os.path.lexists(p)) for p in made])
""",
        python=python,
    )
    assert lines == ["1 1 1 1 1"]
    assert run.left() == []


@needs_fork
def test_child_removes_its_own(run, python):
    lines = run(
        """
        import atexit
        tempsafe.mkdtemp()
        pid = os.fork()
        if not pid:
            path = tempsafe.mktemp(); open(path, "w").close()
            print(tempsafe.mkdtemp(), path, sep="\\n", flush=True)
            atexit._run_exitfuncs(); os._exit(0)
        os.waitpid(pid, 0)
        """,
        python=python,
    )
    assert exist(lines) == [0, 0]


@needs_fork
@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_multiprocessing_worker_removes_its_own(run, method, tmp_path, open_place):
    """A forked worker ends with os._exit, yet what it made is gone when it has been joined."""
    script = tmp_path / "workers.py"
    script.write_text(
        f"""
import multiprocessing, os, tempsafe
def work(queue):
    path = tempsafe.mktemp(); open(path, "w").close()
    queue.put([tempsafe.mkdtemp(), path])
if __name__ == "__main__":
    context = multiprocessing.get_context("{method}")
    mine = tempsafe.mkdtemp()
    queue = context.Queue()
    worker = context.Process(target=work, args=(queue,)); worker.start()
    paths = queue.get(); worker.join()
    print(*[int(os.path.lexists(p)) for p in [*paths, mine]])
"""
    )
    short = {"TMPDIR": str(open_place)}  # multiprocessing puts a socket there, and its path has room for 100 characters
    assert run("import runpy; runpy.run_path(sys.argv[1], run_name='__main__')", script, env=short)[0] == "0 0 1"


@needs_fork
def test_daemonised_child_keeps_its_parents_temps_alive(run, python):
    """The child holds the lock of the journal it inherited: nobody sweeps. When it has died, the next process does."""
    process = run.start(
        MAKE
        + """
pid = os.fork()
if not pid:
    os.setsid()
    print(os.getpid(), *made, sep="\\n", flush=True)
    sys.stdin.read()
os._exit(0)
""",
        python=python,
    )
    pid, *paths = run.lines(process, 6)
    try:
        process.wait(timeout=30)  # the parent; its child lives on
        run("tempsafe.mkstemp(); assert not tempsafe.sweep()", python=python)
        assert exist(paths) == [1, 1, 1, 1, 1]
    finally:
        os.kill(int(pid), signal.SIGKILL)
    run.next_processes(lambda: exist(paths) == [0, 0, 0, 0, 1], python=python)


def test_threads(run, python):
    """8 threads x 300 x 3 creations: no error, no name twice, everything gone at the end."""
    lines = run(
        """
        import threading
        names, errors = [], []
        def work():
            try:
                for _ in range(300):
                    fd, path = tempsafe.mkstemp(); os.close(fd); names.append(path)
                    with tempsafe.NamedTemporaryFile() as file: names.append(file.name)
                    with tempsafe.TemporaryDirectory() as path: names.append(path)
            except BaseException as error:
                errors.append(error)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(len(names), len(set(names)), errors)
        """,
        python=python,
    )
    assert lines == ["7200 7200 []"]
    assert run.left() == []


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", 0)])
def test_signal_removes_and_keeps_the_exit_status(run, python, number):
    process = run.start(
        "tempsafe.cleanup_on_signals()\n"
        + MAKE
        + "import time; print(*made, sep='\\n', flush=True)\nwhile True: time.sleep(0.02)",
        python=python,
    )
    paths = run.lines(process, 5)
    process.send_signal(number)
    assert process.wait(timeout=30) == -number
    assert exist(paths) == [0, 0, 0, 0, 1]


def test_signal_of_the_application_is_left_alone(run):
    lines = run(
        """
        import signal
        mine = lambda *_: None
        signal.signal(signal.SIGTERM, mine); signal.signal(signal.SIGHUP, signal.SIG_IGN)
        tempsafe.cleanup_on_signals(signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
        print(signal.getsignal(signal.SIGTERM) is mine, signal.getsignal(signal.SIGHUP) is signal.SIG_IGN,
              callable(signal.getsignal(signal.SIGUSR1)))
        """
    )
    assert lines == ["True True True"]


def test_signal_wrong_use(run):
    run(
        """
        import signal, threading
        for number, expected in ((signal.SIGKILL, OSError), (12345, ValueError)):
            try: tempsafe.cleanup_on_signals(number)
            except expected: pass
            else: raise SystemExit("accepted %d" % number)
        errors = []
        def other():
            try: tempsafe.cleanup_on_signals()
            except ValueError as error: errors.append(error)
        thread = threading.Thread(target=other); thread.start(); thread.join()
        assert errors
        """
    )


def test_sigkill_then_the_next_process_reclaims(run, python):
    process = run.start(MAKE + "print(*made, sep='\\n', flush=True); sys.stdin.read()", python=python)
    paths = run.lines(process, 5)
    process.kill()
    process.wait()
    assert exist(paths) == [1, 1, 1, 1, 1]
    run.next_processes(lambda: exist(paths) == [0, 0, 0, 0, 1], python=python)
    assert run.left() == [os.path.basename(paths[-1])]


@needs_fork
def test_child_that_gets_the_number_of_an_ancestor_removes_nothing_of_it(run):
    """After a fork the inherited tables belong to nobody, even if pids come round."""
    lines = run(
        """
        from tempsafe import _session
        path = tempsafe.mkdtemp()
        session = _session.current()
        pid = os.fork()
        if not pid:
            print(session.pid, len(_session._sessions), flush=True)
            os._exit(0)
        os.waitpid(pid, 0)
        """
    )
    assert lines == ["-1 0"]


def test_atexit_of_the_application_may_still_make_temps(run):
    """What is made after our own exit handler has run is listed again, and goes with the next process."""
    (path,) = run(
        """
        import atexit, importlib
        from tempsafe import _session
        def late():
            print(tempsafe.mkdtemp())
        atexit.unregister(_session.clean_all); atexit.register(late); atexit.register(_session.clean_all)
        tempsafe.mkdtemp()
        """
    )
    assert exist([path]) == [1]
    run.next_processes(lambda: exist([path]) == [0])
