"""What is left out for a call of which nothing comes (flow/quiet.py) is nothing: all that is asked of others does no
more.
"""

from __future__ import annotations

from typing import Any

import pytest

from tempsafe_lint.engine import lint
from tempsafe_lint.flow.obligations import Recorder
from tempsafe_lint.flow.quiet import Quiet
from tempsafe_lint.flow.state import State
from tempsafe_lint.flow.values import Known
from tempsafe_lint.models.catalogue import builtin
from tempsafe_lint.models.schema import Row
from tempsafe_lint.records import fields
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

#: Calls in one function.
TOGETHER = 30
#: What is given to each: nothing is known of the names, and constants are only sometimes wanted.
GIVEN = ("", "one", "2, two", "'work', one", "'/tmp/work', two", "one, '/tmp/work'", "one, mode=0o777", "*two, **one")


def called(row: Row) -> str | None:
    """How a row's call is spelled."""
    if row.section == "callable":
        return row.name.removeprefix("builtins.")
    return f"two.{row.name.partition('.')[2]}" if row.section == "method" else None


def program() -> str:
    """Each row's call with everything that nothing is known of, and some calls of which no row says anything."""
    spelled = [name for row in builtin().all() if (name := called(row)) is not None]
    calls = [f"{name}({given})" for name in (*spelled, "one", "two.other.remove_all", "far.write") for given in GIVEN]
    heads = sorted({name.partition(".")[0] for name in spelled} | {"far", "tempfile"})
    lines = [f"import {head}" for head in heads if head not in ("one", "two")]
    for number in range(0, len(calls), TOGETHER):
        lines += [f"def f{number}(one, two):", "    mine = tempfile.mktemp()", "    for three in two:"]
        lines += [f"        {call}" for call in calls[number : number + TOGETHER]]
        lines += ["    return mine"]
    return "\n".join(lines) + "\n"


def known(state: State | None) -> tuple[dict[Any, Any], ...] | None:
    return None if state is None else tuple(dict(part.items()) for part in (state.facts, state.env, state.index))


def weight(recorder: Recorder | None) -> int:
    """How much was taken note of: nothing is ever taken back."""
    parts = [getattr(recorder, f.name) for f in fields(Recorder)] if recorder is not None else []
    held = [part for part in parts if isinstance(part, dict | set)]
    inner = [value for part in held if isinstance(part, dict) for value in part.values()]
    return sum(len(part) for part in (*held, *inner) if isinstance(part, dict | set | list))


def test_nothing_comes_of_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = {False: 0, True: 0}
    quiet, asked = Quiet.call, [False]

    def both(self: Quiet, state: State, event: Any) -> Any:
        if asked[0]:
            return None
        state.env[event.dst] = frozenset({Known("before")})  # whoever handles a failure finds it as it was
        other, recorder = state.copy(), self._t.recorder
        found = quiet(self, state, event)
        if found is not None:
            before, asked[0] = weight(recorder), True
            whole = self._t.callees.call(other, event)
            asked[0] = False
            left_out[recorder is not None] += 1
            assert [known(one) for one in whole] == [known(one) for one in found]
            assert weight(recorder) == before
        return found

    monkeypatch.setattr(Quiet, "call", both)
    lint(Source.from_text(program(), "example.py"), Settings())
    assert min(left_out.values()) > 1000
