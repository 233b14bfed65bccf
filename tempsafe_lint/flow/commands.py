"""The words of a command that a call starts, as far as they are written down: a list, or a shell's text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tempsafe_lint.flow.values import PathText

if TYPE_CHECKING:
    from tempsafe_lint.flow.calls import Argument
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer

#: A program stands this far from the front at most: behind `sudo`, `env X=1`.
_PREFIXES = 3
#: Words of one command that are looked at.
MOST_WORDS = 40
#: What stands in a text for a part that is not constant.
HOLE = "\0"


def words(t: Transfer, state: State, arg: Argument) -> list[str]:
    """The words in order; one that is not constant is HOLE, or has it in its middle. Empty where nothing is known."""
    operand = arg.operand
    if isinstance(operand, str) and f"{operand}[0]" in state.env:
        known = [_number(place[len(operand) :]) for place in state.places(operand)]
        found = [t.texts.of(state, f"{operand}[{i}]", arg.site) for i in range(min(max(known) + 1, MOST_WORDS))]
        return [_flat(texts[0]) if len(texts) == 1 else HOLE for texts in found]
    texts = t.texts.of(state, operand, arg.site)
    return re.split(r"[ \t\n]+", _flat(texts[0]).strip()) if len(texts) == 1 else []


def _number(suffix: str) -> int:
    """The position in `[3]`; -1 for anything else that hangs on a place."""
    found = re.fullmatch(r"\[(\d+)\]", suffix)
    return int(found.group(1)) if found else -1


def _flat(text: PathText) -> str:
    return "".join(part if isinstance(part, str) else HOLE for part in text.parts)


class ModeChange(NamedTuple):
    """`mode` as it is written, the `paths` behind it; `whole`: none of them only begins with something unknown."""

    mode: str
    paths: tuple[str, ...]
    whole: bool


def mode_change(t: Transfer, state: State, arg: Argument) -> ModeChange | None:
    """What a command does to modes: policy.toml, mode-changers."""
    found = words(t, state, arg)
    programs = t.file.policies.mode_changers
    start = next((i for i, word in enumerate(found[:_PREFIXES]) if word.rpartition("/")[2] in programs), None)
    if start is None:
        return None
    rest = [word for word in found[start + 1 :] if not word.startswith("-")]
    if not rest or HOLE in rest[0]:
        return None
    paths = tuple(word.strip("'\"") for word in rest[1:])
    return ModeChange(rest[0], paths, all(word == HOLE or HOLE not in word for word in paths))


def goes_on(t: Transfer, state: State, arg: Argument) -> bool:
    """Whether a command only starts something that goes on by itself: policy.toml, launchers; `&` at the end."""
    found = words(t, state, arg)
    if not found:
        return False
    return found[0].rpartition("/")[2] in t.file.policies.launchers or found[-1] == "&"
