"""Marks of what is known to be wrong: each has a reason and a rule, and none stands beside an idiom of safe code."""

from __future__ import annotations

import re

from tempsafe_lint.registry import all_rules
from tests.mdtest.documents import IDIOMS, Example, examples, known_wrong, of_documents, of_rules

ALL = [*of_rules(), *of_documents()]


def shows_idioms(example: Example) -> bool:
    page, _, section = example.name.partition(": ")
    return page in IDIOMS or "idiom" in section.lower()


def test_an_idiom_of_safe_code_is_never_known_to_be_wrong() -> None:
    idioms = [example for example in ALL if shows_idioms(example)]
    assert len(idioms) > 25, "the idioms are no longer found"
    assert [e.name for e in idioms if e.missing or e.spurious] == []


def test_every_mark_has_a_reason() -> None:
    """A `MISSING` or `SPURIOUS` without a colon and a reason would count as an ordinary mark."""
    wanted = re.compile(r"(?:MISSING|SPURIOUS)(?!: \w+ \w+)")
    assert [e.name for e in ALL if any(wanted.search(line) for line in e.code.splitlines())] == []


def test_every_mark_names_a_rule() -> None:
    codes = {rule.code for rule in all_rules()}
    for example in ALL:
        assert {code for _, code in (*example.expected, *example.missing)} <= codes, example.name


def test_the_marks_are_counted() -> None:
    text = "# A\n```python\nf()  # TMP401 MISSING: not seen yet\ng()  # TMP402 SPURIOUS: it is removed, TMP401\n```\n"
    (example,) = examples(text, "x")
    assert (example.missing, example.spurious) == ([(3 - 2, "TMP401")], [(2, "TMP402")])
    assert example.expected == [(2, "TMP402"), (2, "TMP401")]
    assert set(known_wrong()) <= {rule.code for rule in all_rules()}
