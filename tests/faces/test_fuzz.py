"""A short run of `tests.faces.fuzz`, and proof that it would see what it looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faces import fuzz

if TYPE_CHECKING:
    import pytest


def test_random_input_ends_in_plain_words() -> None:
    seen: dict[int, int] = {}
    failed = [f"--only {number} --seed 7: {tried}: {tried.complaints}" for number, tried in fuzz.failures(60, 7, seen)]
    assert failed == []
    assert all(seen.get(code, 0) >= 5 for code in (0, 1, 2)), f"the runs get everywhere: {seen}"


def test_the_probe_sees_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    from tempsafe_lint.drivers import entry

    def broken(argv: list[str]) -> int:
        raise KeyError(argv[0])

    monkeypatch.setattr(entry, "main", broken)
    tried = fuzz.run(fuzz.Case({"a.py": b""}, ["a.py"]))
    assert tried.complaints[0] == "an internal error"
    monkeypatch.setattr(fuzz.program, "main", lambda: broken(["a.py"]))
    assert "a traceback in the output" in fuzz.run(fuzz.Case({"a.py": b""}, ["a.py"])).complaints


def test_a_case_is_the_same_again() -> None:
    modules = fuzz.real_modules()
    assert modules
    assert str(fuzz.case(3, 7, modules)) == str(fuzz.case(3, 7, modules))
