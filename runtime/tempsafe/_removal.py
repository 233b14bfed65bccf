"""Removing one thing that is ours: a file, or a whole directory tree.

`remove_tree` walks by directory descriptors only, so no name is ever looked up through a link that somebody put there
meanwhile; it repairs missing permissions on the open inode, not on a path; and it holds at most `_OPEN` descriptors at
any depth, because it can climb back through "..", checking that it arrives where it came from.

Limits: a directory on another device (something is mounted there) is not entered and is reported as EBUSY; a bind
mount of the same file system cannot be told apart and is entered, as the standard library does. Between looking at a
name and removing it another process of this user, or anybody who may write to the parent directory, can put something
else there; what can be lost by that is one directory entry, never the content of another directory.
"""

from __future__ import annotations

import errno
import os
import stat

from . import _platform as platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ._platform import Identity

_OPEN = 16  # directory descriptors held at once
_PASSES = 4  # the first, and three more while something still writes into the tree
_TRIES = 10  # Windows: somebody (a virus scanner) has the file open for a moment


def remove_file(path: str, expected: Identity | None, owner: int) -> bool:
    """Unlink `path` if it still is the recorded file; without a record, if it is a file of `owner`. True if removed."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    if expected is not None:
        if status.st_ino != expected[1] or status.st_dev != expected[0]:
            return False
    elif stat.S_ISDIR(status.st_mode) or not _belongs(status, owner):
        return False
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    except PermissionError:
        if not platform.WINDOWS:
            raise
        _persist(os.unlink, path)
    return True


def remove_empty(path: str, expected: Identity | None, owner: int) -> bool:
    """rmdir `path` if it is the recorded directory and empty."""
    try:
        status = os.lstat(path)
        if not _is_it(status, expected, owner):
            return False
        os.rmdir(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    return True


def remove_tree(
    path: str,
    expected: Identity | None = None,
    owner: int | None = None,
    spare: set[str] | None = None,
    fd: int = -1,
) -> bool:
    """Remove the directory `path` and all below it, if it still is the recorded one. True if it was there.

    `spare` names direct children that stay, and with them the directory. `fd`, if given, is an open descriptor that
    may be the directory; it is checked, used and left open. Goes on past errors and raises the first, OSError.
    """
    if owner is None:
        owner = platform.user()
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    if not _is_it(status, expected, owner):
        return False
    if not platform.DIR_FD:
        _remove_by_path(path, spare)
        return True
    top = platform.identity(status)
    anchor = fd if fd >= 0 and _is_open_on(fd, top) else -1
    for left in reversed(range(_PASSES)):
        walk = _Walk(spare)
        opened = anchor
        try:
            if anchor < 0:
                opened = _open_directory(path, None)
            status = os.fstat(opened)
            if platform.identity(status) != top:
                raise OSError(errno.ESTALE, "the directory was replaced during its removal", path)
            walk.run(opened, status, path)
            if not spare:
                os.rmdir(path)
        except OSError as error:
            if error.errno == errno.ENOENT and not walk.errors:
                return True  # somebody else has just finished the work
            walk.errors.append(error)
        finally:
            if opened >= 0 and opened != anchor:
                os.close(opened)
        if not walk.errors:
            return True
        if not left or not any(error.errno == errno.ENOTEMPTY for error in walk.errors):
            break
    raise walk.errors[0]


class _Level:
    """One directory between the top of the tree and the place where the walk is."""

    __slots__ = ("dirs", "fd", "name", "where")

    def __init__(self, name: str, fd: int, where: Identity, dirs: list[str]) -> None:
        self.name, self.fd, self.where, self.dirs = name, fd, where, dirs


class _Walk:
    """One pass over a tree: everything below the top is removed, what cannot be is collected in `errors`."""

    def __init__(self, spare: set[str] | None) -> None:
        self.errors: list[OSError] = []
        self.spare = spare
        self.levels: list[_Level] = []

    def run(self, fd: int, status: os.stat_result, path: str) -> None:
        dirs = self._empty(fd, status, self.spare)
        if not dirs:
            return
        self.levels = [_Level(path, fd, platform.identity(status), dirs)]
        try:
            while True:
                here = self.levels[-1]
                if here.dirs:
                    self._enter(here, here.dirs.pop())
                elif len(self.levels) == 1 or not self._leave():
                    return
        finally:
            for level in self.levels[1:]:
                if level.fd >= 0:
                    os.close(level.fd)

    def _empty(self, fd: int, status: os.stat_result, spare: set[str] | None = None) -> list[str]:
        """Unlink the files of an open directory and return the names that turned out to be directories."""
        if status.st_mode & 0o700 != 0o700:
            _try_chmod(fd)
        dirs = []
        for name in os.listdir(fd):
            if spare and name in spare:
                continue
            try:
                os.unlink(name, dir_fd=fd)
            except FileNotFoundError:
                pass
            except OSError as error:
                # Linux says EISDIR, POSIX and macOS EPERM; what it really is shows when it is opened as a directory.
                if error.errno in (errno.EISDIR, errno.EPERM, errno.EACCES):
                    dirs.append(name)
                else:
                    self.errors.append(_named(error, name))
        return dirs

    def _enter(self, parent: _Level, name: str) -> None:
        try:
            fd = _open_directory(name, parent.fd)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP):
                self._unlink(parent.fd, name)  # not a directory, or not any more
            elif not _is_removed_unopened(parent.fd, name):
                self.errors.append(_named(error, name))
            return
        keep_open = False
        try:
            status = os.fstat(fd)
            if status.st_dev != self.levels[0].where[0]:
                raise OSError(errno.EBUSY, "something is mounted inside the temporary directory", name)
            dirs = self._empty(fd, status)
            if dirs:
                self.levels.append(_Level(name, fd, platform.identity(status), dirs))
                keep_open = True
        except OSError as error:
            self.errors.append(error)
            return
        finally:
            if not keep_open:
                os.close(fd)
        if not keep_open:
            self._rmdir(parent.fd, name)
        elif len(self.levels) > _OPEN:
            far = self.levels[-_OPEN]
            if far.fd >= 0 and far is not self.levels[0]:
                os.close(far.fd)
                far.fd = -1

    def _leave(self) -> bool:
        """Back to the parent; False if the way up does not lead where we came from."""
        child, parent = self.levels[-1], self.levels[-2]
        if parent.fd < 0:
            parent.fd = os.open("..", platform.DIRECTORY, dir_fd=child.fd)
            if platform.identity(os.fstat(parent.fd)) != parent.where:
                self.errors.append(OSError(errno.ESTALE, "the tree was moved during its removal", child.name))
                return False
        self.levels.pop()
        os.close(child.fd)
        self._rmdir(parent.fd, child.name)
        return True

    def _rmdir(self, fd: int, name: str) -> None:
        try:
            os.rmdir(name, dir_fd=fd)
        except FileNotFoundError:
            pass
        except NotADirectoryError:
            self._unlink(fd, name)
        except OSError as error:
            self.errors.append(_named(error, name))

    def _unlink(self, fd: int, name: str) -> None:
        try:
            os.unlink(name, dir_fd=fd)
        except FileNotFoundError:
            pass
        except OSError as error:
            self.errors.append(_named(error, name))


def _open_directory(name: str, dir_fd: int | None) -> int:
    """Open a directory for listing; if its mode forbids that, give its owner the permission first, on the inode."""
    try:
        return os.open(name, platform.DIRECTORY, dir_fd=dir_fd)
    except PermissionError:
        if platform.O_PATH and platform.PROC:
            held = os.open(name, platform.DIRECTORY | platform.O_PATH, dir_fd=dir_fd)
            try:
                os.chmod(f"/proc/self/fd/{held}", 0o700)
                return os.open(f"/proc/self/fd/{held}/.", platform.DIRECTORY)
            finally:
                os.close(held)
        if not platform.CHMOD_NOFOLLOW:
            raise
        os.chmod(name, 0o700, dir_fd=dir_fd, follow_symlinks=False)
        return os.open(name, platform.DIRECTORY, dir_fd=dir_fd)


def _is_removed_unopened(dir_fd: int, name: str) -> bool:
    """An empty directory needs no permission on itself to be removed."""
    try:
        os.rmdir(name, dir_fd=dir_fd)
    except OSError:
        return False
    return True


def _try_chmod(fd: int) -> None:
    try:
        os.fchmod(fd, 0o700)
    except OSError:
        pass  # not ours: the removal itself will say what is wrong


def _named(error: OSError, name: str) -> OSError:
    """The same error with a file name in it, whatever call it came from."""
    return error if error.filename else OSError(error.errno, error.strerror, name)


def _is_open_on(fd: int, where: Identity) -> bool:
    try:
        return platform.identity(os.fstat(fd)) == where
    except OSError:
        return False


def _is_it(status: os.stat_result, expected: Identity | None, owner: int) -> bool:
    if expected is not None:
        return platform.identity(status) == expected
    return stat.S_ISDIR(status.st_mode) and _belongs(status, owner)


def _belongs(status: os.stat_result, owner: int) -> bool:
    return platform.WINDOWS or status.st_uid == owner


def _persist(call: Callable[[str], None], path: str) -> None:
    """Windows: lift the read-only attribute, then try again for a while (0.01 + 0.02 + ... s, half a second in all)."""
    import time

    try:
        os.chmod(path, stat.S_IWRITE | stat.S_IREAD)
    except FileNotFoundError:
        return None
    for attempt in range(1, _TRIES):
        try:
            return call(path)
        except FileNotFoundError:
            return None
        except PermissionError:
            time.sleep(attempt / 100)
    call(path)
    return None


def _remove_by_path(path: str, spare: set[str] | None) -> None:
    """Where a directory cannot be opened: the standard library's walk, with read-only entries repaired by path."""
    errors: list[OSError] = []
    _remove_below(path, spare, errors)
    if not spare and not errors:
        try:
            os.rmdir(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _remove_below(path: str, spare: set[str] | None, errors: list[OSError]) -> None:
    try:
        if not platform.WINDOWS:
            os.chmod(path, 0o700)
        found = list(os.scandir(path))
    except FileNotFoundError:
        return
    except OSError as error:
        errors.append(error)
        return
    for entry in found:
        if spare and entry.name in spare:
            continue
        try:
            if entry.is_dir(follow_symlinks=False) and not _is_junction(entry):
                _remove_below(entry.path, None, errors)
                call = os.rmdir
            else:
                call = os.rmdir if _is_junction(entry) else os.unlink
            try:
                call(entry.path)
            except PermissionError:
                if not platform.WINDOWS:
                    raise
                _persist(call, entry.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            errors.append(error)


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """A Windows mount point looks like a directory and must be removed, not entered."""
    tag: int = getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0)
    return tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
