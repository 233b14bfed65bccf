"""How a project calls the runtime that plans name."""

from __future__ import annotations

import pytest

from tempsafe_lint.findings import Safety
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.targets import Target, aim
from tempsafe_lint.plans import (
    AddFinally,
    Advice,
    Append,
    DeleteStatement,
    FirstOf,
    InsertBefore,
    MakeFresh,
    ReplaceCallee,
    WrapInWith,
)
from tempsafe_lint.source import Site

AT = Site(0, 1)
SWAP = ReplaceCallee(AT, "tempsafe.mkdtemp", Safety.SAFE, "use `tempsafe.mkdtemp`", arguments=(("a", "tempsafe.b"),))
COPY = Target("vendored", "app.inner._tempsafe")


def test_the_library_itself_is_what_plans_name() -> None:
    assert aim(SWAP, Target()) is SWAP


def test_a_copy_is_named_in_full_in_code_and_shortly_in_prose() -> None:
    aimed = aim(SWAP, COPY)
    assert isinstance(aimed, ReplaceCallee)
    assert (aimed.to, aimed.title) == ("app.inner._tempsafe.mkdtemp", "use `_tempsafe.mkdtemp`")
    assert aimed.arguments == (("a", "app.inner._tempsafe.b"),)
    assert (aimed.callee, aimed.safety) == (AT, Safety.SAFE)


@pytest.mark.parametrize("target", [COPY, Target("stdlib")])
def test_plans_without_the_runtime_stay(target: Target) -> None:
    for plan in (DeleteStatement(AT, Safety.SAFE, "delete it"), Append(AT, ".name", Safety.SAFE, "take its name")):
        assert aim(plan, target) == plan


def test_advice_is_prose() -> None:
    assert aim(Advice("use `tempsafe.user_path`"), Target("stdlib")) == Advice("use `tempsafe.user_path`")
    assert aim(Advice("use `tempsafe.user_path`"), COPY) == Advice("use `_tempsafe.user_path`")


def test_the_standard_library_has_some_of_it() -> None:
    """A block of the runtime's is one of the standard library's, if there is one; a call that comes from there stays
    what it is."""
    wrap = WrapInWith(AT, AT, AT, "tempsafe.TemporaryDirectory", AT, Safety.SAFE, "with `tempsafe.TemporaryDirectory`")
    target = Target("stdlib", standard=(("tempsafe.TemporaryDirectory", "tempfile.TemporaryDirectory"),))
    aimed = aim(wrap, target)
    assert isinstance(aimed, WrapInWith)
    assert (aimed.to, aimed.title) == ("tempfile.TemporaryDirectory", "with `tempfile.TemporaryDirectory`")
    kept = AddFinally(AT, AT, Safety.SAFE, "remove it in a `finally`")
    assert aim(FirstOf((SWAP, kept)), target) == FirstOf((kept,))
    swapped = ReplaceCallee(AT, "tempsafe.TemporaryDirectory", Safety.SAFE, "use it")
    with pytest.raises(Withheld):
        aim(swapped, target)


def test_a_python_that_the_runtime_does_not_run_on() -> None:
    assert aim(SWAP, Target(version=(3, 9))) is SWAP
    for target in (Target(version=(3, 8)), Target("vendored", "app._tempsafe", (3, 8))):
        with pytest.raises(Withheld, match=r"needs Python 3\.9, and the project runs on 3\.8, too"):
            aim(SWAP, target)
    assert aim(Advice("use `tempsafe.user_path`"), Target(version=(3, 8)))


def test_the_standard_library_does_not_do_the_same() -> None:
    fresh = MakeFresh(AT, AT, "/tmp", "tempsafe.mktemp", Safety.UNSAFE, "a fresh path")
    for plan in (SWAP, fresh, InsertBefore(AT, "tempsafe.keep(path)", Safety.SAFE, "keep it")):
        with pytest.raises(Withheld, match="the standard library has nothing"):
            aim(plan, Target("stdlib"))
