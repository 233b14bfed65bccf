"""One run at a time changes a tree: a lock on a file of this user, outside the tree.

Other users, and machines that share a file system, are not kept out by it; what a file held when it was read is
compared again before it is replaced, so they lose nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator

from tempsafe_lint.drivers.carried import runtime

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: Seconds to wait for another run; one that verifies its fixes may take longer, and then we give up.
PATIENCE = 10.0


class Busy(Exception):
    """Another run holds the lock; the text is one line."""


@contextlib.contextmanager
def alone(root: str, patience: float = PATIENCE) -> Iterator[None]:
    """No other run of this user changes files below `root` inside the block. Raises Busy after `patience` seconds.

    Where there is no private place for the lock, the block runs without.
    """
    name = hashlib.blake2b(os.fsencode(os.path.realpath(root)), digest_size=16).hexdigest()
    try:
        path = runtime().user_path(f"{name}.lock", app="tempsafe-lint")
    except OSError:
        yield
        return
    descriptor = _taken(path, root, patience)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)
        os.close(descriptor)


def _taken(path: str, root: str, patience: float) -> int:
    """A descriptor of the lock file, locked, and still the file of that name."""
    until = time.monotonic() + patience
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        if take(descriptor):
            with contextlib.suppress(OSError):
                if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                    return descriptor
            os.close(descriptor)  # the one who had it has removed the file meanwhile
            continue
        os.close(descriptor)
        if time.monotonic() >= until:
            raise Busy(f"another run is fixing files in {root}; nothing was changed")
        time.sleep(0.05)


def take(descriptor: int) -> bool:
    """Lock an open file for this process, if nobody else has; it ends with the descriptor."""
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    except OSError:
        return False
    return True
