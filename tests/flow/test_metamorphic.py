"""Rewrites that mean nothing do not change a verdict: every example, in every rewrite that applies to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import pytest

from tempsafe_lint.engine import lint
from tests.flow.rewrites import ALL, Kept, Rewritten
from tests.mdtest.documents import Example, of_documents, of_rules
from tests.test_examples import settings_of, source_of

EXAMPLES = [*of_rules(), *of_documents()]

#: Rewrites that do change a verdict, and why; mending one fails the test until it is taken out.
PINNED: dict[tuple[str, str], str] = {}


@dataclass
class Result:
    """What one rewrite did to all examples."""

    applied: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    changed: dict[str, str] = field(default_factory=dict)


@cache
def known(number: int) -> list[tuple[int, str]]:
    """The verdict on an example as it is written."""
    return verdict(EXAMPLES[number], EXAMPLES[number].code)


def verdict(example: Example, text: str) -> list[tuple[int, str]]:
    report = lint(source_of(example, text), settings_of(example))
    return sorted((finding.region.row, finding.code) for finding in report.findings)


def measure(rewrite: Callable[[str], Rewritten]) -> Result:
    result = Result()
    for number, example in enumerate(EXAMPLES):
        try:
            fresh = rewrite(example.code)
        except Kept as reason:
            result.kept[str(reason)] += 1
            continue
        result.applied += 1
        before = sorted((fresh.rows.get(row, row), code) for row, code in known(number))
        after = verdict(example, fresh.text)
        if before != after:
            gone, new = sorted(set(before) - set(after)), sorted(set(after) - set(before))
            result.changed[example.name] = f"gone {gone}, new {new}, in\n{fresh.text}"
    return result


@pytest.mark.parametrize("rewrite", ALL, ids=lambda rewrite: rewrite.__name__)
def test_same_verdict(rewrite: Callable[[str], Rewritten]) -> None:
    result = measure(rewrite)
    share = 1 - result.applied / len(EXAMPLES)
    assert share <= ALL[rewrite], f"{share:.2f} of the examples are left out: {result.kept}"
    pinned = {example for name, example in PINNED if name == rewrite.__name__}
    wrong = [f"{name}: {what}" for name, what in result.changed.items() if name not in pinned]
    assert not wrong, "\n".join(wrong)
    assert pinned <= result.changed.keys(), f"mended: {sorted(pinned - result.changed.keys())}"


def test_a_rewrite_that_means_something_is_noticed() -> None:
    """The measure itself: without the removals there is more to report."""

    def careless(text: str) -> Rewritten:
        return Rewritten(text.replace("os.unlink(", "print(").replace("os.remove(", "print("), {})

    assert len(measure(careless).changed) >= 10
