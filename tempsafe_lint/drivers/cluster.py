"""Files read by the workers of an existing Dask cluster: `--executor dask:ADDRESS`.

The bytes travel, so that no worker needs our disk, and an outcome comes back as from any other process. A lost worker's
files are given to another one by Dask itself. Files that workers keep dying of, and whatever else a worker cannot do,
are done here, each in a process that it may take with it.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from typing import TYPE_CHECKING, Any

import tempsafe_lint
from tempsafe_lint.configuration import ConfigError
from tempsafe_lint.drivers.work import Task, check_bytes
from tempsafe_lint.records import replace
from tempsafe_lint.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tempsafe_lint.drivers.work import Answer, Item, Outcome

#: Bytes of source in one task: worth the way there and back.
_LOAD = 200_000
#: Tasks that are on their way for each thread of the cluster, so that none waits for us, and no more is held in memory.
_AHEAD = 3
#: Seconds to wait for a scheduler.
_PATIENCE = 10
#: Answers come without their task, which the other side has.
_SPARED = Task("", "", "", Settings())

#: Written so that a worker without this linter can be asked, too.
_ASKED = "(__import__('tempsafe_lint').__version__, __import__('sys').version_info[:2])"
_OURS = (tempsafe_lint.__version__, sys.version_info[:2])


def read_there(wanted: tuple[Any, ...], batch: list[tuple[Task, bytes]]) -> list[Outcome] | tuple[Any, ...]:
    """What a worker does; where it is not the linter that is wanted, it says which one it is."""
    if wanted != _OURS:
        return _OURS
    return [replace(check_bytes(task, data), task=_SPARED) for task, data in batch]


class Cluster:
    """A connection to a scheduler. Raises ConfigError where there is none, or a worker has another version.

    `complain` is told what people may want to know while they wait.
    """

    def __init__(self, address: str, complain: Callable[[str, str], None]) -> None:
        self.address = address
        self._complain = complain
        try:
            import distributed
        except ImportError:
            raise ConfigError("`--executor dask:...` needs Dask: pip install 'tempsafe-lint[dask]'") from None
        logging.disable(logging.CRITICAL)  # what matters of it is said by us
        warnings.simplefilter("ignore")
        self._dask = distributed
        self._gone = self._failed = False
        try:
            distributed.comm.resolve_address(address)  # a client that fails for this would come back to it at exit
            self._client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            why = _line(str(error)) or type(error).__name__
            raise ConfigError(f"`--executor`: no Dask scheduler answers at `{address}`: {why}") from None
        try:
            self._compare()
        except BaseException:
            self._leave()
            raise

    def _compare(self) -> None:
        found = self._client.run(eval, _ASKED, on_error="return")
        found["the scheduler"] = self._scheduler()
        for who, answer in found.items():
            name = f"worker {who}" if "://" in who else who
            if isinstance(answer, ModuleNotFoundError):
                raise ConfigError(f"`--executor`: {name} has no tempsafe-lint; all of a cluster need it")
            if isinstance(answer, BaseException):
                raise ConfigError(f"`--executor`: {name} cannot be asked for its version: {_line(str(answer))}")
            self._same(name, answer)
        if len(found) == 1:
            self._complain("note", f"the Dask scheduler at {self.address} has no workers yet; waiting for one")

    def _scheduler(self) -> Any:
        try:
            return self._client.run_on_scheduler(eval, _ASKED)
        except Exception as error:
            return error

    @staticmethod
    def _same(name: str, theirs: Any) -> None:
        if tuple(theirs) != _OURS:
            raise ConfigError(f"`--executor`: {name} has {_version(theirs)}, this is {_version(_OURS)}")

    def run(self, items: Iterable[Item]) -> Iterator[Answer]:
        """What comes of each file, as it comes; the connection ends with it."""
        left: list[Item] = []
        try:
            yield from self._sent(items, left)
        finally:
            self._leave()
        if left:
            from tempsafe_lint.drivers import pool

            yield from pool.run(left, pool.processors())

    def _sent(self, items: Iterable[Item], left: list[Item]) -> Iterator[Answer]:
        """The answers of the cluster; what it does not answer goes to `left`."""
        held: dict[str, list[Item]] = {}
        answers = self._dask.as_completed(loop=self._client.loop)
        for batch in _batches(items, left):
            own = [item for item, _ in batch]
            try:
                sent = [(item.task, data) for item, data in batch]
                future = self._client.submit(read_there, _OURS, sent, pure=False)
                room = _AHEAD * max(1, sum(self._client.nthreads().values()))
            except Exception:  # whatever a client without a scheduler raises
                left += own
                self._say_gone()
                continue
            held[future.key] = own
            answers.add(future)
            while len(held) >= room:
                yield from self._heard(next(answers), held, left)
        while held:
            yield from self._heard(next(answers), held, left)

    def _heard(self, future: Any, held: dict[str, list[Item]], left: list[Item]) -> Iterator[Answer]:
        items = held.pop(future.key)
        if future.status != "finished":
            left += items
            if future.status == "error":
                self._say_failed(future.exception())
            else:
                self._say_gone()
            return
        try:
            answer = future.result()
        except Exception:  # done there, but whoever has it went before it was fetched
            left += items
            self._say_gone()
            return
        if isinstance(answer, tuple):
            self._same("a worker", answer)
        for item, outcome in zip(items, answer, strict=True):
            yield item.number, replace(outcome, task=item.task)

    def _say_failed(self, error: BaseException) -> None:
        why = "they died" if isinstance(error, self._dask.KilledWorker) else f"{type(error).__name__}: {error}"
        if not self._failed:
            self._complain("note", f"workers of the Dask cluster failed, their files are read here: {_line(why)}")
        self._failed = True

    def _say_gone(self) -> None:
        if not self._gone:
            self._complain("note", f"the Dask scheduler at {self.address} is gone; what is left is read here")
        self._gone = True

    def _leave(self) -> None:
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)


def _line(text: str) -> str:
    return text.partition("\n")[0]


def _version(one: Any) -> str:
    return f"tempsafe-lint {one[0]} on Python {'.'.join(map(str, one[1]))}"


def _batches(items: Iterable[Item], left: list[Item]) -> Iterator[list[tuple[Item, bytes]]]:
    """Files with their bytes, in loads; what cannot be read goes to `left`, where that is said."""
    batch: list[tuple[Item, bytes]] = []
    size = 0
    for item in items:
        try:
            with open(item.task.absolute, "rb") as file:
                data = file.read()
        except OSError:
            left.append(item)
            continue
        if batch and size + len(data) > _LOAD:
            yield batch
            batch, size = [], 0
        batch.append((item, data))
        size += len(data)
    if batch:
        yield batch
