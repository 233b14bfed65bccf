"""Documents under `fixes`: a file before fixing, what fixing makes of it, and what is left with which reason.

Grammar of a section: its headings are the test's name; a `python` fence is the file (`path=` names it), `python fixed`
its text after the safe fixes, `python unsafe` after all fixes (without such a fence nothing may change, or nothing more
than the safe fixes do), `text left` what is still reported after the safe fixes: `row: CODE` and, behind a dash, why no
fix was applied. Everything between is prose.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tempsafe_lint.engine import fix, lint
from tempsafe_lint.findings import Finding, FixReport, Safety
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source, Span

DOCUMENTS = Path(__file__).parent / "fixes"
_PART = re.compile(r"^(?:(?P<level>#+) (?P<title>[^\n]+)|```(?P<info>[^\n]+)\n(?P<body>.*?)^```)[ \t]*$", re.M | re.S)


@dataclass
class Section:
    """One example; the texts are as in the document."""

    before: str
    path: str
    fixed: str | None = None
    unsafe: str | None = None
    left: str | None = None


def sections() -> list[object]:
    found = []
    for document in sorted(DOCUMENTS.glob("*.md")):
        titles: list[str] = []
        current: Section | None = None
        for part in _PART.finditer(document.read_text(encoding="utf-8")):
            if part["title"]:
                titles = [*titles[: len(part["level"]) - 1], part["title"]]
                continue
            language, *words = part["info"].split()
            if language == "python" and not {"fixed", "unsafe"} & set(words):
                path = next((word.removeprefix("path=") for word in words if word.startswith("path=")), "src/sample.py")
                current = Section(part["body"], path)
                found.append(pytest.param(current, id=f"{document.stem}: {' / '.join(titles[1:])}"))
            elif current is not None and language in ("python", "text"):
                setattr(current, words[0], part["body"])
    return found


def safe(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.safety is Safety.SAFE


def fixed(section: Section, *, unsafe: bool = False) -> FixReport:
    source = Source(section.before, section.path)
    return fix(source, Settings(), (lambda _: True) if unsafe else safe)


def comments(text: str) -> list[str]:
    return sorted(layout(text).comments_in(Span(0, len(text))))


@pytest.mark.parametrize("section", sections())
def test_fixed_as_the_document_says(section: Section) -> None:
    report = fixed(section)
    assert report.after == (section.before if section.fixed is None else section.fixed)
    wanted = report.after if section.unsafe is None else section.unsafe
    assert fixed(section, unsafe=True).after == wanted
    if section.left is not None:
        left = [
            f"{one.region.row}: {one.code}" + (f" - {one.unfixed}" if one.fix is None and one.unfixed else "")
            for one in report.left.findings
        ]
        assert left == section.left.splitlines()


@pytest.mark.parametrize("section", sections())
@pytest.mark.parametrize("unsafe", [False, True])
def test_promises_of_every_fix(section: Section, unsafe: bool) -> None:
    """Parses, keeps the comments, mends what it says, and a second run changes nothing."""
    report = fixed(section, unsafe=unsafe)
    ast.parse(report.after)
    assert comments(report.after) == comments(section.before)
    before = lint(Source(section.before, section.path), Settings()).findings
    assert len(before) >= len(report.left.findings) + len(report.applied)
    again = fixed(Section(report.after, section.path), unsafe=unsafe)
    assert (again.after, again.applied) == (report.after, ())
