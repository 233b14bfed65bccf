"""`pyproject.toml`: `project.dependencies`, or Poetry's table where that has them. tomlkit keeps the formatting."""

from __future__ import annotations

import json
import re
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from tempsafe_lint.manifests import Answer, State, in_lf, name_of, place_among

#: The table from its header to the next one.
_TABLE = re.compile(r"^[^\S\n]*\[[^\S\n]*project[^\S\n]*\][^\n]*$(?:\n(?![^\S\n]*\[)[^\n]*)*", re.MULTILINE)
_SIMPLE = re.compile(r"\s*[\w.-]+\s*((?:[<>=!~]=?=?\s*[\w.*+!-]+\s*,?\s*)*)")
#: Tools that keep dependencies in a table of their own, which is not edited.
_OTHERS = (("flit", "metadata"), ("pixi", "dependencies"))


def ask(text: str, requirement: str, *, test: bool = False) -> Answer:
    """Whether `requirement` is declared, and the text in which it is.

    `test` says that only test code needs it: then a group or an extra that has it will do.
    """
    wanted = name_of(requirement)
    assert wanted is not None
    plain, crlf = in_lf(text)
    try:
        document = tomlkit.parse(plain)
    except TOMLKitError as error:
        return Answer(State.REFUSED, why=f"it is not valid TOML: {error}")
    data: dict[str, Any] = document.unwrap()
    try:
        return _answer(document, data, requirement, wanted, test=test, crlf=crlf)
    except (AttributeError, KeyError, TypeError, ValueError, TOMLKitError):
        return Answer(State.REFUSED, why="its dependencies are not written as they should be")


def _answer(document: Any, data: dict[str, Any], requirement: str, wanted: str, *, test: bool, crlf: bool) -> Answer:
    project, tool = data.get("project"), data.get("tool", {})
    poetry = tool.get("poetry", {})
    if wanted in _names(data, groups=test):
        return Answer(State.DECLARED)
    if project is not None and "dependencies" not in project.get("dynamic", ()):
        if "name" not in project:
            return Answer(State.ABSENT)
        before = document.as_string()
        new, items = _into_list(document, requirement)
        return _proved(before, new, data, ("project", "dependencies"), items, crlf=crlf)
    if "dependencies" in poetry:
        return _into_poetry(document, data, requirement, crlf)
    if project is not None:
        files = tool.get("setuptools", {}).get("dynamic", {}).get("dependencies", {}).get("file", ())
        files = (files,) if isinstance(files, str) else tuple(files)
        return Answer(State.ELSEWHERE, why="its dependencies are dynamic", follow=files)
    for first, second in _OTHERS:
        if second in tool.get(first, {}):
            return Answer(State.ELSEWHERE, why=f"its dependencies are in `tool.{first}.{second}`")
    return Answer(State.ABSENT)


def _names(data: dict[str, Any], *, groups: bool) -> set[str | None]:
    """The names of everything that the file declares; extras and groups only on request: what production code needs has
    to come without asking."""
    project, tool = data.get("project", {}), data.get("tool", {})
    poetry = tool.get("poetry", {})
    lists = [project.get("dependencies", [])]
    tables = [poetry.get("dependencies", {})]
    if groups:
        lists += [*project.get("optional-dependencies", {}).values(), *data.get("dependency-groups", {}).values()]
        lists.append(tool.get("uv", {}).get("dev-dependencies", []))
        lists += list(tool.get("pdm", {}).get("dev-dependencies", {}).values())
        tables += [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
        tables.append(poetry.get("dev-dependencies", {}))
    found = {name_of(item) for items in lists for item in items if isinstance(item, str)}
    return found | {name_of(name) for table in tables for name in table}


def _into_list(document: Any, requirement: str) -> tuple[str, list[str]]:
    """The text with the requirement in `project.dependencies`, and what the list holds then."""
    table = document["project"]
    if "dependencies" not in table:
        return _with_new_list(document, f"dependencies = {json.dumps([requirement])}"), [requirement]
    items = table["dependencies"]
    known = [str(item) for item in items]
    place = place_among([name_of(item) for item in known], name_of(requirement) or "")
    items.insert(place, requirement)
    return tomlkit.dumps(document), [*known[:place], requirement, *known[place:]]


def _with_new_list(document: Any, row: str) -> str:
    """The text with a row behind the last key of `[project]`; where the table has no header, tomlkit finds a place."""
    text: str = document.as_string()
    found = _TABLE.search(text)
    if found is None:
        name, _, value = row.partition(" = ")
        document["project"][name] = json.loads(value)
        return tomlkit.dumps(document)
    rows = list(re.finditer(r"^[^\S\n]*[^#\s][^\n]*$", found[0], re.MULTILINE))
    at = found.start() + rows[-1].end()
    return f"{text[:at]}\n{row}{text[at:]}"


def _into_poetry(document: Any, data: dict[str, Any], requirement: str, crlf: bool) -> Answer:
    found = _SIMPLE.fullmatch(requirement)
    if found is None:
        return Answer(State.ELSEWHERE, why="`tool.poetry.dependencies` has another form for this requirement")
    version = found[1].strip() or "*"
    name = requirement[: len(requirement) - len(found[1])].strip()
    before = document.as_string()
    document["tool"]["poetry"]["dependencies"][name] = version
    path = ("tool", "poetry", "dependencies", name)
    return _proved(before, tomlkit.dumps(document), data, path, version, crlf=crlf)


def _proved(before: str, new: str, data: dict[str, Any], path: tuple[str, ...], value: Any, *, crlf: bool) -> Answer:
    """The new text, if reading it gives the old data with `value` at `path` and nothing else, and every comment."""
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    again = tomlkit.parse(new).unwrap()
    if again != data or _comments(before) != _comments(new):
        return Answer(State.REFUSED, why="it cannot be edited without changing something else")
    return Answer(State.ADDED, new.replace("\n", "\r\n") if crlf else new)


def _comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]
