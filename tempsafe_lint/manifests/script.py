"""The header of a script that says what it needs (PEP 723): a TOML document in comments."""

from __future__ import annotations

import json
import re

import tomlkit
from tomlkit.exceptions import TOMLKitError

from tempsafe_lint.manifests import Answer, State, in_lf, name_of, place_among

#: As PEP 723 gives it, for blocks of the type `script`.
_BLOCK = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


def ask(text: str, requirement: str) -> Answer:
    """Whether the header of a script declares `requirement`, and the script in which it does.

    ABSENT where there is no header.
    """
    wanted = name_of(requirement)
    assert wanted is not None
    plain, crlf = in_lf(text)
    found = list(_BLOCK.finditer(plain))
    if not found:
        return Answer(State.ABSENT)
    if len(found) > 1:
        return Answer(State.REFUSED, why="the script has two headers")
    content = "".join(line[2:] if line.startswith("# ") else line[1:] for line in found[0]["content"].splitlines(True))
    try:
        document = tomlkit.parse(content)
        items = document.unwrap().get("dependencies", [])
        if wanted in map(name_of, items):
            return Answer(State.DECLARED)
        new = _declared(document, items, requirement)
        if tomlkit.parse(new).unwrap() != {**document.unwrap(), "dependencies": _with(items, requirement)}:
            raise ValueError
    except (TOMLKitError, TypeError, ValueError, AttributeError):
        return Answer(State.REFUSED, why="the script's header is not as PEP 723 has it")
    lines = "".join(f"# {line}" if line.strip() else f"#{line}" for line in new.splitlines(True))
    start, end = found[0].span("content")
    result = plain[:start] + lines + plain[end:]
    return Answer(State.ADDED, result.replace("\n", "\r\n") if crlf else result)


def _with(items: list[str], requirement: str) -> list[str]:
    place = place_among([name_of(item) for item in items], name_of(requirement) or "")
    return [*items[:place], requirement, *items[place:]]


def _declared(document: tomlkit.TOMLDocument, items: list[str], requirement: str) -> str:
    text = document.as_string()
    if "dependencies" not in document:
        row = f"dependencies = {json.dumps([requirement])}\n"
        tables = re.search(r"^\[", text, re.MULTILINE)
        at = len(text[: tables.start()].rstrip("\n") + "\n") if tables else len(text)
        return text[:at] + row + text[at:]
    array = document["dependencies"]
    assert isinstance(array, tomlkit.items.Array)
    array.insert(_with(items, requirement).index(requirement), requirement)
    return tomlkit.dumps(document)
