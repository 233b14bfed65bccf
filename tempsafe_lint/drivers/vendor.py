"""The command `vendor`: writes the runtime into a project as one package folder, and tells whether a copy is current.

The files are copied as they are; beside them stand the licence and a record of the release and of each file's digest.
By the record, an edited file is told from one of an older release, and the linter knows the folder for what it is.
Line ends do not count: git may have changed them.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tempsafe_lint.configuration import ConfigError, Configurations
from tempsafe_lint.drivers.carried import files, runtime
from tempsafe_lint.paths import VENDORED, reason, shown
from tempsafe_lint.settings import RUNTIME_VERSION

if TYPE_CHECKING:
    import argparse

CURRENT, NOT_CURRENT = 0, 1

_ABOUT = (
    "A copy of the library tempsafe, made by `tempsafe-lint vendor`. `tempsafe-lint vendor --check` looks after it."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("folder", metavar="DIR", help="the package folder, such as src/app/_tempsafe")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the copy is not current")
    parser.add_argument("--force", action="store_true", help="write over what was changed by hand")


def run(options: argparse.Namespace) -> int:
    """Write or check one copy; the exit code."""
    folder = os.path.abspath(options.folder)
    try:
        copy = _look(folder)
        if options.check:
            return _check(copy)
        return _write(copy, force=options.force)
    except OSError as error:
        raise ConfigError(f"{shown(folder)}: {reason(error)}") from None


@dataclass(frozen=True, slots=True)
class _Copy:
    """What is in a folder. `version` is None where no record of ours is there; `edited` are files that are neither as
    the record has them nor as they would be written now, `outdated` those that are as an older release has them,
    `gone` those of the record that are not wanted any more."""

    folder: str
    version: str | None
    strangers: tuple[str, ...]
    edited: tuple[str, ...]
    missing: tuple[str, ...]
    outdated: tuple[str, ...]
    gone: tuple[str, ...]


def _look(folder: str) -> _Copy:
    wanted = {name: _digest(data) for name, data in files().items()}
    there = {name for name in _names(folder) if name != VENDORED}
    version, recorded = _record(folder)
    edited, outdated = [], []
    for name in sorted(there & (set(wanted) | set(recorded))):
        with open(os.path.join(folder, name), "rb") as file:
            now = _digest(file.read())
        if now not in (wanted.get(name), recorded.get(name)):
            edited.append(name)
        elif now != wanted.get(name, now):
            outdated.append(name)
    return _Copy(
        folder,
        version,
        tuple(sorted(there - set(wanted) - set(recorded))),
        tuple(edited),
        tuple(sorted(set(wanted) - there)),
        tuple(outdated),
        tuple(sorted((set(recorded) - set(wanted)) & there)),
    )


def _names(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name != "__pycache__"]
    except FileNotFoundError:
        return []


def _record(folder: str) -> tuple[str | None, dict[str, str]]:
    """Release and digests, as they were written."""
    try:
        with open(os.path.join(folder, VENDORED), encoding="utf-8") as file:
            record = json.load(file)
        return str(record["version"]), {str(name): str(digest) for name, digest in record["files"].items()}
    except FileNotFoundError:
        return None, {}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(f"{shown(os.path.join(folder, VENDORED))}: is not as `vendor` wrote it; remove it") from None


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data.replace(b"\r\n", b"\n"), digest_size=16).hexdigest()


def _check(copy: _Copy) -> int:
    """Say how the copy stands; 0 if it is current and whole."""
    where = shown(copy.folder)
    if copy.version is None:
        print(f"{where}: there is no copy of the runtime")
        return NOT_CURRENT
    said = []
    if copy.edited:
        said.append(f"changed by hand: {', '.join(copy.edited)}")
    if copy.missing:
        said.append(f"missing: {', '.join(copy.missing)}")
    if copy.version != RUNTIME_VERSION or copy.outdated or copy.gone:
        said.append(f"it is tempsafe {copy.version}, and this linter carries {RUNTIME_VERSION}")
    print(f"{where}: {'; '.join(said) or f'tempsafe {copy.version}, current'}")
    return NOT_CURRENT if said else CURRENT


def _write(copy: _Copy, *, force: bool) -> int:
    where = shown(copy.folder)
    if not os.path.basename(copy.folder).isidentifier():
        raise ConfigError(f"{where}: could not be imported: its name is no identifier")
    if os.path.exists(copy.folder) and not os.path.isdir(copy.folder):
        raise ConfigError(f"{where}: is not a directory")
    if copy.version is None and (copy.strangers or copy.edited) and not force:
        raise ConfigError(f"{where}: is not empty, and no copy of the runtime; `--force` writes into it")
    if copy.edited and not force:
        raise ConfigError(f"{where}: changed by hand: {', '.join(copy.edited)}; `--force` writes over it")
    if not os.path.isdir(copy.folder):
        _write_new(copy.folder)
    else:
        _write_over(copy)
    print(f"Wrote tempsafe {RUNTIME_VERSION} to {where}.")
    _say_settings(copy.folder)
    return CURRENT


def _contents() -> dict[str, bytes]:
    """Every file of a copy; the record comes last, so that a copy that has it is whole."""
    carried = files()
    record = {"about": _ABOUT, "version": RUNTIME_VERSION, "files": {n: _digest(d) for n, d in sorted(carried.items())}}
    return {**carried, VENDORED: json.dumps(record, indent=2).encode() + b"\n"}


def _write_new(folder: str) -> None:
    """The whole folder appears at once, or not at all."""
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with runtime().TemporaryDirectory(prefix=".vendor-", dir=os.path.dirname(folder)) as beside:
        made = os.path.join(beside, os.path.basename(folder))
        os.mkdir(made)
        for name, data in _contents().items():
            with open(os.path.join(made, name), "wb") as file:
                file.write(data)
        os.rename(made, folder)


def _write_over(copy: _Copy) -> None:
    """File by file, each whole or not at all; a run that is cut short can be repeated."""
    for name, data in _contents().items():
        with runtime().open_atomic(os.path.join(copy.folder, name), "wb") as file:
            file.write(data)
    for name in copy.gone:
        os.unlink(os.path.join(copy.folder, name))


def _say_settings(folder: str) -> None:
    """What has to stand in the configuration, unless it does."""
    parts = [os.path.basename(folder)]
    parent = os.path.dirname(folder)
    while os.path.isfile(os.path.join(parent, "__init__.py")):
        parts.insert(0, os.path.basename(parent))
        parent = os.path.dirname(parent)
    module = ".".join(parts)
    settings = Configurations().at(os.path.dirname(folder)).settings
    if (settings.runtime, settings.runtime_import) == ("vendored", module):
        return
    sys.stdout.write(
        "Fixes use it with these settings:\n\n"
        f'[tool.tempsafe-lint]\nruntime = "vendored"\nruntime-import = "{module}"\n'
    )
