"""What is worth parsing: needles, and compound ones of which both halves must be there."""

from __future__ import annotations

import pytest

from tempsafe_lint import engine
from tempsafe_lint.prefilter import passes, passes_text
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

NAME = 'with open("tmp.csv", "w") as out:\n    out.write("x")\n'
REMOVAL = "os.remove(path)\n"


@pytest.mark.parametrize("half", [NAME, REMOVAL])
def test_a_file_with_one_half_of_a_compound_needle_is_not_parsed(half: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(*_: object) -> None:
        raise AssertionError("the file was parsed")

    assert not passes(half.encode()) and not passes_text(half)
    monkeypatch.setattr("tempsafe_lint.front.parse.parse", parsed)
    assert engine.lint(Source.from_text(half, "example.py"), Settings()).findings == ()
    with pytest.raises(AssertionError, match="was parsed"):
        engine.lint(Source.from_text(NAME + REMOVAL, "example.py"), Settings())


@pytest.mark.parametrize("text", [NAME + REMOVAL, "'temp'; shutil.rmtree(x)", "x.unlink('tmp_1')", "tempfile.mkstemp"])
def test_a_file_with_both_halves_or_one_needle_passes(text: str) -> None:
    assert passes(text.encode()) and passes_text(text)


@pytest.mark.parametrize(
    "text", ["'template'; os.remove(x)", '"temperature"; rmtree(x)', "tmp.csv; remove(x)", "'tmp'"]
)
def test_words_that_only_look_alike_do_not(text: str) -> None:
    assert not passes(text.encode()) and not passes_text(text)
