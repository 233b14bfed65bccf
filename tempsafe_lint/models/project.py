"""A project's own rows, from its settings: checked once where they are read, then carried as text.

Text, because settings are hashed, compared and sent to other processes; `catalogue.layered` makes rows of it again.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from tempsafe_lint.models.reader import aliases, rows
from tempsafe_lint.models.schema import ModelError

#: Each row with the section it stands in, as JSON, in the order in which they were written.
Packed = tuple[tuple[str, str], ...]
_ORIGIN = "project"


def pack(section: str, raw: object) -> Packed:
    """The tables of one section. Raises ModelError, whose `message` names row and key."""
    table = {section: raw}
    rows(table, _ORIGIN)
    aliases(table, _ORIGIN)
    assert isinstance(raw, list)
    try:
        return tuple((section, json.dumps(row, sort_keys=True)) for row in raw)
    except TypeError as error:  # a date, say
        raise ModelError(_ORIGIN, f"a row of `{section}` has a value that no key takes: {error}") from None


def unpack(packed: Packed) -> dict[str, Any]:
    """The tables as a row file has them."""
    table: dict[str, list[Any]] = {}
    for section, text in packed:
        table.setdefault(section, []).append(json.loads(text))
    return table


@lru_cache(maxsize=16)
def needles(packed: Packed, runtime: str = "tempsafe") -> tuple[str, ...]:
    """The last part of each name that can start a finding: without it in the text, there is nothing to find.

    Where a module of the project's stands for another one, as its copy of our library (`runtime`) does, the names that
    are looked for beside the names of their modules count by themselves.
    """
    from tempsafe_lint.models.catalogue import RUNTIME, builtin
    from tempsafe_lint.models.needles import IMPORTED

    table = unpack(packed)
    starting = {row.name for row in rows(table, _ORIGIN) if row.starts}
    names = set(starting)
    if runtime != RUNTIME:
        names.update(IMPORTED)
    for name, of in aliases(table, _ORIGIN).items():
        row = builtin().get(of)
        if of in starting or (row is not None and row.starts):
            names.add(name)
        elif row is None:
            names.update(IMPORTED)
    return tuple(sorted({name.rpartition(".")[2] for name in names}))
