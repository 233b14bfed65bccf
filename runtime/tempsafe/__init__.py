"""Temporary files that are private to this user, and gone when the process that made them is gone, however it went,
unless you `keep()` them or ask for `delete=False`.

Importing this package touches no file. The first temporary file of a process also removes what dead processes of this
user made through tempsafe and left (TEMPSAFE_SWEEP=0 turns that off); nothing else is ever touched.
"""

from ._creation import mkdtemp, mkstemp, mktemp
from ._objects import NamedTemporaryFile, TemporaryDirectory, keep

__all__ = [
    "NamedTemporaryFile",
    "TemporaryDirectory",
    "UnsafePathError",
    "cleanup_on_signals",
    "keep",
    "mkdtemp",
    "mkstemp",
    "mktemp",
    "open_atomic",
    "sweep",
    "user_path",
]

__version__ = "0.1.0"


def __getattr__(name):
    """The less common names, loaded when first asked for: programs pay for what they use."""
    if name == "open_atomic":
        from ._publish import open_atomic as value
    elif name == "user_path":
        from ._places import user_path as value
    elif name == "UnsafePathError":
        from ._places import UnsafePathError as value
    elif name == "sweep":
        from ._sweep import sweep as value
    elif name == "cleanup_on_signals":
        from ._signals import cleanup_on_signals as value
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
