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


def link(text: str, url: str | None) -> str:
    """The text as a link (OSC 8) for terminals that have such; nothing of it shows on screen."""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if url and url.isascii() and url.isprintable() else text


def wrapped(text: str, indent: str, columns: int | None) -> list[str]:
    """Uncoloured text in lines of at most so many columns (None: one line), `indent` before all but the first."""
    if not text or columns is None or width(text) <= columns:
        return [text] if text else []
    from textwrap import wrap

    lead = text[: len(text) - len(text.lstrip())]
    room = max(columns, len(indent) + 10)
    return wrap(text.lstrip(), room, initial_indent=lead, subsequent_indent=indent, break_on_hyphens=False)
