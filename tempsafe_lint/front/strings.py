"""Text: what a string literal says, and the parts of a text that is put together.

Limits: a conversion (`!r`, `%r`) or a format spec is not applied; the value itself stands as the part.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from tempsafe_lint.ir import events as ev

_LITERAL = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")
_STRING = re.compile(
    r"""[A-Za-z]{0,2}(?:
    \"\"\"[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*\"\"\"
  | '''[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*'''
  | "[^"\\\n]*(?:\\(?:\r\n|[\s\S])[^"\\\n]*)*"
  | '[^'\\\n]*(?:\\(?:\r\n|[\s\S])[^'\\\n]*)*'
    )""",
    re.VERBOSE,
)
_GAP = re.compile(r"(?:[ \t\f\r\n]|\\\r?\n|\#[^\n]*)*")
_LINE_END = re.compile(r"\r\n?")
_ESCAPE = re.compile(
    r"\\(\r\n|[\r\n]|[\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]+\})"
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?P<width>\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[a-zA-Z%])")


def literal(source: str) -> str | bytes:
    """The value of one string literal as it is written, prefix and quotes included."""
    if is_plain(source):
        return source[1:-1]
    found = _LITERAL.match(source)
    if found is None:
        return source
    prefix, quote = found.group(1).lower(), found.group(2)
    body = source[found.end() : len(source) - len(quote)]
    text = unescaped(body, "r" in prefix, "b" in prefix)
    return text.encode("latin-1", "replace") if "b" in prefix else text


def is_plain(source: str) -> bool:
    """Whether a text is one literal whose text stands between its two quotes as it is."""
    quote = source[:1]
    return quote in "'\"" and source.count(quote) == 2 and source.endswith(quote) and "\\" not in source


def each_literal(source: str) -> list[str]:
    """The string literals that stand in a row in a text, as they are written; none if there is anything else in it."""
    found, out = _STRING.match(source), list[str]()
    while found is not None:
        out.append(found.group())
        if found.end() == len(source):
            return out
        gap = _GAP.match(source, found.end())
        found = _STRING.match(source, gap.end() if gap else found.end())
    return []


def unescaped(body: str, raw: bool, octets: bool = False) -> str:
    """The text that a literal's body stands for; an escape that Python would refuse stays as it is."""
    if "\r" in body:
        body = _LINE_END.sub("\n", body)
    if raw or "\\" not in body:
        return body
    return _ESCAPE.sub(_escape_of_bytes if octets else _escape, body)


def _escape(found: re.Match[str]) -> str:
    code = found.group(1)
    first = code[0]
    if first in "\r\n":
        return ""
    if first in _SIMPLE:
        return _SIMPLE[first]
    if first in "xuU":
        number = int(code[1:], 16)
        return chr(number) if number < 0x110000 else found.group()
    if first == "N":
        try:
            return unicodedata.lookup(code[2:-1])
        except KeyError:
            return found.group()
    return chr(int(code, 8)) if first.isdigit() else code


def _escape_of_bytes(found: re.Match[str]) -> str:
    if found.group(1)[0] in "uUN":
        return found.group()
    text = _escape(found)
    return chr(ord(text) & 0xFF) if text else ""


def merged(parts: Iterable[ev.Operand]) -> list[ev.Operand]:
    """The parts with neighbouring constant texts joined and empty ones left out."""
    out: list[ev.Operand] = []
    for part in parts:
        if isinstance(part, ev.Const):
            value = part.value
            if value in ("", b""):
                continue
            last = out[-1].value if out and isinstance(out[-1], ev.Const) else None
            if isinstance(value, str) and isinstance(last, str):
                out[-1] = ev.Const(last + value)
                continue
            if isinstance(value, bytes) and isinstance(last, bytes):
                out[-1] = ev.Const(last + value)
                continue
        out.append(part)
    return out


def percent(
    template: str | bytes, positional: Sequence[ev.Operand] | None, named: dict[object, ev.Operand], whole: ev.Operand
) -> list[ev.Operand]:
    """The parts of `template % arguments`: literal text and arguments in order.

    `positional` is None where the right side is not a tuple display; then `whole` stands at every field.
    """
    text = template.decode("latin-1") if isinstance(template, bytes) else template
    pack: Callable[[str], ev.Const] = _as_bytes if isinstance(template, bytes) else ev.Const
    parts: list[ev.Operand] = []
    rest = list(positional or ())
    position = 0
    for found in _PERCENT.finditer(text):
        parts.append(pack(text[position : found.start()]))
        position = found.end()
        if found.group("kind") == "%":
            parts.append(pack("%"))
            continue
        if found.group("width") == "*" and rest:
            rest.pop(0)
        if found.group("key") is not None:
            parts.append(named.get(found.group("key"), whole))
        elif positional is None:
            parts.append(whole)
        elif rest:
            parts.append(rest.pop(0))
    parts.append(pack(text[position:]))
    return merged(parts)


def _as_bytes(text: str) -> ev.Const:
    return ev.Const(text.encode("latin-1"))


def formatted(
    template: str, positional: Sequence[ev.Operand], named: dict[str, ev.Operand], starred: Sequence[ev.Operand]
) -> list[ev.Operand]:
    """The parts of `template.format(...)`; a field that no argument fills is left out, or stands for `*args`."""
    parts: list[ev.Operand] = []
    automatic = 0
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError:
        return merged([ev.Const(template), *positional, *named.values(), *starred])
    for text, name, _, _ in fields:
        parts.append(ev.Const(text))
        if name is None:
            continue
        found = re.match(r"([^.\[]*)((?:\.\w+)*)", name)
        key, attributes = found.groups() if found else (name, "")
        if not key:
            key = str(automatic)
            automatic += 1
        value = named.get(key)
        if value is None and key.isdecimal() and int(key) < len(positional):
            value = positional[int(key)]
        if isinstance(value, str) and not value.startswith("@"):
            parts.append(value + attributes)
        elif value is not None:
            parts.append(value)
        else:
            parts.extend(starred)
    return merged(parts)
