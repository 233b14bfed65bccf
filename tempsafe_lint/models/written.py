"""The built-in rows as they are written: the TOML files beside this module. Runs use what `generate` makes of them."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from tempsafe_lint.models.reader import aliases, rows
from tempsafe_lint.models.schema import ModelError, Row

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent

#: Built-in files in the order of layers: a later row of one name replaces an earlier one.
_LAYERS = ("stdlib/*.toml", "testing.toml", "tempsafe.toml", "thirdparty.toml", "thirdparty/*.toml")


def files() -> list[str]:
    """The built-in row files in the order of layers, as `Row.origin` names them."""
    return [path.relative_to(HERE).as_posix() for pattern in _LAYERS for path in sorted(HERE.glob(pattern))]


@lru_cache(maxsize=32)
def tables_of(origin: str) -> dict[str, Any]:
    """A built-in row file, or `policy.toml`, as it is written."""
    try:
        return dict(tomllib.loads((HERE / origin).read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ModelError(origin, str(error)) from None


def all_rows() -> list[Row]:
    """Every row, in the order of layers."""
    found = {row.name: row for origin in files() for row in rows(tables_of(origin), origin)}
    return list(found.values())


def all_aliases() -> dict[str, str]:
    """Every re-export."""
    return {name: of for origin in files() for name, of in aliases(tables_of(origin), origin).items()}
