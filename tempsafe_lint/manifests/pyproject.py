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
#: What groups and extras for tests are called.
_FOR_TESTS = ("test", "tests", "testing", "dev")
#: Tools that keep dependencies in a table of their own, which is not edited.
_OTHERS = (("flit", "metadata"), ("pixi", "dependencies"))


def ask(text: str, requirement: str, *, test: bool = False) -> Answer:
    """Whether `requirement` is declared, and the text in which it is.

    `test` says that only test code needs it: then a group or an extra that has it will do, and if there is one for
    tests, that is where it goes.
    """
    wanted = name_of(requirement)
    assert wanted is not None
    plain, crlf = in_lf(text)
    try:
        document = tomlkit.parse(plain)
    except (TOMLKitError, RecursionError) as error:
        return Answer(State.REFUSED, why=f"it is not valid TOML: {error}")
    data: dict[str, Any] = document.unwrap()
    try:
        return _answer(document, data, requirement, wanted, test=test, crlf=crlf)
    except (AttributeError, KeyError, TypeError, ValueError, TOMLKitError):
        return Answer(State.REFUSED, why="its dependencies are not written as they should be")


def _answer(document: Any, data: dict[str, Any], requirement: str, wanted: str, *, test: bool, crlf: bool) -> Answer:
    project, tool = data.get("project"), data.get("tool", {})
    poetry = tool.get("poetry", {})
    own = {name_of(str(table.get("name", ""))) for table in (project or {}, poetry)}
    if wanted in own | _names(data, groups=test):  # a project does not depend on itself
        return Answer(State.DECLARED)
    group = _group(data) if test else None
    if group is not None:
        put = _into_poetry if group[0] == "tool" else _into_list
        return put(document, data, group, requirement, crlf=crlf)
    if project is not None and "dependencies" not in project.get("dynamic", ()):
        if "name" not in project:
            return Answer(State.ABSENT)
        return _into_list(document, data, ("project", "dependencies"), requirement, crlf=crlf)
    if "dependencies" in poetry:
        return _into_poetry(document, data, ("tool", "poetry", "dependencies"), requirement, crlf=crlf)
    if project is not None:
        return Answer(State.ELSEWHERE, why="its dependencies are dynamic", follow=_dynamic(tool))
    for first, second in _OTHERS:
        if second in tool.get(first, {}):
            return Answer(State.ELSEWHERE, why=f"its dependencies are in `tool.{first}.{second}`")
    return Answer(State.ABSENT)


def _group(data: dict[str, Any]) -> tuple[str, ...] | None:
    """The way to the first list or table for what only tests need."""
    for above in (("dependency-groups",), ("project", "optional-dependencies"), ("tool", "poetry", "group")):
        inner = data
        for key in above:
            inner = inner.get(key, {})
        for name in _FOR_TESTS:
            if name in inner:
                return (*above, name, "dependencies") if above[0] == "tool" else (*above, name)
    return None


def _dynamic(tool: dict[str, Any]) -> tuple[str, ...]:
    """The files from which setuptools, or hatchling's plugin for requirements files, takes dependencies."""
    files = tool.get("setuptools", {}).get("dynamic", {}).get("dependencies", {}).get("file", ())
    if not files:
        hook = tool.get("hatch", {}).get("metadata", {}).get("hooks", {}).get("requirements_txt", {})
        files = hook.get("files", hook.get("filename", ()))
    return (files,) if isinstance(files, str) else tuple(files)


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


def _into_list(document: Any, data: dict[str, Any], way: tuple[str, ...], requirement: str, *, crlf: bool) -> Answer:
    """Put the requirement into a list of requirements; that of `[project]` is made if there is none."""
    before, table = document.as_string(), document
    for key in way[:-1]:
        table = table[key]
    if way[-1] not in table:
        new = _with_new_list(document, f"{way[-1]} = {json.dumps([requirement])}")
        return _proved(before, new, data, way, [requirement], crlf=crlf)
    items = table[way[-1]]
    known = items.unwrap()
    names = [name_of(item) if isinstance(item, str) else None for item in known]
    place = place_among(names, name_of(requirement) or "")
    items.insert(place, requirement)
    return _proved(before, tomlkit.dumps(document), data, way, [*known[:place], requirement, *known[place:]], crlf=crlf)


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


def _into_poetry(document: Any, data: dict[str, Any], way: tuple[str, ...], requirement: str, *, crlf: bool) -> Answer:
    found = _SIMPLE.fullmatch(requirement)
    if found is None:
        return Answer(State.ELSEWHERE, why=f"`{'.'.join(way)}` has another form for this requirement")
    version = found[1].strip() or "*"
    name = requirement[: len(requirement) - len(found[1])].strip()
    before, table = document.as_string(), document
    for key in way:
        table = table[key]
    table[name] = version
    return _proved(before, tomlkit.dumps(document), data, (*way, name), version, crlf=crlf)


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
