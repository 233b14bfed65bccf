"""The table of what this process has made and not yet let go, mirrored in its journal.

Order is everything here. A path is in the table and in the journal before the thing exists, and leaves them only when
the thing is known not to exist or not to be ours; so an exception at any bytecode (KeyboardInterrupt, a signal
handler) can make the table list too much, never too little. What is listed is removed at exit, if it is still the
same inode, and only by the process that made it.
"""

from __future__ import annotations

import atexit
import os
import sys
from _thread import RLock

from . import _journal, _removal
from . import _platform as platform
from ._journal import FILE, GONE, TREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._journal import Journal
    from ._platform import Identity

_LOCKED_DIRECTORIES = 64  # directories held open against age-based cleaners, per process
_LOOKED_AT = 16  # journals of others at the first use
_REMEMBERED = 16  # journals of ours that could not be unlinked
_MOST_PATIENCE = 1024  # records that go by before another attempt at a journal
_SMALL_TABLE = 512  # entries below which looking for vanished ones is not worth it
_SMALL_JOURNAL = 64 * 1024  # bytes, the same for rewriting the journal


class Entry:
    """One temporary thing. `where` is None from its announcement until its inode is known."""

    __slots__ = ("kind", "lock", "record", "spare", "where")

    def __init__(self, kind: bytes, record: bytes) -> None:
        self.kind = kind
        self.record = record
        self.where: Identity | None = None
        self.lock = -1
        self.spare: set[str] | None = None


class Session:
    """The table of one (process, user). Methods may be called from any thread, and again from a signal handler."""

    def __init__(self, pid: int, uid: int) -> None:
        self.pid, self.uid = pid, uid
        self.entries: dict[str, Entry] = {}
        self.mutex = RLock()
        self.locked = 0
        self.limit = _SMALL_TABLE
        self.max_size = _SMALL_JOURNAL
        self.journal: Journal | None = None
        # Every journal that may be on disk, with the identity of its directory.
        self.names: list[tuple[str, Identity]] = []
        self.untidy = False  # there may be more than one: an interrupt came while it was rewritten
        self.failures = 0  # how often in succession a journal could not be had
        self.patience = 0  # records to let pass before the next attempt

    def is_mine(self) -> bool:
        return os.getpid() == self.pid

    # -- listing ---------------------------------------------------------------------------------------------------

    def announce(self, kind: bytes, path: str) -> Entry:
        """List `path` before it is made. ValueError if it holds a zero byte."""
        record = _journal.encode(kind, path)
        entry = Entry(kind, record)
        with self.mutex:
            if len(self.entries) >= self.limit:
                self._prune()
            self.entries[path] = entry
            self._write(record)
        return entry

    def hold(self, entry: Entry, path: str) -> None:
        """Note the inode of the directory just made, and lock it so that age-based cleaners leave it alone."""
        if self.locked < _LOCKED_DIRECTORIES and platform.FLOCK and platform.DIR_FD:
            try:
                fd = os.open(path, platform.DIRECTORY)
                entry.where = platform.identity(os.fstat(fd))
                entry.lock = fd
                with self.mutex:
                    self.locked += 1
                platform.fcntl.flock(fd, platform.fcntl.LOCK_SH | platform.fcntl.LOCK_NB)
                return
            except OSError:  # out of descriptors, or a file system without locks: only the protection is lost
                pass
        if entry.where is None:
            entry.where = platform.identity(os.lstat(path))

    def forget(self, path: str) -> None:
        """Take `path` off the table and the journal. What is there stays."""
        with self.mutex:
            entry = self.entries.pop(path, None)
            if entry is None:
                return
            self._write(GONE + entry.record[1:])
            if entry.lock >= 0:
                self.locked -= 1
                _journal.close_if(entry.lock, entry.where)

    def spare(self, directory: str, name: str) -> None:
        """Let the child `name` of a listed directory stay when the directory is removed."""
        with self.mutex:
            entry = self.entries[directory]
            entry.spare = (entry.spare or set()) | {name}
            self._write(_journal.encode(GONE, os.path.join(directory, name)))

    def remove(self, path: str) -> None:
        """Remove what is listed under `path`, if it is ours, and forget it. OSError leaves it listed, for exit."""
        entry = self.entries.get(path)
        if entry is None or os.getpid() != self.pid:
            return
        if entry.kind == FILE:
            _removal.remove_file(path, entry.where, self.uid)
        elif entry.kind == TREE:
            self._remove_tree(path, entry)
        else:
            _removal.remove_empty(path, entry.where, self.uid)
        self.forget(path)

    def _remove_tree(self, path: str, entry: Entry) -> None:
        with self.mutex:  # the descriptor is for one thread: another one must not close it under our feet
            fd, entry.lock = entry.lock, -1
        try:
            _removal.remove_tree(path, entry.where, self.uid, entry.spare, fd)
        except BaseException:
            entry.lock = fd
            raise
        if fd >= 0:
            with self.mutex:
                self.locked -= 1
            _journal.close_if(fd, entry.where)

    def clean(self) -> None:
        """Remove everything, newest first. What cannot be removed stays in the journal, for the next process."""
        for path in reversed(list(self.entries)):
            try:
                self.remove(path)
            except OSError:
                pass
        with self.mutex:
            if not self.entries:
                journal, self.journal = self.journal, None
                self._unlink_journals("")
                if journal is not None:
                    journal.close()

    # -- the journal -----------------------------------------------------------------------------------------------

    def _write(self, record: bytes) -> None:
        """Append to the journal; where that fails, write the whole table, which has the record's effect, anew."""
        journal = self.journal
        if journal is None:
            # A disk does not stay full for ever. Only failures are counted: after an interrupt nothing may be made
            # before the journal is there.
            if self.patience:
                self.patience -= 1
            else:
                self.rewrite()
        elif not journal.append(record):
            self.rewrite()
        elif journal.size > self.max_size:
            self.rewrite(spare=journal)
        elif self.untidy:
            self._unlink_journals(journal.path)

    def rewrite(self, spare: Journal | None = None) -> None:
        """Begin a new journal with what the table holds now, then give up the old one.

        `spare` is an old one that will do if there cannot be a new one: it lists all that the table does, and more.
        """
        with self.mutex:
            old, self.untidy = self.journal, True
            new = _journal.create(self.names, self._records()) or spare
            self.journal = new
            self._unlink_journals("" if new is None else new.path)
            if old is not None and old is not new:
                old.close()
            if new is None:
                self.failures += 1
                self.patience = min(2**self.failures, _MOST_PATIENCE)
            else:
                self.max_size = max(_SMALL_JOURNAL, 2 * new.size)
                self.failures = self.patience = 0

    def _records(self) -> Iterator[bytes]:
        for path, entry in list(self.entries.items()):
            yield entry.record
            for name in entry.spare or ():
                yield _journal.encode(GONE, os.path.join(path, name))

    def _unlink_journals(self, current: str) -> None:
        """Unlink every journal of this session but the current one.

        One whose directory is not to be seen now (a fake file system in a test, an unmounted one) is tried again with
        the next rewriting: left behind, it would list what has been kept since.
        """
        old = [item for item in self.names if item[0] != current]
        for item in old:
            path, root = item
            try:
                if platform.identity(os.lstat(os.path.dirname(path))) == root:
                    os.unlink(path)
                    self.names.remove(item)
            except FileNotFoundError:
                if os.path.isdir(os.path.dirname(path)):
                    self.names.remove(item)
            except OSError:
                pass
        for item in old[:-_REMEMBERED]:
            if item in self.names:
                self.names.remove(item)
        self.untidy = False

    def _prune(self) -> None:
        """Drop entries whose file is gone or another one: the caller removed or moved it, and need not tell us."""
        for path, entry in list(self.entries.items()):
            if entry.where is None:
                continue
            try:
                if platform.identity(os.lstat(path)) == entry.where:
                    continue
            except FileNotFoundError:
                pass
            except OSError:
                continue  # cannot be seen now; that does not mean it is gone
            del self.entries[path]
            if entry.lock >= 0:
                self.locked -= 1
                _journal.close_if(entry.lock, entry.where)
        self.limit = max(_SMALL_TABLE, 2 * len(self.entries))
        self.rewrite(spare=self.journal)


_sessions: dict[tuple[int, int], Session] = {}
_birth = RLock()


def current() -> Session:
    """The session of this process and effective user, made at the first use: then dead processes are swept, too."""
    key = (os.getpid(), platform.user())
    return _sessions.get(key) or _begin(key)


def _begin(key: tuple[int, int]) -> Session:
    with _birth:
        session = _sessions.get(key)
        if session is None:
            session = _sessions[key] = Session(*key)  # known before its journal is: an interrupt may come between
            _clean_at_end_of_worker()
            session.rewrite()
            if session.journal is not None and os.environ.get("TEMPSAFE_SWEEP") != "0":
                dead = _journal.dead(_LOOKED_AT)
                if dead:
                    from . import _sweep  # loaded only where there is work for it

                    _sweep.sweep_some(dead)
    return session


def owner_of(path: str) -> Session | None:
    """The session of this process that lists `path`."""
    pid = os.getpid()
    for session in list(_sessions.values()):
        if session.pid == pid and path in session.entries:
            return session
    return None


def clean_all() -> None:
    """What happens at exit. Sessions of other users (before a setuid) may fail; their journal stays for a sweep."""
    pid = os.getpid()
    for session in list(_sessions.values()):
        if session.pid == pid:
            session.clean()


def _clean_at_end_of_worker() -> None:
    """A forked multiprocessing worker ends with os._exit after its own list of finalizers, without atexit."""
    process = sys.modules.get("multiprocessing.process")
    util = sys.modules.get("multiprocessing.util")
    if process is not None and util is not None and process.parent_process() is not None:
        util.Finalize(None, clean_all, exitpriority=-1000)


def _after_fork_in_child() -> None:
    """What the parent made is not ours. Its descriptors stay open: they hold the lock that keeps it alive."""
    global _birth
    for session in _sessions.values():
        session.pid = -1  # also if the child gets the number of a long dead ancestor
    _sessions.clear()
    _birth = RLock()


# Before anything can be listed: a handler registered at the first use could itself be lost to an interrupt.
atexit.register(clean_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
