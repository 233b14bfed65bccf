"""Writing a file so that others see the old content or the new, never a part, and nothing is left over."""

from __future__ import annotations

import errno
import os
import stat

from . import _names as names
from . import _platform as platform
from . import _session
from ._journal import FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    from ._platform import StrPath
    from ._session import Session

_MODES = ("w", "wt", "wb", "w+", "w+b", "wb+", "w+t", "wt+")
_TRIES = 10  # Windows: somebody reads the target at this moment


def open_atomic(
    file: StrPath | bytes,
    mode: str = "w",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    *,
    overwrite: bool = True,
    durable: bool = True,
    perms: int | None = None,
) -> _Publication:
    """A context manager for writing `file`: it appears, complete, at the end of the `with`, and not after an exception.

    Takes what `open` takes, for writing a new file only. With `overwrite=False` an existing target is a FileExistsError
    at the end of the block, decided by one system call. `durable` flushes file and directory to the disk. `perms` is
    the mode of the result; by default that of the regular file which is replaced, else 0666 less the umask, as `open`
    would give. A link in place of the target is replaced, not followed. On Linux the content has no name until it is
    complete (O_TMPFILE), so even SIGKILL leaves nothing; elsewhere it is a temporary file beside the target.

    Raises ValueError for another mode, and any OSError of the system; the target is then as it was. If another process
    overtakes a publication with `overwrite=True`, the later one wins.
    """
    if mode not in _MODES:
        raise ValueError(f"open_atomic writes a new file: mode must be one of {', '.join(_MODES[:5])}, not {mode!r}")
    path = os.path.abspath(os.fsdecode(file))
    return _Publication(path, (mode, buffering, encoding, errors, newline), overwrite, durable, perms)


class _Publication:
    """What `open_atomic` returns. Between the ends of the block the content is an open descriptor, named or not."""

    def __init__(self, path: str, how: tuple[Any, ...], overwrite: bool, durable: bool, perms: int | None) -> None:
        self._path, self._how = path, how
        self._overwrite, self._durable, self._perms = overwrite, durable, perms
        self._fd = -1
        self._name = ""  # path of the content, if it has one
        self._pid = 0
        self._file: IO[Any] | None = None

    def __enter__(self) -> IO[Any]:
        if self._fd >= 0:
            raise ValueError("this open_atomic block is already open")
        self._pid = os.getpid()
        self._session: Session = _session.current()
        directory = os.path.dirname(self._path)
        if self._perms is None:
            self._perms = _mode_of(self._path)
        self._fd = _nameless(directory)
        if self._fd < 0:
            self._fd, self._name = self._sibling(0o666 if self._perms is None else 0o600)
        elif self._perms is None:
            self._perms = 0o666 & ~_umask()
        try:
            # The descriptor stays ours: a close() inside the block flushes, and publishing still works.
            mode, buffering, encoding, errors, newline = self._how
            self._file = open(self._fd, str(mode), buffering, encoding, errors, newline, closefd=False)
        except BaseException:
            self._abandon()
            raise
        return self._file

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        file, self._file = self._file, None
        assert file is not None
        try:
            try:
                file.close()
            finally:
                if os.getpid() != self._pid:  # a forked child leaves the block, too; publishing is its parent's
                    self._name = ""
            if kind is None and os.getpid() == self._pid:
                self._publish()
        finally:
            self._abandon()

    def _publish(self) -> None:
        if self._perms is not None:
            os.chmod(self._fd if os.chmod in os.supports_fd else self._name, self._perms)
        if self._durable:
            _sync(self._fd)
        directory, base = os.path.split(self._path)
        if platform.WINDOWS:
            os.close(self._fd)
            self._fd = -1
            _replace_on_windows(self._name, self._path, self._overwrite)
            self._name = self._forget(self._name)
            return
        dir_fd = os.open(directory, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        try:
            if not self._overwrite:
                self._link(dir_fd, directory, base)
            else:
                if not self._name:
                    self._name = self._linked_sibling(dir_fd, directory)
                if platform.DIR_FD:
                    os.replace(os.path.basename(self._name), base, src_dir_fd=dir_fd, dst_dir_fd=dir_fd)
                else:
                    os.replace(self._name, self._path)
                self._name = self._forget(self._name)
            if self._durable:
                _sync(dir_fd)
        finally:
            os.close(dir_fd)

    def _link(self, dir_fd: int, directory: str, base: str) -> None:
        """Give the content the name `base`, unless that exists."""
        if self._name:
            os.link(self._name, os.path.join(directory, base))
        else:
            # With a directory descriptor CPython calls linkat with AT_SYMLINK_FOLLOW, which the /proc link needs.
            os.link(f"/proc/self/fd/{self._fd}", base, dst_dir_fd=dir_fd, follow_symlinks=True)

    def _linked_sibling(self, dir_fd: int, directory: str) -> str:
        for _ in range(names.ATTEMPTS):
            path = names.candidate(directory, "tmp", "")
            self._session.announce(FILE, path)
            try:
                self._link(dir_fd, directory, os.path.basename(path))
            except FileExistsError:
                self._session.forget(path)
                continue
            except OSError:
                self._session.forget(path)
                raise
            return path
        raise FileExistsError(errno.EEXIST, "No usable temporary file name found", directory)

    def _sibling(self, mode: int) -> tuple[int, str]:
        directory = os.path.dirname(self._path)
        for _ in range(names.ATTEMPTS):
            path = names.candidate(directory, "tmp", "")
            entry = self._session.announce(FILE, path)
            try:
                fd = os.open(path, platform.NEW_FILE, mode)
            except OSError as error:
                self._session.forget(path)
                if isinstance(error, FileExistsError):
                    continue
                raise
            entry.where = platform.identity(os.fstat(fd))
            return fd, path
        raise FileExistsError(errno.EEXIST, "No usable temporary file name found", directory)

    def _forget(self, path: str) -> str:
        self._session.forget(path)
        return ""

    def _abandon(self) -> None:
        """Close the content and, if it still has a name of its own, remove that."""
        fd, self._fd = self._fd, -1
        name, self._name = self._name, ""
        if fd >= 0:
            os.close(fd)
        if name:
            try:
                self._session.remove(name)
            except OSError:
                pass  # listed still: tried again at exit


def _nameless(directory: str) -> int:
    """A descriptor of a file in `directory` that has no name, or -1 where that cannot be had and linked later."""
    if not (platform.O_TMPFILE and platform.PROC):
        return -1
    try:
        fd = os.open(directory, platform.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        # Which of these a file system or an old kernel without O_TMPFILE says differs.
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            return -1
        raise
    if os.fstat(fd).st_nlink == 0 and os.path.exists(f"/proc/self/fd/{fd}"):
        return fd
    os.close(fd)  # a fake file system, or /proc is not mounted here
    return -1


def _mode_of(path: str) -> int | None:
    """Permissions of the regular file that is about to be replaced. Set-id bits do not pass to new content."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return stat.S_IMODE(status.st_mode) & 0o777 if stat.S_ISREG(status.st_mode) else None


def _umask() -> int:
    """The umask, read without setting it: os.umask() would change it for all threads for a moment."""
    try:
        with open("/proc/thread-self/status", "rb") as file:
            for line in file:
                if line.startswith(b"Umask:"):
                    return int(line.split()[1], 8)
    except OSError:
        pass
    return 0o077  # unknown: rather too private


def _sync(fd: int) -> None:
    if platform.MACOS and platform.fcntl is not None and hasattr(platform.fcntl, "F_FULLFSYNC"):
        try:
            platform.fcntl.fcntl(fd, platform.fcntl.F_FULLFSYNC)
            return
        except OSError:
            pass  # not on this file system
    os.fsync(fd)


def _replace_on_windows(source: str, target: str, overwrite: bool) -> None:
    """Waits up to 0.45 s in all for a target that somebody has open."""
    import time

    if not overwrite:
        os.rename(source, target)  # FileExistsError there if the target exists
        return None
    for attempt in range(1, _TRIES):
        try:
            return os.replace(source, target)
        except PermissionError:
            time.sleep(attempt / 100)
    os.replace(source, target)
    return None
