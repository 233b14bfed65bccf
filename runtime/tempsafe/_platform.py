"""What this platform offers, as flags in one place, and where temporary files go on it.

Every other module asks these flags at the time of use, so switching one off (the tests do) runs the path that a
platform without the feature takes.
"""

from __future__ import annotations

import os
import sys

try:
    import fcntl as fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    StrPath = str | os.PathLike[str]
    Identity = tuple[int, int]  # (st_dev, st_ino)

WINDOWS = os.name == "nt"
MACOS = sys.platform == "darwin"

#: Advisory locks that belong to the open file and die with its last holder.
FLOCK = fcntl is not None
#: openat and friends, and listing an open directory.
DIR_FD = {os.open, os.unlink, os.rmdir, os.stat, os.mkdir} <= os.supports_dir_fd and os.listdir in os.supports_fd
#: An open file can be named again through /proc, whatever has become of its path.
PROC = os.path.isdir("/proc/self/fd")
#: A descriptor for an inode that needs no permission on it; with PROC it can be chmod-ed.
O_PATH: int = getattr(os, "O_PATH", 0)
#: chmod that does not follow a link in the last part (macOS).
CHMOD_NOFOLLOW = os.chmod in os.supports_follow_symlinks and os.chmod in os.supports_dir_fd
#: Files that have no name until they are linked.
O_TMPFILE: int = getattr(os, "O_TMPFILE", 0)

_CLOEXEC: int = getattr(os, "O_CLOEXEC", 0)
_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_BINARY: int = getattr(os, "O_BINARY", 0)
_NOINHERIT: int = getattr(os, "O_NOINHERIT", 0)

#: Flags of a new file: it must not exist, and the last part of its path is never followed.
NEW_TEXT_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _CLOEXEC | _NOINHERIT
NEW_FILE = NEW_TEXT_FILE | _BINARY
#: Flags to open a file that is there, without waiting should it turn out to be a pipe.
OLD_FILE = os.O_RDWR | _NOFOLLOW | _CLOEXEC | getattr(os, "O_NONBLOCK", 0)
#: Flags to open a directory itself, never what a link in its place points at.
DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NOFOLLOW | _CLOEXEC


def user() -> int:
    """Effective user id; 0 where the platform has no such number (Windows)."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


_temp_dirs: dict[int, str] = {}  # by user: after setuid the old answer may not be usable any more


def temp_dir() -> str:
    """The standard library's answer to "where", found without importing `tempfile` (10 ms) if nobody else has.

    Raises FileNotFoundError if none of the usual directories can be written to.
    """
    module = sys.modules.get("tempfile")
    ask = getattr(module, "gettempdir", None)
    if ask is not None:
        return os.fsdecode(ask())
    found = _temp_dirs.get(user())
    if found is None:
        found = _temp_dirs[user()] = _search()
    return found


def _search() -> str:
    places = [value for value in map(os.getenv, ("TMPDIR", "TEMP", "TMP")) if value]
    if WINDOWS:
        home, root = os.path.expanduser("~"), os.getenv("SYSTEMROOT", "c:\\windows")
        places += [os.path.join(home, "AppData", "Local", "Temp"), os.path.join(root, "Temp")]
        places += ["c:\\temp", "c:\\tmp", "\\temp", "\\tmp"]
    else:
        places += ["/tmp", "/var/tmp", "/usr/tmp"]
    for place in [*places, os.getcwd()]:
        place = os.path.abspath(place)
        if _takes_a_file(place):
            return place
    raise FileNotFoundError(2, "No usable temporary directory", str(places))


def _takes_a_file(place: str) -> bool:
    """Try it as the standard library does, by writing; a nameless file cannot be left behind by an interrupt."""
    path = ""
    try:
        if O_TMPFILE:
            try:
                fd = os.open(place, O_TMPFILE | os.O_RDWR | _CLOEXEC, 0o600)
            except IsADirectoryError:  # a kernel or file system without O_TMPFILE
                path = os.path.join(place, f"tmp{os.urandom(8).hex()}")
                fd = os.open(path, NEW_FILE, 0o600)
        else:
            path = os.path.join(place, f"tmp{os.urandom(8).hex()}")
            fd = os.open(path, NEW_FILE, 0o600)
        try:
            os.write(fd, b"x")
        finally:
            os.close(fd)
            if path:
                os.unlink(path)
    except OSError:
        return False
    return True
