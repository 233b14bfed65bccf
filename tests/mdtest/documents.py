"""Reading examples: sections by heading, `python` fences with marks, what they become, settings for a section.

x = f()  # TMP401                      exactly this finding on this line
x = f()  # TMP401 MISSING: reason      should be found and is not (known miss)
x = f()  # TMP401 SPURIOUS: reason     is found and should not be (known false alarm)

How many of the last two there are is printed at the end of a test run, by rule. In a section that shows idioms of safe
code (its heading says `idiom`, or its page is one of IDIOMS) nothing may be known to be wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)[ ]?([^\n]*)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
#: Pages on which every section is an idiom of safe code.
IDIOMS = ("leaks/ownership",)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_MARK = re.compile(r"#\s*((?:TMP\d{3}(?: (?:MISSING|SPURIOUS): [^,;#]+)?(?:, )?)+)\s*$")
_ONE = re.compile(r"(TMP\d{3})(?: (MISSING|SPURIOUS): [^,;#]+)?")


@dataclass
class Example:
    """One fence: `expected` are (row, code) that must be reported; `pinned` those that are known to be wrong."""

    name: str
    code: str
    path: str = "src/example.py"
    expected: list[tuple[int, str]] = field(default_factory=list)
    missing: list[tuple[int, str]] = field(default_factory=list)
    spurious: list[tuple[int, str]] = field(default_factory=list)
    fixed: str | None = None
    settings: dict[str, object] = field(default_factory=dict)


def examples(text: str, origin: str) -> list[Example]:
    """Every example of a page, in order. A `fixed` fence belongs to the python fence before it."""
    found: list[Example] = []
    headings = [(m.start(), m.group(1)) for m in _HEADING.finditer(text)]
    settings: dict[str, object] = {}
    count: dict[str, int] = {}
    section = ""
    for fence in _FENCE.finditer(text):
        here = next((title for start, title in reversed(headings) if start < fence.start()), "")
        if here != section:
            section, settings = here, {}
        language, info, body = fence.groups()
        if language == "toml":
            settings = _toml(body)
        elif language == "python" and info.strip() == "fixed":
            found[-1].fixed = body
        elif language == "python":
            count[section] = count.get(section, 0) + 1
            example = Example(f"{origin}: {section} {count[section]}", body, settings=dict(settings))
            if info.startswith("test"):
                example.path = "tests/test_example.py"
            _marks(example)
            found.append(example)
    return found


def _marks(example: Example) -> None:
    for row, line in enumerate(example.code.splitlines(), 1):
        mark = _MARK.search(line)
        for code, pin in _ONE.findall(mark.group(1)) if mark else ():
            (example.missing if pin == "MISSING" else example.expected).append((row, code))
            if pin == "SPURIOUS":
                example.spurious.append((row, code))


def marks(code: str) -> list[tuple[int, str]]:
    """The findings that a program's marks ask for, in order."""
    example = Example("", code)
    _marks(example)
    return sorted(example.expected)


def known_wrong() -> dict[str, tuple[int, int]]:
    """By rule, how many findings are known to be missing and how many to be false alarms."""
    count: dict[str, tuple[int, int]] = {}
    for example in (*of_rules(), *of_documents()):
        for _, code in example.missing:
            count[code] = (count.get(code, (0, 0))[0] + 1, count.get(code, (0, 0))[1])
        for _, code in example.spurious:
            count[code] = (count.get(code, (0, 0))[0], count.get(code, (0, 0))[1] + 1)
    return dict(sorted(count.items()))


def _toml(body: str) -> dict[str, object]:
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return dict(tomllib.loads(body))


def of_rules() -> list[Example]:
    """The examples on the pages of the rules."""
    from tempsafe_lint.registry import all_rules

    return [example for rule in all_rules() for example in examples(rule.page, rule.code)]


def of_documents() -> list[Example]:
    """The examples under `tests/mdtest/<family>/<rule>.md`."""
    here = Path(__file__).parent
    return [e for p in sorted(here.glob("*/*.md")) for e in examples(p.read_text("utf-8"), f"{p.parent.name}/{p.stem}")]
