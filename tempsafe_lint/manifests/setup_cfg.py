"""`setup.cfg`: `install_requires` of `[options]`, edited as text so that comments and layout stay."""

from __future__ import annotations

import configparser
import re

from tempsafe_lint.manifests import Answer, State, in_lf, name_of, place_among

_KEY = re.compile(r"install[_-]requires\s*[=:][ \t]*(.*)", re.IGNORECASE)
_FILES = re.compile(r"file:\s*(.+)", re.DOTALL)


def ask(text: str, requirement: str, *, test: bool = False) -> Answer:
    """Whether `requirement` is declared, and the text in which it is; for test code an extra will do."""
    wanted = name_of(requirement)
    assert wanted is not None
    plain, crlf = in_lf(text)
    try:
        parsed = _parsed(plain)
    except configparser.Error as error:
        if "install" not in plain:
            return Answer(State.ABSENT)
        return Answer(State.REFUSED, why=f"it cannot be read: {str(error).splitlines()[0]}")
    value = _requires(parsed)
    if value is None:
        return Answer(State.ABSENT)
    names = [name_of(line) for line in value.split("\n")]
    names.append(name_of(parsed.get("metadata", "name", fallback="")))  # a project does not depend on itself
    if test and parsed.has_section("options.extras_require"):
        extras = dict(parsed.items("options.extras_require")).values()
        names += [name_of(line) for extra in extras for line in extra.split("\n")]
    if wanted in names:
        return Answer(State.DECLARED)
    files = _FILES.match(value.strip())
    if files:
        follow = tuple(name.strip() for name in re.split(r"[,\n]", files[1]) if name.strip())
        return Answer(State.ELSEWHERE, why="it reads its dependencies from another file", follow=follow)
    new = _with_row(plain.split("\n"), requirement)
    if new is None or not _proved(plain, new, requirement):
        return Answer(State.REFUSED, why="`install_requires` cannot be edited without changing something else")
    return Answer(State.ADDED, new.replace("\n", "\r\n") if crlf else new)


def _parsed(text: str) -> configparser.RawConfigParser:
    parsed = configparser.RawConfigParser()
    parsed.read_string(text)
    return parsed


def _requires(parsed: configparser.RawConfigParser) -> str | None:
    """The raw value of `install_requires`; setuptools takes the key with a dash, too."""
    for key in ("install_requires", "install-requires"):
        if parsed.has_option("options", key):
            return parsed.get("options", key)
    return None


def _with_row(rows: list[str], requirement: str) -> str | None:
    """The text with one more row in the list; None where the list cannot be seen."""
    section = ""
    for number, row in enumerate(rows):
        if found := re.match(r"\[([^]]+)\]", row):
            section = found[1].strip()
        key = _KEY.match(row)
        if section != "options" or key is None:
            continue
        last = number + 1
        while last < len(rows) and (not rows[last].strip() or rows[last][:1].isspace() or rows[last].startswith("#")):
            last += 1
        held = [at for at in range(number + 1, last) if rows[at].strip() and rows[at][:1].isspace()]
        return _placed(rows, number, held, key, requirement)
    return None


def _placed(rows: list[str], number: int, held: list[int], key: re.Match[str], requirement: str) -> str | None:
    rows = list(rows)
    inline = key[1].strip()
    if inline:
        if ";" in inline or "#" in inline or held:
            return None  # one row: a semicolon may part two requirements, or a requirement and its marker
        rows[number : number + 1] = [row_head(rows[number], key), f"    {inline}", f"    {requirement}"]
        return "\n".join(rows)
    values = [at for at in held if not rows[at].lstrip().startswith("#")]
    indent = rows[values[0]][: len(rows[values[0]]) - len(rows[values[0]].lstrip())] if values else "    "
    place = place_among([name_of(rows[at]) for at in values], name_of(requirement) or "")
    at = values[place] if place < len(values) else (held[-1] if held else number) + 1
    rows.insert(at, f"{indent}{requirement}")
    return "\n".join(rows)


def row_head(row: str, key: re.Match[str]) -> str:
    """`install_requires =` of a row, without the value behind it."""
    return row[: key.start(1)].rstrip()


def _proved(before: str, after: str, requirement: str) -> bool:
    """Whether the new text says what the old one said, and the requirement besides."""
    old, new = _parsed(before), _parsed(after)
    lines = [_lines(_requires(parsed)) for parsed in (old, new)]
    for parsed in (old, new):
        parsed.remove_option("options", "install_requires")
        parsed.remove_option("options", "install-requires")
    rest = [{name: dict(parsed.items(name)) for name in parsed.sections()} for parsed in (old, new)]
    return rest[0] == rest[1] and sorted([*lines[0], requirement]) == sorted(lines[1])


def _lines(value: str | None) -> list[str]:
    return [line.strip() for line in (value or "").split("\n") if line.strip()]
