"""What the reader's screen can do: colours, links, and how wide it is. Environment variables go by their conventions.

https://no-color.org, https://force-color.org; for links, the terminals that are known to have them.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tempsafe_lint.report import Look

if TYPE_CHECKING:
    from typing import TextIO

#: Programs that say by a variable of their own that they are the terminal, and that know links.
_PROGRAMS = ("iTerm.app", "WezTerm", "vscode", "Hyper", "ghostty", "Tabby", "rio")
_VARIABLES = ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID", "ALACRITTY_WINDOW_ID")
_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour", "wezterm")
#: The first release of VTE (GNOME Terminal and others) that knows links.
_VTE = 5000


def look(stream: TextIO, choice: str = "auto") -> Look:
    """What to use on a stream; `choice` is the option `--color`."""
    color = _wants_color(choice, stream)
    return Look(color, color and is_terminal(stream) and _knows_links(), columns(stream))


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody may be looking on, at something that obeys escapes."""
    return stream.isatty() and os.environ.get("TERM") != "dumb" and _is_ready(stream)


def columns(stream: TextIO) -> int | None:
    """The width: COLUMNS, else that of the terminal, else unknown."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def _wants_color(choice: str, stream: TextIO) -> bool:
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if os.environ.get(name):
            return os.environ[name] not in ("0", "false")
    return is_terminal(stream)


def _knows_links() -> bool:
    environ = os.environ
    vte = environ.get("VTE_VERSION", "")
    return (
        environ.get("TERM_PROGRAM") in _PROGRAMS
        or environ.get("TERM") in _TERMS
        or any(environ.get(name) for name in _VARIABLES)
        or (vte.isdecimal() and int(vte) >= _VTE)
    )


def _is_ready(stream: TextIO) -> bool:
    """On Windows a console obeys escapes only when it is told to, and an old one never does."""
    if sys.platform != "win32":
        return True
    import ctypes
    import msvcrt

    kernel, mode = ctypes.windll.kernel32, ctypes.c_ulong()
    try:
        handle = msvcrt.get_osfhandle(stream.fileno())
    except (OSError, ValueError):
        return False
    virtual_terminal = 4
    if not kernel.GetConsoleMode(handle, ctypes.byref(mode)):
        return True  # no console but a terminal of another make (Cygwin), which needs no telling
    return bool(kernel.SetConsoleMode(handle, mode.value | virtual_terminal))
