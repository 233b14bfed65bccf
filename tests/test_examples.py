"""Every fence of every rule's page and of every document under `mdtest`: what is reported, what fixing makes of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tempsafe_lint.engine import fix, lint
from tempsafe_lint.findings import Finding, Level, Safety
from tempsafe_lint.front.outline import comments
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source
from tests.mdtest.documents import Example, of_documents, of_rules

ALL = [*of_rules(), *of_documents()]


def settings_of(example: Example) -> Settings:
    given: dict[str, Any] = {
        key.replace("-", "_"): tuple(v) if isinstance(v, list) else v for key, v in example.settings.items()
    }
    if "min_confidence" in given:
        given["min_confidence"] = Level(given["min_confidence"])
    return Settings(**given)


def source_of(example: Example, text: str | None = None) -> Source:
    return Source.from_text(example.code if text is None else text, "example.py", path=example.path)


def safe(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.safety is Safety.SAFE


def marked(text: str) -> str:
    """The text without the marks of expected findings, which a fix leaves behind."""
    alone = re.sub(r"^[ ]*#\s*TMP\d{3}[^\n]*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"[ ]*#\s*TMP\d{3}[^\n]*", "", alone)


@pytest.mark.parametrize("example", ALL, ids=lambda e: e.name)
def test_reported(example: Example) -> None:
    """Exactly the marked findings, each on its line; a known miss stays missed until its mark is removed."""
    report = lint(source_of(example), settings_of(example))
    found = sorted((f.region.row, f.code) for f in report.findings)
    assert found == sorted(example.expected)
    assert not set(example.missing) & set(found), "a known miss is found now: remove its MISSING mark"


@pytest.mark.parametrize("example", ALL, ids=lambda e: e.name)
def test_fixed(example: Example) -> None:
    """Safe fixes converge, keep the comments, mend what they claim, and bring nothing new."""
    source, settings = source_of(example), settings_of(example)
    done = fix(source, settings, safe)
    if example.fixed is not None:
        assert marked(done.after) == example.fixed
    again = fix(source_of(example, done.after), settings, safe)
    assert again.after == done.after, "a second run changes something"
    assert sorted(t for _, t in comments(done.after).values()) == sorted(t for _, t in comments(source.text).values())
    before = lint(source, settings).findings
    left = lint(source_of(example, done.after), settings).findings
    assert len(left) <= len(before)
    if done.changed:
        assert len(left) < len(before)
