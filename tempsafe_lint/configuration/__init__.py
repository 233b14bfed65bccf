"""Reading a project's configuration: which file, which keys, and what is wrong with them, said in one line.

`tables` reads files, `keys` knows what may stand in them, `kinds` what a value may be. Here is which file counts.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from tempsafe_lint.configuration.tables import (
    CONFIG_FILES,
    ConfigError,
    Table,
    chain,
    check_selectors,
    did_you_mean,
    on_command_line,
    read,
)
from tempsafe_lint.paths import shown
from tempsafe_lint.settings import CONFIGURATION_FIELDS, Configuration, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tempsafe_lint.configuration.keys import Places

__all__ = [
    "CONFIG_FILES",
    "ConfigError",
    "Configurations",
    "check_selectors",
    "did_you_mean",
    "project_root",
]

#: What marks the top of a project where there is no configuration.
_ROOT_MARKERS = ("pyproject.toml", "setup.cfg", "setup.py")
#: What marks the top of a repository.
_TOPS = (".git", ".hg")
_LOOKED_FOR = frozenset((*_ROOT_MARKERS, *_TOPS, *CONFIG_FILES))

#: How a project's metadata says that it runs on Windows. `OS Independent` stands in so many templates that it says
#: nothing of the kind.
_WINDOWS = re.compile(r"""["'\s]Operating System :: Microsoft(?: :: Windows[^"'\n]*)?[ \t]*(?:["'\n]|$)""")


class Resolved:
    """What holds in one folder, and where it came from: the configuration before the command line has its word, the
    tables it was made of (the farthest first), and the file whose `requires-python` gave the target version.
    """

    def __init__(
        self, root: str, tables: list[Table], target: tuple[tuple[int, int], str] | None, *, windows: bool
    ) -> None:
        self.tables = tables
        self.target_from = None
        values: dict[str, Any] = {}
        self.places: Places = {}
        if tables:
            from tempsafe_lint.configuration.keys import folded

            values, self.places = folded(tables)
        general = {name: values.pop(name) for name in CONFIGURATION_FIELDS if name in values}
        values["windows"] = windows
        if target is not None and "target_version" not in values:
            values["target_version"], self.target_from = target
        origin = next((table.origin for table in reversed(tables) if table.path), None)
        self.configuration = Configuration(root, origin, Settings(**values), **general)


class Configurations:
    """Finds the configuration of a folder, and remembers it.

    `file` stands in for every file of the projects, `inline` are `key = value` texts that go over everything,
    `isolated` reads nothing. `adjust` is the last word: what the command line says.
    """

    def __init__(
        self,
        *,
        isolated: bool = False,
        file: str | None = None,
        inline: tuple[str, ...] = (),
        adjust: Callable[[Configuration], Configuration] | None = None,
    ) -> None:
        self._isolated = isolated
        self._inline = [on_command_line(text) for text in inline]
        self._fixed = None if file is None else _chosen(file)
        self._adjust = adjust
        self._known: dict[str, Configuration] = {}
        self._resolved: dict[tuple[object, ...], tuple[Resolved, Configuration]] = {}
        self._folders: dict[str, tuple[Table | None, tuple[int, int] | None]] = {}
        self._marks = _Marks()

    def at(self, folder: str, fallback: str | None = None, names: frozenset[str] | None = None) -> Configuration:
        """The configuration for the files of an absolute folder; `fallback` is the root where nothing marks one.
        `names` is what the folder holds (in lower case), if that is known.
        """
        known = self._known.get(folder)
        if known is None:
            if names is not None:
                self._marks.listed(folder, names)
            known = self._find(folder, fallback)[1]
            self._known[folder] = known
        return known

    def resolved(self, folder: str) -> Resolved:
        """The same with where it came from."""
        return self._find(folder, None)[0]

    def origins(self) -> list[str]:
        """The configuration files that were taken so far."""
        return sorted({known.origin for known in self._known.values() if known.origin})

    def _find(self, folder: str, fallback: str | None) -> tuple[Resolved, Configuration]:
        target: tuple[tuple[int, int], str] | None = None
        found: tuple[str, Table] | None = None
        for parent in () if self._isolated else _upwards(folder, self._marks):
            table, minimum = self._in_folder(parent)
            if target is None and minimum is not None:
                target = minimum, shown(os.path.join(parent, "pyproject.toml"))
            if found is None and table is not None and self._fixed is None:
                found = (parent, table)
            if target is not None and (found is not None or self._fixed is not None):
                break
        root = found[0] if found else project_root(folder, fallback, self._marks)
        table = self._fixed or (found[1] if found else None)
        key = (root, None if table is None else table.path, target)
        if key not in self._resolved:
            tables = chain(table) if table is not None else []
            windows = not self._isolated and _supports_windows(root)
            resolved = Resolved(root, [*tables, *self._inline], target, windows=windows)
            adjusted = self._adjust(resolved.configuration) if self._adjust else resolved.configuration
            self._resolved[key] = (resolved, adjusted)
        return self._resolved[key]

    def _in_folder(self, folder: str) -> tuple[Table | None, tuple[int, int] | None]:
        if folder not in self._folders:
            self._folders[folder] = _in_folder(folder, self._marks)
        return self._folders[folder]


def _chosen(path: str) -> Table:
    """The file that the command line or the environment names."""
    table = read(path, required=True)
    if table is None:
        raise ConfigError(f"{shown(path)}: has no table `[tool.tempsafe-lint]`")
    return table


class _Marks:
    """What folders hold of what is looked for, each asked once."""

    def __init__(self) -> None:
        self._listed: dict[str, frozenset[str]] = {}
        self._repositories: dict[str, bool] = {}
        self._tops: dict[str, tuple[str | None, str | None]] = {}

    def listed(self, folder: str, names: frozenset[str]) -> None:
        """Take note of all that a folder holds (names in lower case: some file systems know no other)."""
        self._listed[folder] = names & _LOOKED_FOR

    def may_hold(self, folder: str, name: str) -> bool:
        """Whether it is worth asking for a file; only a folder that was listed says no."""
        names = self._listed.get(folder)
        return names is None or name in names

    def is_repository(self, folder: str) -> bool:
        known = self._repositories.get(folder)
        if known is None:
            known = self._repositories[folder] = self._holds_one(folder, _TOPS, os.path.exists)
        return known

    def tops(self, folder: str) -> tuple[str | None, str | None]:
        """The top of the repository around a folder, and the nearest folder up to there that is set up."""
        known = self._tops.get(folder)
        if known is None:
            set_up = folder if self._holds_one(folder, _ROOT_MARKERS, os.path.isfile) else None
            above = os.path.dirname(folder)
            if self.is_repository(folder):
                known = folder, set_up
            elif above == folder or folder == os.path.expanduser("~"):
                known = None, set_up
            else:
                repository, further = self.tops(above)
                known = repository, set_up or further
            self._tops[folder] = known
        return known

    def _holds_one(self, folder: str, names: tuple[str, ...], is_there: Callable[[str], bool]) -> bool:
        return any(is_there(os.path.join(folder, name)) for name in names if self.may_hold(folder, name))


def project_root(folder: str, fallback: str | None = None, marks: _Marks | None = None) -> str:
    """The top of the project: the repository, else the nearest folder that is set up, else the working directory."""
    repository, set_up = (marks or _Marks()).tops(folder)
    if repository or set_up:
        return repository or set_up or ""
    here = os.getcwd()
    return here if folder == here or folder.startswith(here + os.sep) else fallback or folder


def _upwards(folder: str, marks: _Marks) -> Iterator[str]:
    """The folder and those above it, up to the repository's root or the home directory."""
    home = os.path.expanduser("~")
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder or folder == home or marks.is_repository(folder):
            return
        folder = parent


def _in_folder(folder: str, marks: _Marks) -> tuple[Table | None, tuple[int, int] | None]:
    """The table of this tool in a folder's files, and the lowest Python that its project supports."""
    minimum = None
    for name in CONFIG_FILES:
        path = os.path.join(folder, name)
        if not marks.may_hold(folder, name) or not os.path.isfile(path):
            continue
        table = read(path, required=name != "pyproject.toml")
        if name == "pyproject.toml":
            minimum = _requires_python(path)
        if table is not None:
            return table, minimum or _requires_python(os.path.join(folder, "pyproject.toml"))
    return None, minimum


def _supports_windows(root: str) -> bool:
    """Whether a classifier in the project's metadata names Windows; it is looked for as text, also in `setup.py`."""
    for name in _ROOT_MARKERS:
        try:
            with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
                if _WINDOWS.search(file.read()):
                    return True
        except OSError:
            continue
    return False


def _requires_python(path: str) -> tuple[int, int] | None:
    """The lower bound of `project.requires-python`: one line, read without a TOML parser."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            project = re.search(r"^\s*\[\s*project\s*\][^\n]*\n(.*?)(?=^\s*\[|\Z)", file.read(), re.M | re.S)
    except OSError:
        return None
    found = project and re.search(r"^\s*requires-python\s*=.*?(?:>=|~=|==|>)\s*3\.(\d+)", project.group(1), re.M)
    return (3, int(found.group(1))) if found else None
