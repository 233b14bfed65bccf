"""What tempsafe costs beside the standard library: both in one run, in memory, best of several.

    python benchmarks/runtime.py [--quick]

Prints a table with the budget of each line. It is never part of the tests: times on a shared machine are no facts.
Run it under each interpreter of interest; files go to /dev/shm, or to TMPDIR where there is no such thing.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

RUNTIME = pathlib.Path(__file__).resolve().parent.parent / "runtime"
sys.path.insert(0, str(RUNTIME))

import tempsafe  # noqa: E402 (the path comes first)
from tempsafe import _session  # noqa: E402


def best(*calls, loops, rounds=25):
    """Microseconds per call, for each the quickest of `rounds` in turn, so that a busy moment hits all alike."""
    quickest = [float("inf")] * len(calls)
    for _ in range(rounds):
        for index, call in enumerate(calls):
            start = time.perf_counter()
            for _ in range(loops):
                call()
            quickest[index] = min(quickest[index], (time.perf_counter() - start) / loops * 1e6)
    return quickest


def pair_mkstemp(module):
    def call():
        fd, path = module.mkstemp()
        os.close(fd)
        os.unlink(path)

    return call


def pair_mkdtemp(module):
    return lambda: os.rmdir(module.mkdtemp())


def named_file(module):
    def call():
        with module.NamedTemporaryFile():
            pass

    return call


def directory(module, files):
    def call():
        with module.TemporaryDirectory() as path:
            for number in range(files):
                os.close(os.open(f"{path}/{number}", os.O_CREAT | os.O_WRONLY))

    return call


def write_stdlib(target):
    def call():
        fd, path = tempfile.mkstemp(dir=os.path.dirname(target))
        with open(fd, "w") as file:
            file.write("x" * 1000)
        os.replace(path, target)

    return call


def write_tempsafe(target):
    def call():
        with tempsafe.open_atomic(target, durable=False) as file:
            file.write("x" * 1000)

    return call


def tree(place):
    """100 directories with 1,000 files each."""
    for number in range(100):
        os.mkdir(f"{place}/{number}")
        fd = os.open(f"{place}/{number}", os.O_RDONLY)
        for name in range(1000):
            os.close(os.open(str(name), os.O_CREAT | os.O_WRONLY, dir_fd=fd))
        os.close(fd)


def remove_100k(with_tempsafe):
    """Seconds for removing 100,000 files, the better of three."""
    from tempsafe import _removal

    quickest = float("inf")
    for _ in range(3):
        place = tempfile.mkdtemp()
        tree(place)
        start = time.perf_counter()
        if with_tempsafe:
            _removal.remove_tree(place)
        else:
            shutil.rmtree(place)
        quickest = min(quickest, time.perf_counter() - start)
    return quickest


def in_new_process(code, rounds=9):
    """What a new bare interpreter prints, the smallest of `rounds`."""
    command = [sys.executable, "-I", "-S", "-c", f"import sys, time; sys.path.insert(0, {str(RUNTIME)!r})\n{code}"]
    return min(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(rounds))


IMPORT = "start = time.perf_counter(); import {}; print((time.perf_counter() - start) * 1000)"
FIRST_USE = """
import os, tempsafe
def once():
    start = time.perf_counter(); fd, path = tempsafe.mkstemp(); spent = time.perf_counter() - start
    os.close(fd)
    return spent * 1e6
first = once()
print(first - min(once() for _ in range(5)))
"""


def show(what, stdlib, ours, unit, budget, kept):
    difference = f"{ours - stdlib:+.1f}" if stdlib else ""
    ratio = f"{ours / stdlib:.2f}" if stdlib else ""
    left = f"{stdlib:.1f}" if stdlib else ""
    verdict = ("kept" if kept else "MISSED") if budget else ""
    print(f"{what:36} {left:>8} {ours:8.1f} {difference:>7} {ratio:>6} {unit:3} {budget:22} {verdict}".rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer loops; 100,000 instead of 1,000,000 pairs")
    quick = parser.parse_args().quick
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
    place = tempfile.mkdtemp(prefix="tempsafe-benchmark-", dir=base)
    tempfile.tempdir = os.environ["TMPDIR"] = place
    loops = 200 if quick else 600
    print(f"Python {sys.version.split()[0]}, {sys.platform}, files in {base}, load {os.getloadavg()[0]:.1f}")
    print(f"{'':36} {'tempfile':>8} {'tempsafe':>8} {'diff':>7} {'ratio':>6}     budget")
    try:
        compare(loops, place)
        bounded(100_000 if quick else 1_000_000)
    finally:
        _session.clean_all()
        shutil.rmtree(place)


def compare(loops, place):
    def line(what, make, budget, is_kept):
        stdlib, ours = best(make(tempfile), make(tempsafe), loops=loops)
        show(what, stdlib, ours, "µs", budget, is_kept(stdlib, ours))

    line("mktemp", lambda module: module.mktemp, "", lambda stdlib, ours: True)
    line("mkstemp + close + unlink", pair_mkstemp, "<= +10 µs", lambda stdlib, ours: ours - stdlib <= 10)
    line("mkdtemp + rmdir", pair_mkdtemp, "", lambda stdlib, ours: True)
    line("with NamedTemporaryFile", named_file, "<= +10 µs", lambda stdlib, ours: ours - stdlib <= 10)
    for files in (0, 1):
        line(
            f"with TemporaryDirectory, {files} files",
            lambda module, files=files: directory(module, files),
            "<= +20 µs and <= 1.6",
            lambda stdlib, ours: ours - stdlib <= 20 and ours / stdlib <= 1.6,
        )
    target = os.path.join(place, "target")
    stdlib, ours = best(write_stdlib(target), write_tempsafe(target), loops=loops)
    show("write, replace (not durable)", stdlib, ours, "µs", "", True)
    if hasattr(os, "geteuid"):
        (ours,) = best(lambda: tempsafe.user_path("x", app="tempsafe-benchmark"), loops=loops)
        show("user_path", 0, ours, "µs", "", True)
        os.rmdir(os.path.dirname(tempsafe.user_path("x", app="tempsafe-benchmark")))
    stdlib, ours = remove_100k(False) * 1000, remove_100k(True) * 1000
    show("remove 100,000 files", stdlib, ours, "ms", "<= shutil.rmtree", ours <= stdlib)
    stdlib, ours = in_new_process(IMPORT.format("tempfile")), in_new_process(IMPORT.format("tempsafe"))
    show("import (-I -S)", stdlib, ours, "ms", "<= a third", ours <= stdlib / 3)
    ours = in_new_process(FIRST_USE)
    show("first use in a process, in addition", 0, ours, "µs", "<= 200 µs", ours <= 200)


def bounded(pairs):
    """Memory and journal after very many pairs."""
    import resource

    call, most = pair_mkstemp(tempsafe), [0, 0]
    for _ in range(20_000):
        call()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    for number in range(pairs):
        call()
        if not number % 1000:
            session = _session.current()
            size = os.fstat(session.journal.fd).st_size if session.journal else 0
            most = [max(most[0], len(session.entries)), max(most[1], size)]
    spent = time.perf_counter() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"{pairs:,} mkstemp/unlink pairs: {spent / pairs * 1e6:.1f} µs each, at most {most[0]} entries and "
        f"{most[1] / 1024:.1f} KiB of journal, memory {grown:+} KiB"
    )


if __name__ == "__main__":
    main()
