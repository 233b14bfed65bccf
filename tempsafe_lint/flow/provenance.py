"""Which path a text names, and who can guess it.

Only the first component below a shared temp directory counts: a private directory makes everything below it private.
Silent on purpose: texts whose beginning is unknown, an absolute path joined behind another root (it is another
machine's or a sandbox' path more often than not), and the shared directory itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tempsafe_lint.flow.values import Hole, PathText
from tempsafe_lint.source import Site

MOST_PARTS = 12
ROOT = Hole("root")
UNKNOWN = Hole("unknown")
UNGUESSABLE = Hole("unguessable")
#: So many characters of something that nobody can guess are enough: `tempfile` takes eight for its own names.
ENOUGH = 8

Part = str | Hole


def concatenated(pieces: Iterable[Sequence[Part]], site: Site) -> PathText:
    """A text from pieces put one behind the other."""
    parts: list[Part] = []
    for piece in pieces:
        for part in piece:
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            elif part != "":
                parts.append(part)
    if len(parts) > MOST_PARTS:
        parts = [*parts[:MOST_PARTS], UNKNOWN]
    return PathText(tuple(parts), site)


def joined(pieces: Sequence[Sequence[Part]], site: Site) -> PathText:
    """A path from components. A later absolute constant makes the result unknown (see above)."""
    spaced: list[Sequence[Part]] = []
    for i, piece in enumerate(pieces):
        if i and piece and isinstance(piece[0], str) and _absolute(piece[0]):
            return PathText((UNKNOWN,), site)
        if i and not _ends_in_separator(spaced[-1] if spaced else ()):
            spaced.append(("/",))
        spaced.append(piece)
    return concatenated(spaced, site)


def _absolute(text: str) -> bool:
    return text.startswith(("/", "\\")) or bool(re.match(r"[A-Za-z]:[\\/]", text))


def _ends_in_separator(piece: Sequence[Part]) -> bool:
    return bool(piece) and isinstance(piece[-1], str) and piece[-1].endswith(("/", "\\"))


def shared(text: PathText, directories: tuple[str, ...]) -> tuple[str, list[Part], bool] | None:
    """The shared temp directory that a text lies in, the rest behind it, and whether the directory is a literal."""
    if not text.parts:
        return None
    first, rest = text.parts[0], text.parts[1:]
    if not isinstance(first, str):
        return ("the shared temp directory", list(rest), False) if first == ROOT else None
    plain = first.replace("\\", "/").lower()
    for directory, length, bare in _spelled(directories):
        if plain.startswith(bare) and plain[len(bare) : len(bare) + 1] in ("", "/"):
            return (directory, [first[length:], *rest], True)
    return None


@lru_cache(maxsize=4)
def _spelled(directories: tuple[str, ...]) -> tuple[tuple[str, int, str], ...]:
    """Each directory with its length and its plain spelling, without a separator at its end."""
    plain = [(directory, directory.replace("\\", "/").rstrip("/")) for directory in directories]
    return tuple((directory, len(bare), bare.lower()) for directory, bare in plain)


def tail(rest: list[Part]) -> str:
    """How the first component below the shared directory is made: empty, fixed, partly (fixed, with something unknown),
    guessable, chosen (by whoever named another file), unguessable, private, unknown.
    """
    kinds: list[str] = []
    started = False
    for part in rest:
        if isinstance(part, Hole):
            kinds.append(part.kind)
            continue
        text = part.replace("\\", "/")
        if not started:
            stripped = text.lstrip("/")
            if text and stripped == text and kinds == []:
                # `/tmpfoo`, or gettempdir() + "x": another name beside the directory, not in it.
                return "empty"
            started, text = True, stripped
        head, slash, _ = text.partition("/")
        if head:
            kinds.append("fixed")
        if slash:
            break
    for kind in ("unguessable", "private"):
        if kind in kinds:
            return kind
    if "unknown" in kinds or "root" in kinds:
        return "partly" if "fixed" in kinds else "unknown"
    for kind in ("chosen", "guessable"):
        if kind in kinds:
            return kind
    return "fixed" if kinds else "empty"


def named_in(text: PathText, longer: PathText, directories: tuple[str, ...]) -> bool:
    """Whether the first component below a shared directory is the same, and whole, in a text and a longer one."""
    mine, other = shared(text, directories), shared(longer, directories)
    return mine is not None and other is not None and bool(mine[1]) and _first(mine[1]) == _first(other[1]) != []


def _first(rest: list[Part]) -> list[Part]:
    """The parts of the first component below a shared directory."""
    found: list[Part] = []
    for part in rest:
        if isinstance(part, Hole):
            found.append(part)
            continue
        text = part.replace("\\", "/")
        head, slash, _ = (text if found else text.lstrip("/")).partition("/")
        if head:
            found.append(head)
        if slash:
            break
    return found


def constant(text: PathText) -> str | None:
    """The text if it has no hole."""
    if len(text.parts) == 1 and isinstance(text.parts[0], str):
        return text.parts[0]
    return "" if not text.parts else None
