"""Colour, and text made fit for a terminal."""

from __future__ import annotations

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


def paint(text: str, names: str, *, color: bool) -> str:
    """The text in the colours `names` (words), or as it is."""
    if not color or not text:
        return text
    return f"\x1b[{';'.join(_CODES[name] for name in names.split())}m{text}\x1b[0m"


def printable(text: str) -> str:
    """The text on one line and without anything that a terminal would obey: a file's name may hold escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def shown_line(text: str) -> str:
    """A source line with tabs as four columns and one visible sign for each character that cannot be shown."""
    if text.isprintable():
        return text
    return "".join(_cell(char) for char in text)


def _cell(char: str) -> str:
    if char == "\t":
        return "    "
    return char if char.isprintable() else "\N{REPLACEMENT CHARACTER}"


def width(text: str) -> int:
    """Columns that a source line (not yet through `shown_line`) takes on a terminal."""
    if text.isascii():
        return len(text) + 3 * text.count("\t")
    import unicodedata

    total = 0
    for char in text:
        if char == "\t":
            total += 4
        elif unicodedata.combining(char):
            continue
        else:
            total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return total
