"""Many files at once. A worker that dies takes only the file with it that killed it."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from tempsafe_lint.drivers.work import Outcome, Task, check, crashed

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIED = "internal error: the process that read this file died"


def run(tasks: list[Task], jobs: int | None) -> Iterator[Outcome]:
    """The outcomes in the order of the tasks."""
    done = 0
    workers = min(jobs or os.cpu_count() or 1, 61)  # Windows allows no more
    for outcome in _in_pool(tasks, workers):
        done += 1
        yield outcome
    while done < len(tasks):
        # A worker died, and any file that was under way may have been the one. Alone, each file is done in its turn, so
        # that the first without an outcome is the one.
        for outcome in _in_pool(tasks[done:], 1):
            done += 1
            yield outcome
        if done < len(tasks):
            yield crashed(tasks[done], RuntimeError(_DIED), _DIED)
            done += 1


def _in_pool(tasks: list[Task], workers: int) -> Iterator[Outcome]:
    """Outcomes in order, up to the first that a dead worker took away."""
    executor = ProcessPoolExecutor(workers, initializer=_leave_interrupts)
    finished = False
    try:
        futures: list[Future[Outcome]] = [executor.submit(check, task) for task in tasks]
        for future in futures:
            yield future.result()
        finished = True
    except BrokenProcessPool:
        return
    except BaseException:  # Ctrl-C, or nobody wants the rest: the workers must not go on with theirs
        for worker in multiprocessing.active_children():
            worker.terminate()
        raise
    finally:
        # Waiting costs nothing when all is done; not waiting lets the pool's thread meet a pipe that exit has closed.
        executor.shutdown(wait=finished, cancel_futures=True)


def _leave_interrupts() -> None:
    """Ctrl-C is for the parent: a worker would answer with a traceback."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
