"""The examples of rows: those of `os.toml` stand beside it in `os.md`, one fence for each program.

The first line of a fence names rows. The program is written with the first of them, and holds for each of the others
in its place; `...` stands for all names of the same table. `# TMP402` marks what is reported there. `low` before the
names asks for findings of low confidence too, `test` makes it a test file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tempsafe_lint.models.written import HERE, tables_of

_FENCE = re.compile(r"^```python ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FLAGS = ("low", "test")


@dataclass(frozen=True)
class Example:
    """One program; `flags` are the words before the names, `origin` the row file it belongs to."""

    names: tuple[str, ...]
    code: str
    flags: tuple[str, ...]
    origin: str

    def written_for(self, name: str) -> str:
        """The program with another of the names in the place of the first."""
        first = self.names[0]
        if name == first:
            return self.code
        section = {entry: section for section, entry in _sections(self.origin)}[first]
        if section in ("method", "attribute"):
            return re.sub(rf"\.{_last(first)}\b", f".{_last(name)}", self.code)
        code = re.sub(rf"(?<![\w.]){re.escape(_spelled(first))}\b(?!\s*=[^=])", _spelled(name), self.code)
        top = name.partition(".")[0]
        if top == "builtins" or re.search(rf"^import {top}\b", code, re.MULTILINE):
            return code
        return f"import {top}\n{code}"


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _spelled(name: str) -> str:
    return name.removeprefix("builtins.")


def _sections(origin: str) -> list[tuple[str, str]]:
    found = []
    for section, tables in tables_of(origin).items():
        found += [(section, name) for raw in tables for name in names_of(raw)]
    return found


def names_of(raw: dict[str, Any]) -> list[str]:
    """The names that a table of a row file is for."""
    return list(raw.get("names") or [raw["name"]])


def examples(origin: str) -> list[Example]:
    """All examples of one row file, named as `Row.origin` names it; none if it has no file beside it."""
    path = Path(HERE, origin).with_suffix(".md")
    if not path.is_file():
        return []
    groups = [names_of(raw) for tables in tables_of(origin).values() for raw in tables]
    found = []
    for fence in _FENCE.finditer(path.read_text("utf-8")):
        words = fence.group(1).split()
        flags = tuple(word for word in words if word in _FLAGS)
        names = [word for word in words if word not in (*_FLAGS, "...")]
        if "..." in words:
            group = next((group for group in groups if names[0] in group), [])
            names += [name for name in group if name not in names]
        found.append(Example(tuple(names), fence.group(2), flags, origin))
    return found
