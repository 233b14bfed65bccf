"""What was found in files that have not changed, kept between runs in one SQLite file.

A row is found by the file's path, the settings and the linter that read it; it counts if the file's bytes are the ones
that were read. Size and time of change stand in for the bytes where the time was older than the row by more than a tick
of the clock, as in git's index. Whatever goes wrong with the cache costs time, never a finding.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from hashlib import blake2b
from typing import TYPE_CHECKING

import tempsafe_lint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tempsafe_lint.settings import Configuration, Settings

NAME = "cache.sqlite3"
#: Marks the folder for backup programs, as https://bford.info/cachedir/ says.
TAG = "CACHEDIR.TAG"
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n# Written by tempsafe-lint; it may be deleted at any time.\n"
_FILES = {TAG: _SIGNATURE, ".gitignore": "*\n"}

#: A file whose time of change is nearer than this to the present may change again without a new time (FAT keeps two
#: seconds).
_TICK_NS = 2_000_000_000
#: Stands for a time of change that says nothing.
_NEVER = -1
#: Rows that no run has asked for in so many days go, and sooner those of another linter: an old version, most likely.
_DAYS, _DAYS_OF_OTHERS = 30, 3
_DAY = 86_400
#: How long a run waits for another one that writes, in seconds.
_PATIENCE = 2.0

#: Raised whenever the table below changes: one of another format is made anew.
_FORMAT = 2
#: The key is a hash itself, so it can be the number of the row: 45 bytes for a file in which nothing was found.
_TABLE = """create table if not exists files (
    key integer primary key, maker integer, size integer, changed integer, bytes blob, report text, day integer
)"""


class Entry:
    """A file as a run met it: the row's key, its size in bytes, when it changed (nanoseconds), the hash of its bytes
    once it is asked for.

    `settled` is false where it may change again within the same tick.
    """

    __slots__ = ("changed", "digest", "key", "settled", "size")

    def __init__(self, key: int, size: int, changed: int, settled: bool) -> None:
        self.key = key
        self.size = size
        self.changed = changed
        self.settled = settled
        self.digest = b""


class Cache:
    """The rows of one folder, read once and written once. `report` texts are whatever the caller gave."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._rows: dict[int, tuple[int, int, bytes, str | None, int]] = {}
        self._fresh: dict[int, tuple[int, int, bytes, str | None]] = {}
        self._used: set[int] = set()
        self._settings: dict[int, tuple[Settings, bytes]] = {}
        self._maker = _maker()
        self._maker_number = _number(self._maker[:2])  # the keys have all of it
        self._today = int(time.time()) // _DAY
        self._load()

    def _load(self) -> None:
        if not os.path.exists(self._path):
            return
        try:
            with _opened(self._path) as database:
                if database.execute("pragma user_version").fetchone() == (_FORMAT,):
                    asked = "select key, size, changed, bytes, report, day from files where maker = ?"
                    rows = database.execute(asked, (self._maker_number,))
                    self._rows = {key: tuple(rest) for key, *rest in rows}
        except (sqlite3.Error, OSError):
            self._rows = {}

    @property
    def has_rows(self) -> bool:
        """Whether anything is known from before."""
        return bool(self._rows)

    @property
    def _path(self) -> str:
        return os.path.join(self.folder, NAME)

    def meet(self, absolute: str, path: str, settings: Settings, seen: os.stat_result) -> Entry:
        """The entry for a file that the system says this of."""
        known = self._settings.get(id(settings))
        if known is None:
            known = (settings, blake2b(repr(settings).encode("utf-8", "backslashreplace"), digest_size=16).digest())
            self._settings[id(settings)] = known
        named = f"{absolute}\0{path}".encode("utf-8", "surrogateescape")
        key = _number(blake2b(self._maker + known[1] + named, digest_size=8).digest())
        return Entry(key, seen.st_size, seen.st_mtime_ns, time.time_ns() - seen.st_mtime_ns > _TICK_NS)

    def unread(self, entry: Entry) -> str | None:
        """The report of a file that certainly has not changed, without reading it; "" where nothing was found."""
        row = self._rows.get(entry.key)
        if row is None or row[:2] != (entry.size, entry.changed):
            return None
        self._used.add(entry.key)
        return row[3] or ""

    def read(self, entry: Entry, data: bytes) -> str | None:
        """The same for a file that was read."""
        row = self._rows.get(entry.key)
        if row is None or not row[2] or row[2] != self.mark(entry, data):
            return None
        if entry.settled and row[:2] != (entry.size, entry.changed):
            self.put(entry, row[3] or "")
        self._used.add(entry.key)
        return row[3] or ""

    def mark(self, entry: Entry, data: bytes) -> bytes:
        """Take note of the bytes that were read: their hash."""
        if not entry.digest:
            entry.digest = blake2b(data, digest_size=12).digest()
        return entry.digest

    def put(self, entry: Entry, report: str) -> None:
        """Keep what was found in the bytes that were marked; if none were, it counts for this size and time alone."""
        changed = entry.changed if entry.settled else _NEVER
        self._fresh[entry.key] = (entry.size, changed, entry.digest, report or None)

    def close(self) -> None:
        """Write what is new, and let go of what nobody asks for any more."""
        stale = [key for key in self._used if key not in self._fresh and self._rows[key][4] != self._today]
        if not self._fresh and not stale:
            return
        try:
            self._make_folder()
            try:
                self._write(stale)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    return  # locked, read-only or a full disk: the next run may fare better
                os.unlink(self._path)  # no database of ours
                self._write(())
        except (sqlite3.Error, OSError):
            return

    def _make_folder(self) -> None:
        if os.path.isdir(self.folder):
            return
        os.makedirs(self.folder, exist_ok=True)
        for name, text in _FILES.items():
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)

    def _write(self, stale: Iterable[int]) -> None:
        with _opened(self._path) as database:
            database.execute("begin immediate")
            if database.execute("pragma user_version").fetchone() != (_FORMAT,):
                database.execute("drop table if exists files")
                database.execute(f"pragma user_version = {_FORMAT}")
            database.execute(_TABLE)
            # In order, pages are filled to the end.
            rows = ((key, self._maker_number, *row, self._today) for key, row in sorted(self._fresh.items()))
            database.executemany("insert or replace into files values (?, ?, ?, ?, ?, ?, ?)", rows)
            database.executemany("update files set day = ? where key = ?", ((self._today, key) for key in stale))
            gone = (self._today - _DAYS, self._maker_number, self._today - _DAYS_OF_OTHERS)
            database.execute("delete from files where day < ? or (maker != ? and day < ?)", gone)
            database.execute("commit")


class _opened:
    """A database that is closed at the end of the block, whatever happens; an open transaction is given up."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)

    def __enter__(self) -> sqlite3.Connection:
        return self._database

    def __exit__(self, *_: object) -> None:
        self._database.close()


def folder_of(configuration: Configuration) -> str:
    """The folder that a project keeps its cache in."""
    return os.path.join(configuration.root, os.path.expanduser(configuration.cache_dir))


def _number(digest: bytes) -> int:
    return int.from_bytes(digest, "big", signed=True)


def _maker() -> bytes:
    """What stands for the linter and all that its verdict hangs on: its version, its files, Python."""
    state = blake2b(f"{tempsafe_lint.__version__} {sys.version_info[:2]}".encode(), digest_size=16)
    for name, size, changed in sorted(_files(os.path.dirname(os.path.abspath(tempsafe_lint.__file__)))):
        state.update(f"{name} {size} {changed}\n".encode("utf-8", "surrogateescape"))
    return state.digest()


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            elif entry.name.endswith((".py", ".toml")):
                seen = entry.stat()
                yield entry.path, seen.st_size, seen.st_mtime_ns


def clean(folder: str) -> bool:
    """Remove a cache; true if there was one. Nothing that is not ours is touched. Raises OSError."""
    if not os.path.isfile(os.path.join(folder, TAG)):
        return False
    with open(os.path.join(folder, TAG), encoding="utf-8", errors="replace") as file:
        if file.read() != _SIGNATURE:
            return False
    for name in (NAME, f"{NAME}-journal", *_FILES):
        try:
            os.unlink(os.path.join(folder, name))
        except FileNotFoundError:
            continue
    if not os.listdir(folder):
        os.rmdir(folder)
    return True
