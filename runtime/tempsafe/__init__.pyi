# The public names. Overloads follow typeshed's for `tempfile`, so that code which changes over checks as before.
import os
from abc import ABCMeta
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import GenericAlias, TracebackType
from typing import IO, Any, AnyStr, Generic, Literal, TypeVar, overload

_Self = TypeVar("_Self")
_StrPath = str | os.PathLike[str]
_BytesPath = bytes | os.PathLike[bytes]
_GenericPath = AnyStr | os.PathLike[AnyStr]
_Delete = bool | Literal["exit"]
_TextMode = Literal[
    "r", "r+", "+r", "rt", "tr", "rt+", "r+t", "+rt", "tr+", "t+r", "+tr",
    "w", "w+", "+w", "wt", "tw", "wt+", "w+t", "+wt", "tw+", "t+w", "+tw",
    "a", "a+", "+a", "at", "ta", "at+", "a+t", "+at", "ta+", "t+a", "+ta",
    "x", "x+", "+x", "xt", "tx", "xt+", "x+t", "+xt", "tx+", "t+x", "+tx",
]  # fmt: skip
_BinaryMode = Literal[
    "rb+", "r+b", "+rb", "br+", "b+r", "+br", "rb", "br",
    "wb+", "w+b", "+wb", "bw+", "b+w", "+bw", "wb", "bw",
    "ab+", "a+b", "+ab", "ba+", "b+a", "+ba", "ab", "ba",
    "xb+", "x+b", "+xb", "bx+", "b+x", "+bx", "xb", "bx",
]  # fmt: skip

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

__version__: str

def mktemp(suffix: str = "", prefix: str = "tmp", dir: _StrPath | None = None, *, delete: bool = True) -> str: ...
@overload
def mkstemp(
    suffix: str | None = None,
    prefix: str | None = None,
    dir: _StrPath | None = None,
    text: bool = False,
    *,
    delete: bool = True,
) -> tuple[int, str]: ...
@overload
def mkstemp(
    suffix: bytes | None = None,
    prefix: bytes | None = None,
    dir: _BytesPath | None = None,
    text: bool = False,
    *,
    delete: bool = True,
) -> tuple[int, bytes]: ...
@overload
def mkdtemp(
    suffix: str | None = None, prefix: str | None = None, dir: _StrPath | None = None, *, delete: bool = True
) -> str: ...
@overload
def mkdtemp(
    suffix: bytes | None = None, prefix: bytes | None = None, dir: _BytesPath | None = None, *, delete: bool = True
) -> bytes: ...

class _TemporaryFileWrapper(IO[AnyStr], metaclass=ABCMeta):
    file: IO[AnyStr]
    name: str
    delete: _Delete
    def __enter__(self: _Self) -> _Self: ...
    def __exit__(
        self, exc: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None: ...
    def __iter__(self) -> Iterator[AnyStr]: ...
    def __getattr__(self, name: str) -> Any: ...
    def close(self) -> None: ...
    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...

@overload
def NamedTemporaryFile(
    mode: _TextMode,
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: AnyStr | None = None,
    prefix: AnyStr | None = None,
    dir: _GenericPath[AnyStr] | None = None,
    delete: _Delete = True,
    *,
    errors: str | None = None,
    delete_on_close: bool = True,
) -> _TemporaryFileWrapper[str]: ...
@overload
def NamedTemporaryFile(
    mode: _BinaryMode = "w+b",
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: AnyStr | None = None,
    prefix: AnyStr | None = None,
    dir: _GenericPath[AnyStr] | None = None,
    delete: _Delete = True,
    *,
    errors: str | None = None,
    delete_on_close: bool = True,
) -> _TemporaryFileWrapper[bytes]: ...
@overload
def NamedTemporaryFile(
    mode: str = "w+b",
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: AnyStr | None = None,
    prefix: AnyStr | None = None,
    dir: _GenericPath[AnyStr] | None = None,
    delete: _Delete = True,
    *,
    errors: str | None = None,
    delete_on_close: bool = True,
) -> _TemporaryFileWrapper[Any]: ...

class TemporaryDirectory(Generic[AnyStr]):
    name: AnyStr
    @overload
    def __init__(
        self: TemporaryDirectory[str],
        suffix: str | None = None,
        prefix: str | None = None,
        dir: _StrPath | None = None,
        ignore_cleanup_errors: bool = False,
        *,
        delete: bool = True,
    ) -> None: ...
    @overload
    def __init__(
        self: TemporaryDirectory[bytes],
        suffix: bytes | None = None,
        prefix: bytes | None = None,
        dir: _BytesPath | None = None,
        ignore_cleanup_errors: bool = False,
        *,
        delete: bool = True,
    ) -> None: ...
    def __enter__(self) -> AnyStr: ...
    def __exit__(
        self, exc: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None: ...
    def cleanup(self) -> None: ...
    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...

@overload
def open_atomic(
    file: _StrPath | _BytesPath,
    mode: Literal["w", "wt", "w+", "w+t", "wt+"] = "w",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    *,
    overwrite: bool = True,
    durable: bool = True,
    perms: int | None = None,
) -> AbstractContextManager[IO[str]]: ...
@overload
def open_atomic(
    file: _StrPath | _BytesPath,
    mode: Literal["wb", "w+b", "wb+"],
    buffering: int = -1,
    encoding: None = None,
    errors: None = None,
    newline: None = None,
    *,
    overwrite: bool = True,
    durable: bool = True,
    perms: int | None = None,
) -> AbstractContextManager[IO[bytes]]: ...
def user_path(name: str, *, app: str, lifetime: Literal["boot", "session", "forever"] = "boot") -> str: ...
@overload
def keep(temp: TemporaryDirectory[AnyStr]) -> AnyStr: ...
@overload
def keep(temp: _TemporaryFileWrapper[Any]) -> str: ...
@overload
def keep(temp: _GenericPath[AnyStr]) -> AnyStr: ...
def sweep(*, dry_run: bool = False) -> list[str]: ...
def cleanup_on_signals(*signals: int) -> None: ...

class UnsafePathError(PermissionError):
    def __init__(self, path: str, why: str, remedy: str) -> None: ...
