"""`# noqa` as flake8 reads it, to the letter: it searches the text of rows, strings included, not comments.

Also bandit's `# nosec` and ruff's `# ruff: noqa`, for the rules of theirs that one of ours is about.
Sources: flake8's `defaults.py`, `processor.py` and `violation.py` (6.1 and 7.5); bandit's `core/manager.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tempsafe_lint.records import dataclass
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tempsafe_lint.findings import Finding

#: What flake8 takes as a list of codes; whatever else follows the word makes it a blanket one.
INLINE = re.compile(r"# noqa(?::\s?(?P<codes>(?:[A-Z]+[0-9]+(?:[,\s]+)?)+))?", re.IGNORECASE)
_FILE = re.compile(r"^\s*# flake8[:=]\s*noqa", re.IGNORECASE | re.MULTILINE)
#: What somebody may have meant as one for us.
_LOOSE = re.compile(r"#(?P<gap>\s*)noqa(?P<rest>[^#\r\n]*)", re.IGNORECASE)
_NOSEC = re.compile(r"#\s*nosec:?\s*(?P<tests>[^#\r\n]*)")
_RUFF_FILE = re.compile(r"^\s*#\s*ruff:\s*noqa(?::\s*(?P<codes>[^\r\n#]*))?\s*$", re.IGNORECASE | re.MULTILINE)

#: What other tools call the defect of one of our rules.
MEANINGS = {
    "S108": ("TMP101",),
    "hardcoded-temp-file": ("TMP101",),
    "B108": ("TMP101",),
    "hardcoded_tmp_directory": ("TMP101",),
    "S306": ("TMP201",),
    "suspicious-mktemp-usage": ("TMP201",),
    "B306": ("TMP201",),
    "mktemp_q": ("TMP201",),
}
_BLANKET = tuple(sorted({code for codes in MEANINGS.values() for code in codes}))


@dataclass(frozen=True, slots=True)
class Noqa:
    """One comment of a row. `codes` None silences everything."""

    at: Span
    codes: tuple[str, ...] | None

    def silences(self, finding: Finding) -> bool:
        return self.codes is None or finding.code.startswith(self.codes)


def in_row(text: str, start: int) -> Noqa | None:
    """What flake8 finds in the text of a row (or of rows that it takes together); `start` is the text's offset."""
    found = INLINE.search(text)
    if found is None:
        return None
    at = Span(start + found.start(), start + len(text[: found.end()].rstrip(", \t\r\n")))
    return Noqa(at, None if found["codes"] is None else tuple(_words(found["codes"])))


def of_file(text: str) -> bool:
    """Whether flake8 leaves the whole file out."""
    return _FILE.search(text) is not None


def foreign(row: str, honored: tuple[str, ...]) -> tuple[str, ...]:
    """Our codes that comments of other tools silence in a row."""
    codes: list[str] = []
    if "noqa" in honored:
        found = INLINE.search(row)
        if found is not None and found["codes"]:
            words = tuple(_words(found["codes"]))
            codes += [code for name, ours in MEANINGS.items() if name.startswith(words) for code in ours]
    if "nosec" in honored:
        found = _NOSEC.search(row)
        if found is not None:
            named = [word for word in _words(found["tests"]) if re.fullmatch(r"B\d+", word) or word in MEANINGS]
            codes += [code for word in named for code in MEANINGS.get(word, ())] if named else _BLANKET
    return tuple(codes)


def foreign_in_file(text: str, honored: tuple[str, ...]) -> tuple[str, ...]:
    """Our codes that ruff's comment for a whole file silences."""
    codes: list[str] = []
    for found in _RUFF_FILE.finditer(text) if "ruff" in honored else ():
        if found["codes"] is None:
            return _BLANKET
        codes += [code for word in _words(found["codes"]) for code in MEANINGS.get(word, ())]
    return tuple(codes)


def names_ours(text: str, rules: Mapping[str, str]) -> bool:
    """Whether anything in a text may be such a comment with a rule of ours, as flake8 reads it or not."""
    return any("TMP" in found["rest"] or _ours(found, rules) for found in _LOOSE.finditer(text))


def slips(comment: str, start: int, rules: Mapping[str, str]) -> Iterator[tuple[Span, str]]:
    """Comments that name a rule of ours where flake8 does not see it: it silences everything then, or nothing."""
    for found in _LOOSE.finditer(comment):
        ours = _ours(found, rules)
        if not ours:
            continue
        at = Span(start + found.start(), start + len(comment[: found.end()].rstrip()))
        wanted = ", ".join(_code(word, rules) for word in ours)
        seen = INLINE.match(comment, found.start())
        if seen is None:
            yield at, f"flake8 does not see this: write `# noqa: {wanted}`"
        elif seen["codes"] is None:
            yield at, f"flake8 takes this for all codes there are: write `# noqa: {wanted}`"


def _ours(found: re.Match[str], rules: Mapping[str, str]) -> list[str]:
    """The rules of ours that are named behind the word."""
    listed = found["rest"].lstrip().startswith(":")  # in prose the name of a rule is a word like any other
    words = re.split(r"[^\w-]+", found["rest"])
    return [word for word in words if _is_code(word) or (listed and word in rules.values())]


def _is_code(word: str) -> bool:
    return re.fullmatch(r"TMP\d{0,3}", word) is not None


def _code(word: str, rules: Mapping[str, str]) -> str:
    if word == "TMP":
        return "TMP201"
    return next((code for code, name in rules.items() if name == word), word)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]
