"""The work of flow grows with what it reads and no faster. Work is counted in calls, never in seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tempsafe_lint.engine import lint
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source
from tests.conftest import Program
from tests.flow.shapes import GROWING, PATHOLOGICAL, nested_finally

#: Calls for four times the size, for each call before: a little more than four is left for sorting.
MOST_GROWTH = 5.5
#: What is measured: the smaller size of each shape. A list is followed into forty things, and thirty
#: statements behind a creation are looked at, so those are measured above that.
SMALL = {"file": 8_000, "lines": 150, "listed": 100, "attributes": 60}
#: Calls that one of the programs that nobody writes may take: some two seconds.
MOST_CALLS = 20_000_000


def work(text: str) -> int:
    """How many calls flow makes for a text, those of built-in functions among them."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        if event.endswith("call") and "/flow/" in frame.f_code.co_filename.replace("\\", "/"):
            calls += 1

    source = Source.from_text(text, "grown.py")
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        lint(source, Settings())
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("shape", list(GROWING), ids=lambda s: s.__name__)
def test_work_grows_with_size(shape: Callable[[int], str]) -> None:
    lint(Source.from_text("import tempfile\nx = tempfile.mktemp()\n", "first.py"), Settings())
    size = SMALL.get(shape.__name__, 30)
    small, large = work(shape(size)), work(shape(4 * size))
    assert small > 300
    assert large / small < MOST_GROWTH


@pytest.mark.parametrize("shape", PATHOLOGICAL, ids=lambda s: s.__name__)
def test_nobody_waits_for_what_nobody_writes(shape: Callable[[int], str]) -> None:
    assert work(shape(PATHOLOGICAL[shape])) < MOST_CALLS


def test_silence_is_said(program: Program, tmp_path: Path) -> None:
    """A function whose graph is too large is named under `-v`, and only there."""
    (tmp_path / "large.py").write_text(many_exits(160))
    said = program("check", "-v", "large.py")
    assert "large.py: nothing is said about `function`: its graph has more than" in said.err
    assert "nothing is said" not in program("check", "large.py").err


def many_exits(size: int) -> str:
    """Ways out of a `try` in a `try`, whose `finally` bodies are large: one copy of them for each."""
    exits = "".join(f"            if c{i}:\n                return {i}\n" for i in range(size))
    large = "".join(f"{{0}}if d{i}:\n{{0}}    log({i})\n" for i in range(20))
    return (
        "import tempfile\n\n\ndef function():\n    path = tempfile.mkdtemp()\n    try:\n        try:\n"
        f"{exits}        finally:\n{large.format(' ' * 12)}    finally:\n{large.format(' ' * 8)}"
    )


def test_a_chain_of_helpers_is_no_recursion() -> None:
    """However long it is, and then what is at its end is known at its beginning."""
    from tests.flow.shapes import helpers

    assert not lint(Source.from_text(helpers(600), "chain.py"), Settings()).findings


def test_nested_finally_is_followed() -> None:
    """It is not that nothing is said of it."""
    report = lint(Source.from_text(nested_finally(8), "nested.py"), Settings())
    assert report.findings
    assert not report.notes
