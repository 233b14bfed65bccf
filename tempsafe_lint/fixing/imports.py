"""New imports: all that the fixes of a round need, each where a sorted import list would have it.

Order is isort's default (also ruff's): sections of the standard library, other projects and this one, with a blank row
between; in a section plain imports by name, then `from` imports. A list that is not sorted so gets the new row beside
the import whose name is being replaced. Offsets are code points.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from tempsafe_lint.edits import Edit
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.layout import Layout, Line, layout
from tempsafe_lint.records import dataclass
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tempsafe_lint.edits import Fix
    from tempsafe_lint.plans import ImportTable
    from tempsafe_lint.source import Source

_IMPORT = re.compile(r"(?P<word>import|from)[ \t\\\r\n]+(?P<module>[\w.]+)")
_DEFINITION = re.compile(r"(?:async[ \t]+def|def|class)\b|@")
_FUTURE, _STDLIB, _OTHERS, _OWN, _RELATIVE = range(5)


@dataclass(frozen=True, slots=True)
class _Row:
    """One import at module level: its logical line, section, the word it begins with and its module in lower case."""

    line: Line
    section: int
    plain: bool
    module: str


def split_need(need: str) -> tuple[str, str]:
    """Module and bound name of the words after `import`: `tempsafe as t` is ("tempsafe", "t")."""
    module, _, name = need.partition(" as ")
    return module, name or module


def missing(needs: Iterable[str], imports: ImportTable) -> list[str]:
    """Those needs that no import at module level serves yet, sorted."""
    there = {(name.dotted, name.name) for name in imports.imports if name.top}
    return sorted(need for need in set(needs) if split_need(need) not in there)


def complete(fix: Fix, source: Source, imports: ImportTable) -> tuple[Edit, ...]:
    """All edits of one fix alone, the imports that it needs among them: what an editor applies."""
    return (*add_imports(fix.imports, source, imports, fix.edits), *fix.edits)


def add_imports(needs: Iterable[str], source: Source, imports: ImportTable, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits that import what is missing before the first of `edits`; none if nothing is. One for each place.

    Raises Withheld if no place before them can hold an import.
    """
    lay, found = layout(source.text), dict[int, list[_New]]()
    first = min((edit.span.start for edit in edits), default=len(source.text))
    anchors = _anchors(source.text, imports, edits)
    block = _block(_blocks(source, first), anchors)
    for need in missing(needs, imports):
        module = split_need(need)[0]
        at, before, after = imports.insert_at, False, 0
        section = _section(module, source.path)
        if block:
            at, before, after = _in_block(lay, block, section, module.lower(), anchors)
        if source.text[at : imports.insert_at].strip() or not block:
            at = imports.insert_at
            before, after = _spacing(source, at)
        if at > first:
            raise Withheld("there is no place for an import before its first use")
        found.setdefault(at, []).append(_New(section, f"import {need}{source.newline}", before, after))
    return tuple(Edit(Span(at, at), _rows(sorted(new), source.newline)) for at, new in sorted(found.items()))


class _New(NamedTuple):
    """A new row: its section, its text, whether a blank row goes before it and how many go after."""

    section: int
    text: str
    before: bool
    after: int


def _rows(new: list[_New], newline: str) -> str:
    """New rows of one place, with a blank row between sections."""
    sections = groupby(new, key=lambda row: row.section)
    rows = newline.join("".join(row.text for row in same) for _, same in sections)
    return newline * new[0].before + rows + newline * new[-1].after


def _section(module: str, path: str) -> int:
    root = module.partition(".")[0]
    if not root:
        return _RELATIVE
    if root == "__future__":
        return _FUTURE
    if root in sys.stdlib_module_names:
        return _STDLIB
    return _OWN if root in PurePosixPath(path).with_suffix("").parts else _OTHERS


def _anchors(text: str, imports: ImportTable, edits: Sequence[Edit]) -> set[int]:
    """Starts of the module-level imports that bind a name which one of `edits` replaces."""
    names = {found.group() for edit in edits if (found := re.compile(r"\w+").match(text, edit.span.start))}
    return {name.statement.start for name in imports.imports if name.top and name.name in names}


def _blocks(source: Source, first: int) -> list[list[_Row]]:
    """Runs of module-level import rows with no other code in between, those before `first` only."""
    blocks = ([row for row in block if row.line.stop <= first] for block in _every_block(source.text, source.path))
    return [block for block in blocks if block]


@lru_cache(maxsize=4)
def _every_block(text: str, path: str) -> tuple[tuple[_Row, ...], ...]:
    """The runs of the whole text. Each fix of a file asks for them, hence the small cache."""
    blocks: list[list[_Row]] = [[]]
    for line in layout(text).lines:
        found = _IMPORT.match(text, line.first) if line.start == line.first else None
        if found is None:
            blocks.append([])
            continue
        module = found["module"]
        blocks[-1].append(_Row(line, _section(module, path), found["word"] == "import", module.lower()))
    return tuple(tuple(block) for block in blocks if block)


def _block(blocks: list[list[_Row]], anchors: set[int]) -> list[_Row]:
    """The block that holds an anchor, else the first; an empty one if there is none."""
    for block in blocks:
        if any(row.line.start <= anchor < row.line.stop for row in block for anchor in anchors):
            return block
    return blocks[0] if blocks else []


def _in_block(lay: Layout, block: list[_Row], section: int, module: str, anchors: set[int]) -> tuple[int, bool, int]:
    """Where in a block of imports: offset, whether a blank row goes before, how many after."""
    groups = _groups(lay, block)
    sorted_out = [group for group in groups if {row.section for row in group} == {section}]
    beside = [row for row in block if any(row.line.start <= anchor < row.line.stop for anchor in anchors)]
    mixed = [group for group in groups if len({row.section for row in group}) > 1]
    if not sorted_out and any(row in group for row in beside for group in mixed):
        return beside[-1].line.stop, False, 0
    for group in [*sorted_out, *(group for group in mixed if any(row.section == section for row in group))]:
        smaller = [row for row in group if row.plain and row.module < module and row.section <= section]
        return (smaller[-1].line.stop if smaller else group[0].line.start), False, 0
    earlier = [row for row in block if row.section < section]
    if not earlier:
        return block[0].line.start, False, 1
    row = earlier[-1]
    follows = block[block.index(row) + 1 :]
    return row.line.stop, True, int(bool(follows) and not _is_blank(lay.text, row.line.stop))


def _groups(lay: Layout, block: list[_Row]) -> list[list[_Row]]:
    """The rows of a block, cut where a blank row stands between."""
    groups = [[block[0]]]
    for before, row in pairwise(block):
        between = lay.text[before.line.stop : row.line.start]
        if any(not part.strip() for part in between.splitlines()):
            groups.append([])
        groups[-1].append(row)
    return groups


def _is_blank(text: str, at: int) -> bool:
    """Whether the row that starts at `at` is there and empty."""
    return re.compile(r"[ \t\f]*[\r\n]").match(text, at) is not None


def _spacing(source: Source, at: int) -> tuple[bool, int]:
    """For an import in a file without any: a blank row before it, and the number of blank rows after it."""
    row = source.row(at)
    before = row > 1 and bool(source.line(row - 1).strip())
    if at >= len(source.text) or _is_blank(source.text, at):
        return before, 0
    return before, 2 if _DEFINITION.match(source.text, at) else 1
