"""How a dotted name is spelled in a file: by an import that is there, by a new one, or under a fresh name."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, count
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.plans import ImportedName, ImportTable
    from tempsafe_lint.source import Source


@dataclass(frozen=True, slots=True)
class Spelling:
    """`text` to write, and what it needs imported: the words after `import` (None for nothing).

    The words are given for an import that is there already, too: whoever writes imports adds what is missing.
    """

    text: str
    needs: str | None


def spell(dotted: str, source: Source, imports: ImportTable, at: int) -> Spelling:
    """The spelling of `dotted` for the place `at` (code points); its module is all but the last part.

    Raises Withheld if the name cannot mean that here.
    """
    module, _, attribute = dotted.rpartition(".")
    if not module:
        if attribute in imports.bound or any(name.name == attribute for name in imports.imports):
            raise Withheld(f"the name `{attribute}` is already something else in this file")
        return Spelling(attribute, None)
    if f".{module}." in f".{'.'.join(PurePosixPath(source.path).with_suffix('').parts)}.":
        raise Withheld(f"this file is itself part of `{module}`")
    for name in imports.imports:
        if name.dotted == module and _is_usable(name, imports, at):
            return Spelling(f"{name.name}.{attribute}", _clause(module, name.name))
    for name in imports.imports:
        if name.dotted == dotted and _is_usable(name, imports, at):
            return Spelling(name.name, None)
    chosen = next(name for name in _candidates(module) if _is_free(name, source, imports))
    return Spelling(f"{chosen}.{attribute}", _clause(module, chosen))


def fresh(names: tuple[str, ...], source: Source, imports: ImportTable) -> str:
    """The first of the names that means nothing in the file yet, or one made of the first."""
    wanted = chain(names, (f"{names[0]}_{number}" for number in count(2)))
    return next(name for name in wanted if _is_free(name, source, imports))


def require_builtins(names: tuple[str, ...], source: Source, imports: ImportTable) -> None:
    """Refuses to write a built-in name that the file gives another meaning."""
    for name in names:
        if name in imports.bound or any(other.name == name for other in imports.imports) or imports.stars:
            raise Withheld(f"the name `{name}` may be something else in this file")


def _is_usable(name: ImportedName, imports: ImportTable, at: int) -> bool:
    """Whether a name that the file imports means the same everywhere after its import, and `at` comes after it."""
    others = (other for other in imports.imports if other is not name and other.name == name.name)
    return (
        name.top
        and name.statement.end <= at
        and name.name not in imports.bound
        and all(other.top and other.dotted == name.dotted for other in others)
    )


def _is_free(name: str, source: Source, imports: ImportTable) -> bool:
    if name in imports.bound or any(other.name == name for other in imports.imports):
        return False
    # A name that the file mentions without binding it means something all the same: by a star import, a bare
    # annotation, a builtin that somebody set.
    statements = [other.statement for other in imports.imports]
    return all(any(span.start <= at < span.end for span in statements) for at in _mentions(name, source.text))


@lru_cache(maxsize=16)
def _mentions(name: str, text: str) -> list[int]:
    """Where a word stands in the code of a text: the same for every finding of a file."""
    places = [found.start() for found in re.finditer(rf"(?<![\w.]){re.escape(name)}\b", text)]
    return [at for at in places if not layout(text).is_prose(at)]


def _candidates(module: str) -> Iterator[str]:
    """Names to import a module under, the best first: a dotted module is never imported under its root's name."""
    last = module.rpartition(".")[2]
    fresh = last if last.startswith("_") else f"_{last}"
    return chain((last, fresh), (f"{fresh}_{number}" for number in count(2)))


def _clause(module: str, name: str) -> str:
    return module if module == name else f"{module} as {name}"
