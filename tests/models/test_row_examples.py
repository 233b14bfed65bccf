"""Every row has an example, and every example depends on its row: without it, something else is reported."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tempsafe_lint.engine import lint
from tempsafe_lint.findings import Level
from tempsafe_lint.models import catalogue
from tempsafe_lint.models.catalogue import builtin
from tempsafe_lint.models.examples import Example, examples, names_of
from tempsafe_lint.models.written import files, tables_of
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source
from tests.mdtest.documents import marks

if TYPE_CHECKING:
    from tempsafe_lint.findings import Finding
    from tempsafe_lint.models.catalogue import Models

ALL = [example for origin in files() for example in examples(origin)]


def findings(example: Example, code: str, models: Models, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    monkeypatch.setattr(catalogue, "layered", lambda *_: models)
    test = "test" in example.flags
    path = "tests/test_example.py" if test else "src/example.py"
    lowest = Level.LOW if "low" in example.flags else Level.MEDIUM
    settings = Settings(min_confidence=lowest)
    return list(lint(Source.from_text(code, path, path=path), settings).findings)


def verdict(found: list[Finding]) -> list[tuple[int, str, str, str]]:
    """What a user sees of findings, as far as a row decides it: place, rule, confidence, how safe the fix is."""
    return [(f.region.row, f.code, f.confidence.value, f.fix.safety.value if f.fix else "") for f in found]


@pytest.mark.parametrize("example", ALL, ids=lambda e: f"{e.origin}-{e.names[0]}")
def test_an_example_depends_on_its_row(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    for name in example.names:
        code = example.written_for(name)
        found = verdict(findings(example, code, builtin(), monkeypatch))
        if [place[:2] for place in found] != marks(code):
            wrong.append(f"{name}: {found} is reported, not {marks(code)}")
        elif found == verdict(findings(example, code, builtin().without(name), monkeypatch)):
            wrong.append(f"{name}: the same without the row")
    assert not wrong, "\n".join(["", *wrong, example.code])


@pytest.mark.parametrize("origin", files())
def test_every_row_has_an_example(origin: str) -> None:
    names = {name for tables in tables_of(origin).values() for raw in tables for name in names_of(raw)}
    shown = {name for example in examples(origin) for name in example.names}
    assert sorted(names - shown) == [], f"these rows have no example in {origin[:-4]}md"
    assert sorted(shown - names) == [], f"these examples have no row in {origin}"


def test_no_row_is_written_twice() -> None:
    count = Counter(
        name for origin in files() for tables in tables_of(origin).values() for raw in tables for name in names_of(raw)
    )
    assert [name for name, times in count.items() if times > 1] == []
