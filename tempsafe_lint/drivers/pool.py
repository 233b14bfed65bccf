"""Many files at once, in processes of our own. One that dies takes only the file with it that it was reading.

An executor of the standard library is lost as a whole when one of its processes dies, and does not say what that one
was at. Here a process is given some files, answers one by one, and so the first without an answer is the one.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from tempsafe_lint.drivers.work import Item, Task, check, crashed, warm
from tempsafe_lint.records import replace
from tempsafe_lint.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

    from tempsafe_lint.drivers.work import Answer

#: Bytes of source that a process is given at once: more than the time between two errands is worth.
_LOAD = 64_000
#: Windows waits for no more than 63 things at once.
_MOST = 61


#: Answers come without their task, which the other side has.
_SPARED = Task("", "", "", Settings())


class _Worker:
    """A process, and the files that it has and has not answered for, the one under way first."""

    __slots__ = ("awake", "connection", "held", "process")

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process = process
        self.connection = connection
        self.held: deque[Item] = deque()
        self.awake = False


def run(items: Iterable[Item], workers: int) -> Iterator[Answer]:
    """What comes of each file, as it comes. Items are taken one by one, while earlier ones are under way."""
    crew = _Crew(min(workers, _MOST))
    try:
        for item in items:
            crew.waiting.append(item)
            yield from crew.turn(at_once=True)
        crew.all_known = True
        while crew.is_busy:
            yield from crew.turn(at_once=False)
        crew.dismiss()
    except BaseException:  # Ctrl-C, or nobody wants the rest: the processes must not go on with theirs
        crew.stop()
        raise


class _Crew:
    def __init__(self, size: int) -> None:
        self.waiting: deque[Item] = deque()
        self.all_known = False
        self._size = size
        self._context = _context()
        self._workers: list[_Worker] = []
        self._hire(size)

    @property
    def is_busy(self) -> bool:
        return bool(self.waiting) or any(worker.held for worker in self._workers)

    def turn(self, *, at_once: bool) -> Iterator[Answer]:
        """Give work to whoever has none, and take what is done; waits for something unless `at_once`."""
        for worker in self._workers:
            if worker.awake and not worker.held and self.waiting:
                self._give(worker)
        if not self._workers:
            while self.waiting:
                item = self.waiting.popleft()
                yield item.number, check(item.task)
            return
        by_connection = {worker.connection: worker for worker in self._workers}
        for ready in wait(list(by_connection), 0 if at_once else None):
            yield from self._heard(by_connection[ready])  # type: ignore[index]

    def _give(self, worker: _Worker) -> None:
        """The largest come first, so that the small ones at the end even things out."""
        load = min(_LOAD, sum(item.size for item in self.waiting) // (2 * self._size)) if self.all_known else _LOAD
        batch = [self.waiting.popleft()]
        size = batch[0].size
        while self.waiting and size + self.waiting[0].size <= load:
            batch.append(self.waiting.popleft())
            size += batch[-1].size
        worker.held.extend(batch)
        with contextlib.suppress(OSError):  # it is dead: that is heard on its connection
            worker.connection.send(batch)

    def _heard(self, worker: _Worker) -> Iterator[Answer]:
        try:
            outcome = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._lost(worker)
            return
        if outcome is None:
            worker.awake = True
            return
        item = worker.held.popleft()
        yield item.number, replace(outcome, task=item.task)

    def _lost(self, worker: _Worker) -> Iterator[Answer]:
        """A process has died. What it had not begun is done by others."""
        worker.connection.close()
        worker.process.join()
        self._workers.remove(worker)
        if not worker.awake:
            return  # it could not even start: another would not either
        if worker.held:
            item = worker.held.popleft()
            said = f"internal error: the process that read this file {_end(worker.process.exitcode)}"
            yield item.number, crashed(item.task, RuntimeError(said), said)
        self.waiting.extendleft(reversed(worker.held))
        self._hire(1)

    def _hire(self, count: int) -> None:
        with _interrupts_blocked():
            for _ in range(count):
                ours, theirs = multiprocessing.Pipe()
                process = self._context.Process(target=_work, args=(theirs,), daemon=True)  # type: ignore[attr-defined]
                try:
                    process.start()
                except (OSError, RuntimeError, EOFError):  # no more processes: those that there are must do
                    ours.close()
                    return
                finally:
                    theirs.close()
                self._workers.append(_Worker(process, ours))

    def dismiss(self) -> None:
        for worker in self._workers:
            with contextlib.suppress(OSError):
                worker.connection.send(None)
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()

    def stop(self) -> None:
        for worker in self._workers:
            worker.process.terminate()


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _end(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"was killed by signal {-code}"
    return f"died with code {code}"


def _context() -> BaseContext:
    """How processes are started: as the program that we are part of says, else in the cheapest way that is safe.

    A fork has all modules already; it is safe where no other thread could hold a lock just then.
    """
    method = multiprocessing.get_start_method(allow_none=True)
    if method is None and sys.platform == "linux":
        method = "fork" if _is_alone() else "forkserver"
    context = multiprocessing.get_context(method)
    if context.get_start_method() == "fork":
        warm()
        gc.freeze()  # what all have in common is looked through by none
    elif context.get_start_method() == "forkserver":
        context.set_forkserver_preload(["tempsafe_lint.drivers.preloaded"])
    return context


def _is_alone() -> bool:
    """Whether this thread is the only one, of Python or of anybody else."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return threading.active_count() == 1


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """What is started inside never sees Ctrl-C, not even while it starts: it would answer with a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(connection: Connection) -> None:
    """What a process does: say that it is there, then answer for each file that it is given, until it is given None."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # see drivers/work.py
    try:
        connection.send(None)
        while (batch := connection.recv()) is not None:
            for item in batch:
                connection.send(replace(check(item.task), task=_SPARED))
    except (EOFError, OSError):  # whoever started this is gone
        pass
    os._exit(0)  # nothing here is worth tidying up
