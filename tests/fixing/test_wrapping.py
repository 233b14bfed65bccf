"""Rows that a mend made too long: what a formatter makes of them, and nothing that means something else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tempsafe_lint.edits import apply
from tempsafe_lint.fixing.wrapping import wrap_long
from tempsafe_lint.source import Source

LONG = "name_of_something_that_is_rather_long"
ROWS = (
    f"with {LONG}.NamedTemporaryFile(mode='wb', delete_on_close=False, x=1) as f:\n        pass",
    f"{LONG} = {LONG}({LONG}, delete_on_close=False)",
    f"{LONG} = {LONG}({LONG}, {LONG}, delete_on_close=False)",
    f"{LONG}(os.path.join({LONG}('a', app='x'), 'b, (c)'), delete=False)",
    f"return {LONG}(\n        {LONG}, {LONG}, delete=False\n    )",
    f"assert {LONG}({LONG}, delete=False)[0].path",
)


def text_of(row: str) -> str:
    return f"def f():\n    {row}\n".replace("'", '"')


def wrapped(row: str, before: str = "x = 1\n") -> str:
    after = Source(text_of(row), "x.py")
    return apply(after.text, wrap_long(Source(before, "x.py"), after))


@pytest.mark.parametrize("row", ROWS)
def test_as_a_formatter_does_it(row: str) -> None:
    command = [str(Path(sys.executable).with_name("ruff")), "format", "--isolated", "-"]
    done = subprocess.run(command, input=text_of(row), capture_output=True, text=True, check=True)
    assert wrapped(row) == done.stdout != text_of(row)
    assert ast.dump(ast.parse(wrapped(row))) == ast.dump(ast.parse(text_of(row)))


@pytest.mark.parametrize(
    "row",
    [
        f"{LONG}({LONG}, delete_on_close=False)  # why it is so",
        f"{LONG} = '{LONG}, {LONG}, (a)'",
        f"{LONG}('''\n  a  ''', {LONG}, {LONG}, delete=False)",
        f"{LONG}()[{LONG}]",
    ],
)
def test_what_stays_as_it_is(row: str) -> None:
    assert wrapped(row) == text_of(row)


def test_a_file_with_longer_rows_may_have_them() -> None:
    row = ROWS[1]
    assert wrapped(row, f"x = call({LONG}, {LONG}, 1234567)\n") != text_of(row)
    assert wrapped(row, f"x = call({LONG}, {LONG}, {LONG})\n") == text_of(row)
    assert wrapped(row, text_of(row)) == text_of(row)
