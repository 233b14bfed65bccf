"""The runtime library `tempsafe` as this package carries it, for our own writing and for copies of it.

Under a private name: a `tempsafe` that the project has installed stays its own, and nothing here depends on one.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Any

_NAME = "tempsafe_lint._tempsafe"
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_PLACES = (
    os.path.join(_PACKAGE, "_runtime", "tempsafe"),  # a wheel
    os.path.join(os.path.dirname(_PACKAGE), "runtime", "tempsafe"),  # a clone
)


def _folder() -> str:
    for folder in _PLACES:
        if os.path.isfile(os.path.join(folder, "__init__.py")):
            return folder
    raise FileNotFoundError(f"the runtime's files are not where they should be: {' or '.join(_PLACES)}")


def files() -> dict[str, bytes]:
    """Every file of the library by its name (it has no folders in it), and its licence."""
    folder = _folder()
    paths = [entry.path for entry in os.scandir(folder) if entry.is_file() and not entry.name.endswith(".pyc")]
    found = {}
    for path in sorted([*paths, os.path.join(os.path.dirname(folder), "LICENSE")]):
        with open(path, "rb") as file:
            found[os.path.basename(path)] = file.read()
    return found


def runtime() -> Any:
    """The library as a module."""
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    folder = _folder()
    start = os.path.join(folder, "__init__.py")
    spec = importlib.util.spec_from_file_location(_NAME, start, submodule_search_locations=[folder])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module
    spec.loader.exec_module(module)
    return module
