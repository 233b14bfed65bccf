"""Every case of tests/cfg/*.md: the graph of a piece of Python, as text.

A heading is the test's id, a `python` fence the source, a `cfg` fence the expected dump. The dump shows every function
but `<module>`, or the ones named after `cfg`. With TEMPSAFE_UPDATE_CFG set the fences are rewritten instead.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tempsafe_lint.front.parse import parse
from tempsafe_lint.ir.cfg import dump
from tempsafe_lint.source import Source

FOLDER = Path(__file__).resolve().parent.parent / "cfg"
CASE = re.compile(
    r"^```python\n(?P<source>.*?)^```\n(?P<between>.*?)^```cfg(?P<names>[^\n]*)\n(?P<dump>.*?)^```$", re.M | re.S
)
HEADING = re.compile(r"^#+ (.+)$", re.M)


@dataclass(frozen=True)
class Case:
    path: Path
    heading: str
    source: str
    names: tuple[str, ...]
    dump: str


def cases() -> list[Case]:
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        outside = re.sub(r"^```.*?^```$", lambda fence: " " * len(fence.group()), text, flags=re.M | re.S)
        headings = [(heading.start(), heading.group(1)) for heading in HEADING.finditer(outside)]
        for case in CASE.finditer(text):
            heading = [name for start, name in headings if start < case.start()][-1]
            names = tuple(case.group("names").split())
            found.append(Case(path, heading, case.group("source"), names, case.group("dump")))
    return found


def dumped(source: str, names: tuple[str, ...]) -> str:
    file = parse(Source.from_text(source, "case.py"))
    wanted = names or file.functions[1:] or file.functions
    return "\n".join(dump(file.lower(name)) for name in wanted)


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.path.stem}: {case.heading}")
def test_dump(case: Case) -> None:
    """The graph is the one that was read and found right."""
    actual = dumped(case.source, case.names)
    if os.environ.get("TEMPSAFE_UPDATE_CFG"):
        text = case.path.read_text(encoding="utf-8")
        head = " ".join(["```cfg", *case.names])
        old = f"```python\n{case.source}```\n"
        start = text.index(old) + len(old)
        fence = text.index("```cfg", start)
        end = text.index("\n```", fence) + len("\n```")
        case.path.write_text(f"{text[:fence]}{head}\n{actual}```{text[end:]}", encoding="utf-8")
    else:
        assert actual == case.dump


def test_headings_are_unique() -> None:
    """A heading names one case only."""
    ids = [(case.path.name, case.heading) for case in cases()]
    assert len(ids) == len(set(ids)) >= 40
