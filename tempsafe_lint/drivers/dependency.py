"""Where a project declares what it needs: the nearest manifest of a file, and what the requirement becomes there.

In one folder the order is: pyproject.toml with `[project]` or Poetry's table, setup.cfg with `install_requires`,
setup.py (which is not edited), requirements.in, requirements.txt, then the files of tools whose format we leave to
them. The search goes up from the fixed file and ends at the root of the repository.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tempsafe_lint.manifests import Answer, State, name_of
from tempsafe_lint.paths import reason, shown

if TYPE_CHECKING:
    from collections.abc import Callable

#: Files of other tools, with what puts a requirement there.
_OTHERS = (("Pipfile", "pipenv install"), ("environment.yml", ""), ("environment.yaml", ""), ("conda.yaml", ""))
#: Lock files beside a manifest, with what brings them up to date.
_LOCKS = (("uv.lock", "uv lock"), ("poetry.lock", "poetry lock"), ("pdm.lock", "pdm lock"))
_REPOSITORY = (".git", ".hg")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One file that says what a project needs, as it was read.

    `after` is set where the state is ADDED; `why` is one line about the others. `lock` is a command to run afterwards.
    `test` says that it was asked for test code, for which less is enough.
    """

    path: str
    state: State
    why: str = ""
    before: bytes = b""
    after: bytes = b""
    lock: str | None = None
    test: bool = False

    @property
    def shown(self) -> str:
        return shown(self.path)


class Dependencies:
    """Asks for one requirement. What was read is remembered: the files of one run see one state of the disk."""

    def __init__(self, requirement: str) -> None:
        self.requirement = requirement
        self.name = name_of(requirement) or requirement
        self._known: dict[tuple[str, bool], Manifest | None] = {}

    def of(self, path: str, top: str, *, test: bool) -> Manifest | None:
        """The manifest that counts for the file at an absolute path; None if there is none up to the folder `top`."""
        for folder in upwards(os.path.dirname(path), top):
            key = (folder, test)
            if key not in self._known:
                self._known[key] = self._in_folder(folder, test=test)
            if self._known[key] is not None:
                return self._known[key]
        return None

    def _in_folder(self, folder: str, *, test: bool) -> Manifest | None:
        try:
            names = set(os.listdir(folder))
        except OSError:
            return None
        pending = None
        for name in ("pyproject.toml", "setup.cfg"):
            found = self._ask(os.path.join(folder, name), test=test) if name in names else None
            if found is not None and found.state is not State.ELSEWHERE:
                return found
            pending = pending or found
        if "setup.py" in names and pending is None:
            found = self._of_setup_py(os.path.join(folder, "setup.py"), names)
            if found is not None:
                return found
        if pending is not None:
            return pending
        for name in ("requirements.in", "requirements.txt"):
            if name in names:
                return self._ask(os.path.join(folder, name))
        return next((self._of_others(os.path.join(folder, name), by) for name, by in _OTHERS if name in names), None)

    def _ask(self, path: str, *, test: bool = False) -> Manifest | None:
        """What one manifest says; None if it declares nothing. Follows it to the files that stand in for it."""
        folder = os.path.dirname(path)
        try:
            data, text, mark = _read(path)
        except _Unreadable as error:
            return Manifest(path, State.REFUSED, str(error))
        answer = _kind(path, test=test)(text, self.requirement)
        if answer.state is State.ABSENT:
            return None
        if answer.state is State.ELSEWHERE:
            followed = [self._ask(os.path.join(folder, name)) for name in answer.follow]
            there = [manifest for manifest in followed if manifest is not None]
            for state in (State.DECLARED, State.ADDED, State.REFUSED):
                for manifest in there:
                    if manifest.state is state:
                        return manifest
        if answer.state in (State.ADDED, State.REFUSED) and self._included(path, answer, seen={path}):
            return Manifest(path, State.DECLARED)
        after = (mark + answer.text).encode() if answer.state is State.ADDED else b""
        lock = next((by for name, by in _LOCKS if os.path.exists(os.path.join(folder, name))), None)
        if path.endswith(".in"):
            lock = "pip-compile"
        return Manifest(path, answer.state, answer.why, data, after, lock, test)

    def _included(self, path: str, answer: Answer, seen: set[str]) -> bool:
        """Whether a file that a requirements file includes declares it."""
        for name in answer.included:
            inner = os.path.normpath(os.path.join(os.path.dirname(path), name))
            if inner in seen:
                continue
            seen.add(inner)
            try:
                told = _kind(inner)(_read(inner)[1], self.requirement)
            except _Unreadable:
                continue
            if told.state is State.DECLARED or self._included(inner, told, seen):
                return True
        return False

    def _of_setup_py(self, path: str, names: set[str]) -> Manifest | None:
        try:
            _, text, _ = _read(path)
        except _Unreadable as error:
            return Manifest(path, State.ELSEWHERE, str(error))
        if "install_requires" not in text and "requires=" not in text:
            return None
        if re.search(rf"[\"']{re.escape(self.name)}\b", text):
            return Manifest(path, State.DECLARED)
        named = re.search(r"[\"'](?:\./)?(requirements\.(?:in|txt))[\"']", text)
        if named and named[1] in names:
            return self._ask(os.path.join(os.path.dirname(path), named[1]))
        return Manifest(path, State.ELSEWHERE, "its dependencies are given in code")

    def _of_others(self, path: str, by: str) -> Manifest:
        try:
            _, text, _ = _read(path)
        except _Unreadable as error:
            return Manifest(path, State.ELSEWHERE, str(error))
        if re.search(rf"^[\s\"'-]*{re.escape(self.name)}\b", text, re.MULTILINE):
            return Manifest(path, State.DECLARED)
        return Manifest(path, State.ELSEWHERE, f"`{by} {self.name}` puts it there" if by else "it is not edited")


class _Unreadable(Exception):
    """One line that says why a manifest cannot be read."""


def _read(path: str) -> tuple[bytes, str, str]:
    """Bytes, text and byte order mark of a manifest."""
    try:
        with open(path, "rb") as file:
            data = file.read()
        text = data.decode("utf-8")
    except OSError as error:
        raise _Unreadable(f"it cannot be read: {reason(error)}") from None
    except UnicodeDecodeError:
        raise _Unreadable("it is not UTF-8") from None
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    return data, text.removeprefix("\ufeff"), mark


def _kind(path: str, *, test: bool = False) -> Callable[[str, str], Answer]:
    """How a manifest of this name is asked; the module is imported now."""
    name = os.path.basename(path)
    if name == "pyproject.toml":
        from tempsafe_lint.manifests import pyproject

        return lambda text, requirement: pyproject.ask(text, requirement, test=test)
    if name == "setup.cfg":
        from tempsafe_lint.manifests import setup_cfg

        return lambda text, requirement: setup_cfg.ask(text, requirement, test=test)
    from tempsafe_lint.manifests import requirements

    return requirements.ask


def upwards(folder: str, top: str) -> Iterator[str]:
    """The folder and those above it, up to `top` or, nearer, the root of the repository."""
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder or folder == top or any(os.path.exists(os.path.join(folder, n)) for n in _REPOSITORY):
            return
        folder = parent


@lru_cache(maxsize=64)
def top_of(root: str) -> str:
    """The folder above which no manifest is looked for: the repository that `root` is in, else `root`."""
    for folder in upwards(root, ""):
        if any(os.path.exists(os.path.join(folder, name)) for name in _REPOSITORY):
            return folder
    return root
