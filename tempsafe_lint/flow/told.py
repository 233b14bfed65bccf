"""Commands that say themselves that they remove what they are given: `rm -f` in front of the path, or an option.

Only the command's own constant words count, wherever in the function they were put into it: a child that is told to
remove its input owns that. Limit: a variable that holds another path by the time of the call stands for its new one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tempsafe_lint.flow.commands import HOLE
from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.words import split
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.places import Names
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.ir.cfg import Function

#: A command is put together in so many steps.
_DEPTH = 8
#: Methods that put words into a list.
_FILLS = ("append", "extend", "insert")
_WORDS = re.compile(r"[a-z]+")
#: Where a command of a shell's text begins.
_BEGINS = re.compile(r"\|\||&&|[;&|(\n`]|\b(?:then|do)\b")


class _Part(NamedTuple):
    """Words that stand in a row; `holes` are the operands of those that are HOLE, in order. `text`: for a shell."""

    words: tuple[str, ...]
    holes: tuple[ev.Operand, ...]
    text: bool


def told_to_remove(t: Transfer, state: State, command: ev.Operand) -> Names:
    """What a command, a list of words or a text, is told to remove by its own words."""
    if not isinstance(command, str) or not state.has_things() or not may_remove(t.file, t.function):
        return []
    parts = list(_parts(t, command, _DEPTH, set()))
    every = any(_option(t, word, parts) for part in parts for word in part.words)
    holes = [hole for part in parts for hole in (part.holes if every else _removed(t, part))]
    return [(r, f, "path") for hole in holes for r, f, h in t.names(state, hole) if h in ("path", "mention", "wrapped")]


def may_remove(file: File, function: Function) -> bool:
    """Whether a command may be told to remove something in a function, by any of the texts in it."""
    if function.name not in file.removing:
        words = file.policies.removing | file.policies.removers
        texts = (text for block in function.blocks for event in block.events for text in _constants(event))
        file.removing[function.name] = any(not words.isdisjoint(_WORDS.findall(text)) for text in texts)
    return file.removing[function.name]


def promises(t: Transfer, call: ev.Call) -> bool:
    """Whether a keyword that is switched on says that the callee removes what it is given
    (`upload(path, delete_after_upload=True)`).
    """
    on = (split(name) for name, value in call.kwargs if value == ev.Const(True))
    return any(said & t.file.policies.removers and not said & t.file.policies.sparing for said in on)


def _constants(event: ev.Event) -> Iterator[str]:
    """The texts that stand in an event."""
    if isinstance(event, ev.Text | ev.Pack):
        operands: tuple[ev.Operand, ...] = event.parts if isinstance(event, ev.Text) else event.items
    elif isinstance(event, ev.Call):
        operands = event.args
    else:
        return
    yield from (o.value for o in operands if isinstance(o, ev.Const) and isinstance(o.value, str))


def _parts(t: Transfer, operand: ev.Operand, depth: int, seen: set[str]) -> Iterator[_Part]:
    """What a command is made of, whichever of its bindings it has."""
    if isinstance(operand, ev.Const) and isinstance(operand.value, str):
        yield _Part((operand.value,), (), text=True)
    if not isinstance(operand, str) or not depth or operand in seen:
        return
    seen.add(operand)
    index = mentions(t.file, t.function)
    for event in index.binders.get(operand, ()):
        if isinstance(event, ev.Bind):
            yield from _parts(t, event.src, depth - 1, seen)
        elif isinstance(event, ev.Pack):
            yield _words(event.items)
            for item in event.items:
                yield from _parts(t, item, depth - 1, seen)
        elif isinstance(event, ev.Text):
            flat = "".join(str(p.value) if isinstance(p, ev.Const) else HOLE for p in event.parts)
            yield _Part((flat,), tuple(p for p in event.parts if not isinstance(p, ev.Const)), text=True)
            for part in event.parts:
                yield from _parts(t, part, depth - 1, seen)
    for number in index.at.get(operand, ()):
        event = index.events[number]
        if isinstance(event, ev.Call) and event.receiver == operand and event.method in _FILLS:
            yield _words(event.args)
            for argument in event.args:
                yield from _parts(t, argument, depth - 1, seen)


def _words(items: tuple[ev.Operand, ...]) -> _Part:
    """A list of words."""
    words = tuple(item.value if isinstance(item, ev.Const) and isinstance(item.value, str) else HOLE for item in items)
    return _Part(words, tuple(item for item, word in zip(items, words, strict=True) if word == HOLE), text=False)


def _option(t: Transfer, text: str, parts: list[_Part]) -> bool:
    """Whether an option says that what the command is given goes: policy.toml, told-to-remove."""
    policies = t.file.policies
    for option in re.findall(r"(?:^|(?<=\s))--?([A-Za-z][\w-]*)", text):
        said = set(re.split(r"[-_]", option.lower()))
        if said & policies.removers and said & policies.removed and not said & policies.sparing:
            return True
        if said <= policies.removers and any(_is_packer(t, part) for part in parts):
            return True
    return False


def _is_packer(t: Transfer, part: _Part) -> bool:
    """Whether a command begins with a program that removes what it has packed, where it is told to."""
    first = part.words[0].split()[:1] if part.words else []
    return bool(first) and first[0].rpartition("/")[2] in t.file.policies.packers


def _removed(t: Transfer, part: _Part) -> list[ev.Operand]:
    """The operands that stand as whole words behind a program that removes."""
    if not part.text:
        named = [word.rpartition("/")[2] for word in part.words[:2]]
        return list(part.holes) if set(named) & t.file.policies.removing and named[0] != HOLE else []
    found: list[ev.Operand] = []
    number = 0
    for command in _BEGINS.split(part.words[0]):
        words = [word.strip("'\"") for word in re.split(r"\s+", command.strip())]
        programs = [word.rpartition("/")[2] for word in words if "=" not in word][:2]
        removes = bool(set(programs) & t.file.policies.removing)
        for word in words:
            if removes and word == HOLE:
                found.append(part.holes[number])
            number += word.count(HOLE)
    return found
