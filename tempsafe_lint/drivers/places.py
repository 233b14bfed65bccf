"""Where files stand below the top of their repository: the paths by which other programs know them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tempsafe_lint.paths import below

if TYPE_CHECKING:
    from collections.abc import Callable

#: What stands in for the name of standard input where a name has to be.
_STDIN = "stdin.py"


class Places:
    """`otherwise` gives the root of an absolute folder that is in no repository."""

    def __init__(self, otherwise: Callable[[str], str]) -> None:
        self._otherwise = otherwise
        self._roots: dict[str, str] = {}
        self._tops: dict[str, str | None] = {}

    def path_of(self, shown: str) -> str:
        """The path of a file below its root, with forward slashes; absolute where it is not below one.

        `shown` is the file's name as findings have it: absolute, or relative to the working directory. Links on the
        way are followed as long as they stay below the root: the file itself is what others know.
        """
        absolute = os.path.abspath(_STDIN if shown == "-" else shown)
        root = self.root_of(absolute)
        for path, top in ((os.path.realpath(absolute), os.path.realpath(root)), (absolute, root)):
            if path.startswith(top.rstrip(os.sep) + os.sep):
                return below(path, top)
        return absolute.replace(os.sep, "/")

    def root_of(self, absolute: str) -> str:
        """The top of the repository of a file."""
        folder = os.path.dirname(absolute)
        if folder not in self._roots:
            self._roots[folder] = repository(folder, self._tops) or self._otherwise(folder)
        return self._roots[folder]

    def common_root(self) -> str | None:
        """The one root of all files asked for so far, or None."""
        roots = set(self._roots.values())
        return roots.pop() if len(roots) == 1 else None


def repository(folder: str, known: dict[str, str | None]) -> str | None:
    """The top of the repository around an absolute folder; `known` remembers it for folders."""
    if folder not in known:
        parent = os.path.dirname(folder)
        if any(os.path.exists(os.path.join(folder, name)) for name in (".git", ".hg")):
            known[folder] = folder
        else:
            known[folder] = repository(parent, known) if parent != folder else None
    return known[folder]
