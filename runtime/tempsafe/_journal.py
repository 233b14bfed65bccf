"""The journal: what a process has made, on disk, so that others can clean up after it is gone.

One file per process, `<temp dir>/tempsafe-<uid>/<8 characters>.j`, in a directory that only this user may enter.
Its maker holds an exclusive flock on it. The kernel drops that lock when the last process holding it dies, of whatever
cause, so "can be locked" means "its maker is dead": no pid is looked at. A forked child inherits the lock, so a
daemonised child keeps its parent's temps alive.

A record is one byte and an absolute path, ended by a zero byte:

    f  a file            d  a directory with all its content         e  a directory, removed only if empty
    -  no longer ours; for a direct child of a `d` directory: this child stays

Records are written before the thing exists. Nothing is fsynced: after a crash of the machine only the boot-time
cleaning of the temporary directory helps. A record without its zero byte was cut off and is ignored.

Limits: needs flock and directory descriptors; on network file systems flock may be missing, then there is no journal
and the process cleans up for itself only. A process that closes descriptors it does not own drops its lock until its
next tempsafe call notices. Processes of the same user are trusted: they could write the journal themselves.
"""

from __future__ import annotations

import errno
import os
import stat

from . import _names as names
from . import _platform as platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._platform import Identity

FILE, TREE, EMPTY, GONE = b"f", b"d", b"e", b"-"

_TRIES = 100


class Record:
    """What is known about one path of a dead or foreign journal."""

    __slots__ = ("kind", "spare")

    def __init__(self, kind: bytes) -> None:
        self.kind = kind
        self.spare: set[str] = set()


def root_path() -> str:
    return os.path.join(platform.temp_dir(), f"tempsafe-{platform.user()}")


def open_root(create: bool = False) -> int | None:
    """A descriptor of the journal directory, or None if it is absent, unsupported, or not private to this user."""
    if platform.fcntl is None or not (platform.FLOCK and platform.DIR_FD):
        return None
    try:
        path = root_path()
        if create:
            try:
                os.mkdir(path, 0o700)
            except FileExistsError:
                pass
        fd = os.open(path, platform.DIRECTORY)
    except OSError:
        return None
    status = os.fstat(fd)
    if status.st_uid == platform.user() and not status.st_mode & 0o077:
        return fd
    os.close(fd)
    return None


class Journal:
    """This process's own journal, open and locked."""

    __slots__ = ("fd", "path", "root", "root_fd", "size", "where")

    def __init__(self, path: str, root_fd: int, root: Identity, fd: int, where: Identity) -> None:
        self.path, self.root_fd, self.root, self.fd, self.where = path, root_fd, root, fd, where
        self.size = 0

    def append(self, data: bytes) -> bool:
        """Write, if the descriptor is still the journal's and the journal still on disk. False if nothing was written.

        A program that closes every descriptor and opens its own files gives them our numbers; hence the look first.
        """
        try:
            status = os.fstat(self.fd)
        except OSError:
            return False
        if status.st_ino != self.where[1] or status.st_dev != self.where[0] or not status.st_nlink:
            return False
        try:
            if os.write(self.fd, data) == len(data):
                self.size += len(data)
                return True
        except OSError:
            pass
        # The disk is full. A half-written record followed by another would name a path that nobody made, and a missing
        # "-" would let a kept file be swept: better a journal that lists nothing.
        try:
            os.ftruncate(self.fd, 0)
        except OSError:
            pass
        return False

    def close(self) -> None:
        """Give up the lock; a descriptor that is not ours any more is left alone."""
        for fd, where in ((self.fd, self.where), (self.root_fd, self.root)):
            close_if(fd, where)


def close_if(fd: int, where: Identity | None) -> None:
    """Close `fd` if it still refers to the inode it was opened on."""
    try:
        if platform.identity(os.fstat(fd)) == where:
            os.close(fd)
    except OSError:
        pass


def create(name_taken: list[tuple[str, Identity]], content: Iterable[bytes]) -> Journal | None:
    """A new locked journal that holds `content`, or None where that cannot be had.

    Its path is appended to `name_taken` before the file exists, so that an interrupt cannot lose track of it.
    """
    root_fd = open_root(create=True)
    if root_fd is None:
        return None
    fd = -1
    try:
        try:
            platform.fcntl.flock(root_fd, platform.fcntl.LOCK_SH | platform.fcntl.LOCK_NB)  # age-based cleaners skip it
        except OSError:
            pass  # one of them is looking at it just now
        root = platform.identity(os.fstat(root_fd))
        for _ in range(_TRIES):
            name = f"{names.random_name()}.j"
            path = os.path.join(root_path(), name)
            name_taken.append((path, root))
            fd = os.open(name, platform.NEW_FILE | os.O_APPEND, 0o600, dir_fd=root_fd)
            status = _lock(fd)
            if status is None:  # a sweeper was quicker, and takes the newborn for an orphan: leave it to him
                os.close(fd)
                fd = -1
                continue
            journal = Journal(path, root_fd, root, fd, platform.identity(status))
            data = b"".join(content)
            if data and not journal.append(data):
                raise OSError(errno.ENOSPC, "the journal cannot be written", path)
            return journal
    except OSError:
        pass
    if fd >= 0:
        os.close(fd)
    os.close(root_fd)
    return None


def _lock(fd: int) -> os.stat_result | None:
    """Lock a journal exclusively. None if somebody else holds it or it has been unlinked meanwhile."""
    try:
        platform.fcntl.flock(fd, platform.fcntl.LOCK_EX | platform.fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    status = os.fstat(fd)
    return status if status.st_nlink else None


def claim(root_fd: int, name: str, look_only: bool = False) -> int | None:
    """Open the journal `name` of a dead process, locked against other sweepers. None if its maker lives."""
    how = platform.fcntl.LOCK_SH if look_only else platform.fcntl.LOCK_EX
    try:
        fd = os.open(name, platform.OLD_FILE, dir_fd=root_fd)
    except OSError:
        return None
    try:
        status = os.fstat(fd)
        if stat.S_ISREG(status.st_mode) and status.st_uid == platform.user():
            platform.fcntl.flock(fd, how | platform.fcntl.LOCK_NB)
            if os.fstat(fd).st_nlink:
                return fd
    except OSError:
        pass
    os.close(fd)
    return None


def dead(limit: int) -> list[str]:
    """The names of journals whose maker is dead, of at most `limit` that are looked at."""
    root_fd = open_root()
    if root_fd is None:
        return []
    found = []
    try:
        names = [name for name in os.listdir(root_fd) if name.endswith(".j")]
        # From a random place on, so that journals which cannot be finished do not hide the others for ever.
        start = os.urandom(1)[0] % max(1, len(names))
        for name in (names[start:] + names[:start])[:limit]:
            fd = claim(root_fd, name, look_only=True)
            if fd is not None:
                os.close(fd)
                found.append(name)
    except OSError:
        pass  # the directory was removed meanwhile
    finally:
        os.close(root_fd)
    return found


def read(fd: int) -> dict[str, Record]:
    """The paths that a journal still lists, oldest first."""
    size = os.fstat(fd).st_size
    chunks, offset = [], 0
    while offset < size:
        chunk = os.pread(fd, size - offset, offset)
        if not chunk:
            break
        chunks.append(chunk)
        offset += len(chunk)
    return parse(b"".join(chunks))


def parse(data: bytes) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for line in data.split(b"\0")[:-1]:  # what follows the last zero byte was cut off
        kind, path = line[:1], os.fsdecode(line[1:])
        if not os.path.isabs(path):
            continue
        if kind in (FILE, TREE, EMPTY):
            records[path] = Record(kind)
        elif kind == GONE and records.pop(path, None) is None:
            parent, name = os.path.split(path)
            if parent in records:
                records[parent].spare.add(name)
    return records


def encode(kind: bytes, path: str) -> bytes:
    """One record. ValueError if the path cannot be one of the file system (a zero byte would split the record)."""
    raw = os.fsencode(path)
    if b"\0" in raw:
        raise ValueError("embedded null byte in the path of a temporary file")
    return kind + raw + b"\0"
