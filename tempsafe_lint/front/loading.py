"""Imports libcst at three quarters of the cost, which is most of what a run on one file costs.

`dataclasses` writes and compiles `__repr__` and `__eq__` for each class that it is not told to leave alone, and throws
them away where the class has its own, as each of libcst's 170 nodes has. While libcst is imported it is told so. That
changes nothing for any class, so it does not matter what another thread defines meanwhile.

`libcst.metadata` brings all its providers, and with them `subprocess` and `json`; nothing here asks for one. It is
loaded when somebody in this process does.
"""

from __future__ import annotations

import dataclasses
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_LATER = "libcst.metadata"
_real = dataclasses.dataclass


def load() -> None:
    """Import libcst, if nobody has."""
    if "libcst" in sys.modules:
        return
    later = _later()
    if later is not None:
        sys.modules[_LATER] = later
    replaced: Any = dataclasses
    replaced.dataclass = _sparing
    try:
        import libcst
    except BaseException:
        sys.modules.pop(_LATER, None)
        raise
    finally:
        replaced.dataclass = _real
    if later is not None:
        vars(libcst)["metadata"] = later  # what importing it would have done


def _sparing(cls: Any = None, /, **options: Any) -> Any:
    """`dataclasses.dataclass`, without what it would not keep."""
    if cls is None:
        return lambda cls: _sparing(cls, **options)
    own = vars(cls)
    if "__repr__" in own:
        options["repr"] = False
    # What becomes of `__hash__` hangs on `eq`, but never where the class has both.
    both = "__eq__" in own and own.get("__hash__") is not None
    if both and not options.get("order") and not options.get("unsafe_hash"):
        options["eq"] = False
    return _real(cls, **options)


def _later() -> ModuleType | None:
    """The package `libcst.metadata` as a folder of modules whose own code has not run; None if there is none."""
    whole = PathFinder.find_spec("libcst")
    spec = PathFinder.find_spec(_LATER, whole.submodule_search_locations) if whole is not None else None
    if spec is None or spec.loader is None or spec.submodule_search_locations is None:
        return None
    module = ModuleType(_LATER)
    module.__spec__, module.__loader__, module.__file__ = spec, spec.loader, spec.origin
    module.__package__, module.__path__ = _LATER, spec.submodule_search_locations
    module.__dict__["__getattr__"] = lambda name: _run(module, spec, name)
    return module


def _run(module: ModuleType, spec: ModuleSpec, name: str) -> Any:
    """The attribute of a package that is asked for one for the first time."""
    if (name.startswith("__") and name != "__all__") or module.__dict__.pop("__getattr__", None) is None:
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return getattr(module, name)
