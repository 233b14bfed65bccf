"""NamedTemporaryFile, TemporaryDirectory and keep."""

from __future__ import annotations

import io
import os
from _warnings import warn  # the core of `warnings`, which may not be importable any more when __del__ runs at exit

from . import _creation as creation
from . import _names as names
from . import _platform as platform
from . import _session
from ._journal import TREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    from ._session import Session

_ALIAS = type(list[int])  # types.GenericAlias, without importing types


class _Closer:
    """Closes the file and removes it, once. Apart from the wrapper, so that a bound method can keep it alive."""

    asked = True  # until __init__ is through: an interrupt may come between
    at_end = False

    def __init__(self, file: IO[Any], path: str, session: Session | None, on_close: bool, at_end: bool) -> None:
        self.file, self.path, self.session = file, path, session
        self.on_close = on_close  # close() removes
        self.at_end = at_end  # leaving the with, or being collected, removes
        self.asked = False

    def close(self, end: bool = False) -> None:
        self.asked = True
        try:
            self.file.close()
        finally:
            if self.on_close or (end and self.at_end):
                self.remove()

    def remove(self) -> None:
        session, self.session = self.session, None
        if session is None:
            return
        try:
            session.remove(self.path)
        except PermissionError:
            if not platform.WINDOWS:
                raise
            # Another process has it open: it stays listed and is tried again at exit.

    def __del__(self) -> None:
        if self.asked:
            if self.at_end and self.session is not None:
                self.remove()
            return
        text = f"Implicitly cleaning up <_TemporaryFileWrapper file={self.file!r}>"
        self.close(end=True)
        _warn(text, self)


class _TemporaryFileWrapper:
    """A file object with the path `name`; everything else is passed on to the file in `file`."""

    __class_getitem__: Any = classmethod(_ALIAS)

    def __init__(self, file: IO[Any], name: str | bytes, closer: _Closer, delete: Any) -> None:
        self.file = file
        self.name = name
        self.delete = delete
        self._closer = closer

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__dict__["file"], name)
        if not callable(value):
            return value

        def method(*args: Any, **kwargs: Any) -> Any:
            return value(*args, **kwargs)

        method.__name__ = method.__qualname__ = name
        method.__doc__ = value.__doc__
        vars(method)["closer"] = self.__dict__["_closer"]  # `f.write` may outlive `f`; the file must stay open for it
        setattr(self, name, method)
        return method

    def __repr__(self) -> str:
        return f"<{type(self).__name__} file={self.__dict__['file']!r}>"

    def __enter__(self) -> _TemporaryFileWrapper:
        self.file.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closer.close(end=True)

    def __iter__(self) -> Any:
        # A generator holds a reference to self, so `for line in NamedTemporaryFile(...)` does not close it early.
        yield from self.file

    def close(self) -> None:
        """Close the file, and remove it if it was asked to go on close."""
        self._closer.close()


def NamedTemporaryFile(
    mode: str = "w+b",
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: Any = None,
    prefix: Any = None,
    dir: Any = None,
    delete: Any = True,
    *,
    errors: str | None = None,
    delete_on_close: bool = True,
) -> _TemporaryFileWrapper:
    """Make a file with a name and return an object that wraps the open file, as `tempfile.NamedTemporaryFile` does.

    `delete=True` removes it on close; with `delete_on_close=False` (here on every version) at the end of the `with`,
    or when the object is collected. `delete="exit"` removes it only when the process is gone, and `delete=False` never.
    It can be opened again by name while it is open, on Windows too.

    Raises ValueError for another `delete`, and what `mkstemp` and `open` raise; nothing is left then.
    """
    if isinstance(delete, str) and delete != "exit":
        raise ValueError(f"delete must be True, False or 'exit', not {delete!r}")
    suffix, prefix, place, in_bytes = names.settle(suffix, prefix, dir)
    if "b" not in mode:
        encoding = _text_encoding(encoding)
    session = _session.current() if delete else None
    made = ""

    def opener(path: str, flags: int) -> int:
        nonlocal made
        fd, made = creation.make_file(suffix, prefix, place, False, session)
        return fd

    try:
        # `place` only names the file in messages; what is opened is what the opener returns.
        file = open(place, mode, buffering, encoding, errors, newline, opener=opener)  # noqa: SIM115 (the wrapper closes)
        raw: Any = getattr(file, "buffer", file)
        getattr(raw, "raw", raw).name = names.output(made, in_bytes)
    except BaseException:
        if made:
            _remove_unfinished(session, made)
        raise
    remove = bool(delete) and delete != "exit"
    closer = _Closer(file, made, session, remove and delete_on_close, remove)
    return _TemporaryFileWrapper(file, names.output(made, in_bytes), closer, delete)


def _text_encoding(encoding: str | None) -> str | None:
    """From 3.10 on the wrapper reports a missing encoding (PEP 597) at the caller's line, not in here."""
    return io.text_encoding(encoding, 3) if hasattr(io, "text_encoding") else encoding


def _warn(text: str, source: object) -> None:
    warn(text, ResourceWarning, 3, source)


def _remove_unfinished(session: Session | None, path: str) -> None:
    try:
        if session is not None:
            session.remove(path)
        else:
            os.unlink(path)
    except OSError:
        pass  # the error that brought us here matters more; a listed file is tried again at exit


class TemporaryDirectory:
    """A directory that is removed with its content by `cleanup`, at the end of a `with`, or at the latest at exit.

    As `tempfile.TemporaryDirectory`, but removed only by the process that made it, only while it is the same
    directory, and by descriptors instead of paths. `cleanup` raises the first OSError unless `ignore_cleanup_errors`;
    what could not be removed is tried again at exit.
    """

    __class_getitem__: Any = classmethod(_ALIAS)

    _session: Session | None = None  # until __init__ is through: an interrupt may come between

    def __init__(
        self,
        suffix: Any = None,
        prefix: Any = None,
        dir: Any = None,
        ignore_cleanup_errors: bool = False,
        *,
        delete: bool = True,
    ) -> None:
        suffix, prefix, place, in_bytes = names.settle(suffix, prefix, dir)
        self._ignore_cleanup_errors = ignore_cleanup_errors
        session = _session.current() if delete else None
        self._path = creation.make_directory(suffix, prefix, place, TREE, session)
        self.name = names.output(self._path, in_bytes)
        self._session = session

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def __enter__(self) -> str | bytes:
        return self.name

    def __exit__(self, *exc: object) -> None:
        if self._session is not None:
            self.cleanup()

    def cleanup(self) -> None:
        """Remove the directory now. A second call does nothing."""
        session = self._session
        if session is None:
            return
        try:
            session.remove(self._path)
        except OSError:
            if not self._ignore_cleanup_errors:
                raise

    def __del__(self) -> None:
        session = self._session
        if session is None or not session.is_mine() or self._path not in session.entries:
            return
        try:
            self.cleanup()
        finally:
            _warn(f"Implicitly cleaning up {self!r}", self)


def keep(temp: Any) -> Any:
    """Let a temporary file or directory stay: the process lets go of it, for good. Returns its path.

    `temp` is a path (str, bytes or path-like) or an object of NamedTemporaryFile or TemporaryDirectory. A path that
    came from `mktemp` stays with the private directory it is in. What is kept inside a temporary directory still goes
    with that directory.

    Raises ValueError if the path is none that this process made through tempsafe and still holds.
    """
    if isinstance(temp, (_TemporaryFileWrapper, TemporaryDirectory)):
        name = temp.name
        if (temp._closer.session if isinstance(temp, _TemporaryFileWrapper) else temp._session) is None:
            return name  # made with delete=False, or kept before
    else:
        name = os.fspath(temp)
    path = os.path.abspath(os.fsdecode(name))
    session = _session.owner_of(path)
    if session is not None:
        session.forget(path)
        return name
    parent, base = os.path.split(path)
    session = _session.owner_of(parent) if creation.is_private(parent) else None
    if session is None:
        raise ValueError(f"not a temporary path that this process made through tempsafe and still holds: {path!r}")
    session.spare(parent, base)
    return name
