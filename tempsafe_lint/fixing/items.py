"""Taking items out of a comma list (arguments of a call, names of an import) without losing a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.edits import Edit
from tempsafe_lint.records import dataclass
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


@dataclass(frozen=True, slots=True)
class Item:
    """One item: code points of its start and end, and of the comma after it."""

    start: int
    end: int
    comma: int | None

    @property
    def stop(self) -> int:
        """After the item and its comma."""
        return self.end if self.comma is None else self.comma + 1


def remove_items(text: str, items: Sequence[Item], gone: Collection[int]) -> list[Edit]:
    """Edits that take out the items numbered `gone`, each with a comma; a comma that ends the list stays."""
    edits: list[Edit] = []
    number = 0
    while number < len(items):
        if number not in gone:
            number += 1
            continue
        last = number
        while last + 1 in gone:
            last += 1
        span = _stretch(items, number, last)
        if "#" not in text[span.start : span.end]:
            edits.append(Edit(span, ""))
        else:  # a comment may stand between: take the items out one by one
            edits.extend(Edit(_row(text, items[i]), "") for i in range(number, last + 1))
        number = last + 1
    return edits


def _stretch(items: Sequence[Item], first: int, last: int) -> Span:
    """What goes when the items from `first` to `last` go, if nothing but white space stands between them."""
    if last + 1 < len(items):
        return Span(items[first].start, items[last + 1].start)
    if first == 0:
        return Span(items[first].start, items[last].stop)
    before = items[first - 1]
    if items[last].comma is None:
        return Span(before.end if before.comma is None else before.comma, items[last].end)
    return Span(before.stop, items[last].stop)


def _row(text: str, item: Item) -> Span:
    """The item and its comma, and its whole row if there is nothing else in it."""
    start = max(text.rfind("\n", 0, item.start), text.rfind("\r", 0, item.start)) + 1
    stop = item.stop
    while text[stop : stop + 1] in (" ", "\t"):
        stop += 1
    if text[start : item.start].strip():
        return Span(item.start, item.stop)
    for newline in ("\r\n", "\n", "\r"):
        if text.startswith(newline, stop):
            return Span(start, stop + len(newline))
    return Span(item.start, stop)
