"""Whose directories we trust, and the private directory of a user that outlives a process."""

from __future__ import annotations

import errno
import os
import stat

from . import _platform as platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._platform import Identity

_LINKS = 40  # as many as Linux follows


class UnsafePathError(PermissionError):
    """A directory in the path can be replaced or read by another user. `filename` is that directory, errno is EPERM."""

    def __init__(self, path: str, why: str, remedy: str) -> None:
        super().__init__(errno.EPERM, f"{why}; {remedy}", path)

    def __reduce__(self) -> tuple[object, ...]:
        why, remedy = str(self.strerror).rsplit("; ", 1)
        return type(self), (self.filename, why, remedy)


def verify_ancestors(path: str) -> None:
    """Make sure that only this user and root can rename `path` or anything on the way to it.

    Every directory that is walked through, links included, must belong to this user or to root, and must not be
    writable by group or others unless it is sticky. `/` itself is trusted. CERT C, rule FIO15, asks for the same.
    Raises UnsafePathError, or OSError where a part of the path cannot be looked at. Windows: nothing is checked.
    """
    if platform.WINDOWS:
        return
    here, links = "/", 0
    todo = [part for part in reversed(os.path.abspath(path).split("/")) if part]
    while todo:
        part = todo.pop()
        if part in (".", ".."):
            here = os.path.dirname(here) if part == ".." else here
            continue
        here = os.path.join(here, part)
        status = os.lstat(here)
        if status.st_uid not in (0, platform.user()):
            raise UnsafePathError(
                here, f"it belongs to another user ({status.st_uid})", "use a directory of your own (dir=..., TMPDIR)"
            )
        if stat.S_ISLNK(status.st_mode):
            links += 1
            if links > _LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            target = os.readlink(here)
            here = "/" if target.startswith("/") else os.path.dirname(here)
            todo += [part for part in reversed(target.split("/")) if part]
        elif status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX:
            raise UnsafePathError(
                here,
                "other users can replace what is in it",
                f"chmod go-w or +t {here!r}, or use another dir or TMPDIR",
            )


_held: dict[str, tuple[int, Identity]] = {}  # directories of user_path, locked while the process lives


def user_path(name: str, *, app: str, lifetime: str = "boot") -> str:
    """Return the path `name` in a directory of `app` that only this user may enter, the same in every process.

    The directory is made if need be (mode 0700) and verified at every call; the file is never made or looked at.
    `lifetime` says what ends it: "boot" is `/tmp/<app>-<uid>/`, whatever TMPDIR says, so that processes with different
    environments meet; "session" is `<app>/` in $XDG_RUNTIME_DIR or /run/user/<uid>, removed at the last logout;
    "forever" is `<app>/` in $XDG_CACHE_HOME or ~/.cache (macOS ~/Library/Caches, Windows %LOCALAPPDATA%).

    Raises ValueError if `name` or `app` is not a plain file name or `lifetime` is none of the three; UnsafePathError if
    the directory is not private: it is never mended, and never replaced by another place, for then the two sides
    would miss each other; OSError of the system otherwise, FileNotFoundError if there is no session directory.
    """
    _require_plain("name", name)
    _require_plain("app", app)
    if lifetime == "boot":
        base, own = _boot_base(), app if platform.WINDOWS else f"{app}-{platform.user()}"
    elif lifetime == "session":
        base, own = _session_base(), app
    elif lifetime == "forever":
        base, own = _cache_base(), app
    else:
        raise ValueError(f"lifetime must be 'boot', 'session' or 'forever', not {lifetime!r}")
    directory = os.path.join(base, own)
    verify_ancestors(base)
    try:
        os.mkdir(directory, 0o700)
    except FileExistsError:
        pass
    verify_private(directory)
    _hold(directory)
    return os.path.join(directory, name)


def verify_private(directory: str) -> None:
    """Raises UnsafePathError unless `directory` is a directory of this user that nobody else may enter."""
    status = os.lstat(directory)
    if not stat.S_ISDIR(status.st_mode):
        raise UnsafePathError(directory, "it is not a directory", "find out who made it and remove it")
    if platform.WINDOWS:
        return
    if status.st_uid != platform.user():
        raise UnsafePathError(
            directory,
            f"it belongs to another user ({status.st_uid})",
            "find out who made it, or choose another app name",
        )
    if status.st_mode & 0o077:
        raise UnsafePathError(
            directory,
            f"others may enter it (mode {stat.S_IMODE(status.st_mode):04o})",
            f"look at what is in it, then chmod 700 {directory!r}",
        )


def _require_plain(what: str, value: str) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be str, not {type(value).__name__}")
    if value in ("", ".", "..") or any(bad in value for bad in "/\\\0:"):
        raise ValueError(f"{what} must be a plain file name, not {value!r}")


def _boot_base() -> str:
    if platform.WINDOWS:
        return platform.temp_dir()
    if platform.MACOS:
        # The per-user temporary directory of macOS; 65537 is _CS_DARWIN_USER_TEMP_DIR in <unistd.h>.
        return os.confstr(65537) or "/tmp"
    return "/tmp"


def _session_base() -> str:
    if platform.WINDOWS:
        return platform.temp_dir()
    if platform.MACOS:
        return _boot_base()
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if not os.path.isabs(base):
        base = f"/run/user/{platform.user()}"
    verify_private(base)
    return base


def _cache_base() -> str:
    if platform.WINDOWS:
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif platform.MACOS:
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):
            base = os.path.expanduser("~/.cache")
    os.makedirs(base, 0o700, exist_ok=True)
    return base


def _hold(directory: str) -> None:
    """Keep the directory locked (shared) while the process lives, so that age-based cleaners leave it alone."""
    if not (platform.FLOCK and platform.DIR_FD):
        return
    fd, where = _held.get(directory, (-1, (0, 0)))
    try:
        if fd >= 0 and platform.identity(os.fstat(fd)) == where == platform.identity(os.lstat(directory)):
            return
    except OSError:
        pass
    try:
        fd = os.open(directory, platform.DIRECTORY)
        _held[directory] = fd, platform.identity(os.fstat(fd))
        platform.fcntl.flock(fd, platform.fcntl.LOCK_SH | platform.fcntl.LOCK_NB)
    except OSError:
        pass  # only the protection is lost
