"""Files in which a project says what it needs: whether a requirement stands there, and how to put it in.

Text in, answer out: nothing here opens a file. An edit is proved before it is given: the new text is read again, and
must say what the old one said and the requirement besides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Sequence


class State(Enum):
    """What a manifest has to say about one requirement.

    DECLARED: it stands there. ADDED: it can be put in, and the answer has the text. ELSEWHERE: the project keeps its
    dependencies in another place, which is not ours to edit. REFUSED: this is the place, and it cannot be edited.
    ABSENT: this file declares no dependencies at all.
    """

    DECLARED = "declared"
    ADDED = "added"
    ELSEWHERE = "elsewhere"
    REFUSED = "refused"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking one manifest. `text` is the whole new text if the state is ADDED; `why` is one line about
    ELSEWHERE and REFUSED. `follow` are files, relative to this one, that hold the dependencies in its place; `included`
    are files whose lines count as its own."""

    state: State
    text: str = ""
    why: str = ""
    follow: tuple[str, ...] = ()
    included: tuple[str, ...] = ()


_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?=\s*(?:$|[\[(<>=!~;@,#]))")


def name_of(requirement: str) -> str | None:
    """The normalised name of a requirement as packaging tools compare names, or None if it does not begin with one.

    `Foo.Bar[x]>=1; python_version < "4"` gives `foo-bar`.
    """
    found = _NAME.match(requirement)
    return canonicalize_name(found[1]) if found else None


def place_among(names: Sequence[str | None], new: str) -> int:
    """Where a new name goes: in its place if the list is in order, else at the end."""
    known = [name or "" for name in names]
    if len(known) < 2 or known != sorted(known):
        return len(known)
    return next((place for place, name in enumerate(known) if name > new), len(known))


def in_lf(text: str) -> tuple[str, bool]:
    """The text with bare line feeds, and whether every line of it ended with CR LF."""
    whole = "\r\n" in text and text.count("\n") == text.count("\r\n")
    return (text.replace("\r\n", "\n"), True) if whole else (text, False)
