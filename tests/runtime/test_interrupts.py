"""An exception at any bytecode cannot make us lose track of what was made."""

import os

CODE = """
import random, resource, signal, time
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # an interrupted os.open loses its descriptor, not its file
wanted, interrupts = int(sys.argv[1]), 0
EXPECTED = KeyboardInterrupt
armed = False

def handler(*_):
    global interrupts, armed
    if armed:
        armed = False
        interrupts += 1
        raise KeyboardInterrupt

signal.signal(signal.SIGALRM, handler)

def one_round(number):
    kind = number % 6
    if kind == 0:
        for _ in range(3): fd, path = tempsafe.mkstemp(); os.close(fd)
    elif kind == 1:
        for _ in range(3): tempsafe.mkdtemp()
    elif kind == 2:
        for _ in range(3):
            with tempsafe.NamedTemporaryFile("w") as file: file.write("x")
    elif kind == 3:
        for _ in range(2):
            with tempsafe.TemporaryDirectory() as path: open(path + "/x", "w").close()
    elif kind == 4:
        path = tempsafe.mktemp(); open(path, "w").close(); tempsafe.NamedTemporaryFile(delete="exit")
    else:
        tempsafe._creation._private.clear(); tempsafe.mktemp(); tempsafe.mktemp(delete=False)

number, deadline = 0, time.monotonic() + 60
while interrupts < wanted and time.monotonic() < deadline:
    number += 1
    try:
        try:
            armed = True
            signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, 150e-6))
            one_round(number)
        finally:
            armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)
    except EXPECTED:
        pass
signal.setitimer(signal.ITIMER_REAL, 0)
print(interrupts)
"""


def test_keyboard_interrupt_at_any_bytecode(run, temp):
    """At least 5,000 interrupts (TEMPSAFE_TEST_INTERRUPTS for more): after exit nothing is left."""
    wanted = int(os.environ.get("TEMPSAFE_TEST_INTERRUPTS", "5500"))
    (interrupts,) = run(CODE, wanted, noise="Error")
    assert int(interrupts) >= 5000
    assert run.left() == []


def test_keyboard_interrupt_on_every_version(run, python):
    (interrupts,) = run(CODE, 500, python=python, noise="Error")
    assert int(interrupts) >= 500
    assert run.left() == []


def test_keyboard_interrupt_then_sigkill(run):
    """The journal lists at least what the table lists, so a sweep finds all of it, too."""
    (interrupts,) = run(CODE + "\nsys.stdout.flush(); os.kill(os.getpid(), 9)", 1000, status=-9)
    assert int(interrupts) >= 1000
    run("tempsafe.mkstemp(); tempsafe.sweep()")
    assert run.left() == []


def test_control_the_standard_library_leaves_some(run):
    """The same interrupts on the standard library's file object in a `with`: so this harness does find leaks."""
    code = CODE.replace("number % 6", "2").replace("with tempsafe.", "with tempfile.")
    code = code.replace("EXPECTED = KeyboardInterrupt", "EXPECTED = KeyboardInterrupt, OSError")
    # Once undisturbed: an interrupt in its first call can leave its lock taken for ever (seen on 3.9).
    (interrupts,) = run("import tempfile; tempfile.NamedTemporaryFile().close()\n" + code, 2000, noise="never")
    assert int(interrupts) >= 2000
    assert run.left() != []
