"""Reading pragmas out of comments, and saying what is wrong with those that cannot be read. Offsets are code points."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from tempsafe_lint.records import dataclass
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

IGNORE, DISABLE, ENABLE, FILE = "ignore", "disable", "enable", "file-ignore"
VERBS = (IGNORE, DISABLE, ENABLE, FILE)

_PRAGMA = re.compile(r"#\s*tempsafe:\s*(?P<verb>[a-z-]+)\[(?P<list>[^\]#]*)\]")
#: What somebody may have meant as one. In prose a word that is no verb stands there, and no bracket.
_LOOSE = re.compile(r"#\s*tempsafe\s*(?P<colon>:?)\s*(?P<verb>[a-z_-]+)\s*(?P<bracket>[\[(]?)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(?<!\w)(?P<key>reason|until)=(?P<value>\"(?:[^\"\\]|\\.)*\"|[^\s\"]*)")
#: A code or the beginning of one with its family's digit, or the name of a rule.
_SELECTOR = re.compile(r"TMP[1-9][0-9]{0,2}|[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
#: Ruff's own comments have the same shape; theirs are not ours to correct.
_RUFF = re.compile(r"#\s*ruff:\s*(?P<verb>ignore|disable|enable|file-ignore)\[(?P<list>[^\]#]*)\]")


@dataclass(frozen=True, slots=True)
class Pragma:
    """One readable pragma. `at` is from its `#` to its `]`; `selectors` are rules as they are written, each once, and
    `own` says that nothing but the comment stands on its row. `foreign` ones are of another tool."""

    at: Span
    verb: str
    selectors: tuple[str, ...]
    own: bool
    reason: str | None = None
    until: date | None = None
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """A comment that was meant to silence something and does not say what."""

    at: Span
    message: str


def covers(selector: str, code: str, name: str) -> bool:
    """Whether a selector of a pragma means the rule."""
    return selector == name or (selector.startswith("TMP") and code.startswith(selector))


def read(comment: str, start: int, own: bool, rules: Mapping[str, str]) -> Iterator[Pragma | Slip]:
    """The pragmas of one comment, in order. `start` is the offset of its `#`, `rules` are codes with names."""
    strict = {found.start(): found for found in _PRAGMA.finditer(comment)}
    places = [found.start() for found in _LOOSE.finditer(comment)]
    for number, found in enumerate(_LOOSE.finditer(comment)):
        exact = strict.get(found.start())
        stop = places[number + 1] if number + 1 < len(places) else len(comment)
        if exact is None:
            message = _meant(found)
            if message:
                yield Slip(Span(start + found.start(), start + len(comment[:stop].rstrip())), message)
            continue
        at = Span(start + exact.start(), start + exact.end())
        try:
            yield _pragma(exact, comment[exact.end() : stop], at, own, rules)
        except _Wrong as wrong:
            yield Slip(at, str(wrong))


def _near(word: str, known: Sequence[str], likeness: float = 0.6) -> str | None:
    """The known word that may have been meant."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, known, 1, likeness)), None)


class _Wrong(ValueError):
    """What is wrong with a pragma."""


def _meant(found: re.Match[str]) -> str | None:
    """What is wrong with a comment that is nearly a pragma; None if it is prose."""
    verb, bracket = found["verb"].lower(), found["bracket"]
    near = verb if verb in VERBS else _near(verb, VERBS, 0.75)
    if near is None or not (found["colon"] or bracket) or (near != verb and not bracket):
        return f"`{found['verb']}` is none of {_listed(VERBS)}" if found["colon"] and bracket == "[" else None
    return f"this silences nothing: write `# tempsafe: {near}[CODE]` with the rules in brackets"


def _pragma(found: re.Match[str], rest: str, at: Span, own: bool, rules: Mapping[str, str]) -> Pragma:
    verb = found["verb"]
    if verb not in VERBS:
        raise _Wrong(f"`{verb}` is none of {_listed(VERBS)}")
    selectors = _selectors(found["list"], rules)
    if verb != IGNORE and not own:
        raise _Wrong(f"`{verb}` has to stand on a line of its own")
    reason, until = None, None
    for attribute in _ATTRIBUTE.finditer(rest):
        value = attribute["value"]
        if attribute["key"] == "reason":
            if not value.startswith('"'):
                raise _Wrong('a reason stands in quotes: `reason="..."`')
            reason = re.sub(r"\\(.)", r"\1", value[1:-1]).strip() or None
        else:
            until = _date(value)
    return Pragma(at, verb, selectors, own, reason, until)


def _selectors(text: str, rules: Mapping[str, str]) -> tuple[str, ...]:
    """The rules that are named. One slip may have meant anything, so nothing is taken then."""
    words = [word.strip() for word in text.split(",")]
    if words == [""]:
        raise _Wrong("this silences nothing: no rule is named")
    for word in words:
        if not _SELECTOR.fullmatch(word):
            raise _Wrong(f"`{word}` is no rule: codes and names are parted by commas")
        if not any(covers(word, code, name) for code, name in rules.items()):
            near = _near(word, [*rules, *rules.values()])
            raise _Wrong(f"`{word}` is no rule" + (f"; did you mean `{near}`?" if near else ""))
    return tuple(dict.fromkeys(words))


def _date(text: str) -> date:
    text = text.strip('"')
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise _Wrong(f"`until={text}` is no date: write `until=YYYY-MM-DD`") from None


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def of_ruff(comment: str, start: int, own: bool, meanings: Mapping[str, tuple[str, ...]]) -> Iterator[Pragma]:
    """Ruff's pragmas for the rules of its own that stand in `meanings`, as pragmas for ours."""
    for found in _RUFF.finditer(comment):
        words = [word.strip() for word in found["list"].split(",")]
        ours = tuple(dict.fromkeys(code for word in words for code in meanings.get(word, ())))
        if ours:
            at = Span(start + found.start(), start + found.end())
            yield Pragma(at, found["verb"], ours, own, foreign=True)
