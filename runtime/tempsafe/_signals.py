"""Cleaning up when a signal ends the process."""

from __future__ import annotations

import os

from . import _session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def cleanup_on_signals(*signals: int) -> None:
    """From now on, clean up when one of these signals ends the process; without arguments SIGTERM and SIGHUP.

    Only a signal that still has its default action gets a handler; one that the application handles or ignores is
    left alone. The process then dies of the same signal, so its exit status is the one it would have had. A Python
    handler runs between two bytecodes of the main thread: a long call into C delays it. A forked child inherits the
    handler and cleans up for itself.

    Raises ValueError outside the main thread (of `signal.signal`) or for a number that is no signal, and OSError for
    one that cannot be handled (SIGKILL).
    """
    import signal

    if not signals:
        signals = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
    for number in signals:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _clean_and_die)


def _clean_and_die(number: int, frame: Any) -> None:
    import signal

    try:
        _session.clean_all()
    finally:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
