"""What is worth parsing: needles, and compound ones of which both halves must be there."""

from __future__ import annotations

import pytest

from tempsafe_lint import engine
from tempsafe_lint.models.needles import NEEDLES, PAIRS
from tempsafe_lint.prefilter import is_plain, passes, passes_text
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

NAME = 'with open("tmp.csv", "w") as out:\n    out.write("x")\n'
REMOVAL = "os.remove(path)\n"


@pytest.mark.parametrize("half", [NAME, REMOVAL])
def test_a_file_with_one_half_of_a_compound_needle_is_not_parsed(half: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(*_: object) -> None:
        raise AssertionError("the file was parsed")

    assert not passes(half.encode()) and not passes_text(half)
    monkeypatch.setattr("tempsafe_lint.front.parse.parse_parts", parsed)
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


def naive(text: str) -> bool:
    """What `passes` says, in the words of the table."""
    pairs = (all(any(word in text for word in half) for half in pair) for pair in PAIRS)
    return any(needle in text for needle in NEEDLES) or any(pairs)


def test_the_look_around_stems_finds_what_the_table_says() -> None:
    """Each needle whole, with each letter missing, in the other case, at the start, behind a stem, behind itself."""
    words = {*NEEDLES, *(word for pair in PAIRS for half in pair for word in half)}
    removals = [word for pair in PAIRS for word in pair[1]]
    asked = 0
    for word in words:
        forms = {word, word.swapcase(), word.upper(), *(word[:at] + word[at + 1 :] for at in range(len(word)))}
        for form in forms:
            for text in (form, f"x = {form}", f"temp tmp{form}", f"tTemp{form}tmp", f"é{form}é"):
                for end in ("", *removals):
                    asked += 1
                    assert passes_text(text + end) == passes((text + end).encode()) == naive(text + end), text + end
    assert asked > 10_000


@pytest.mark.parametrize(
    ("head", "plain"),
    [
        (b"# -*- coding: utf-8 -*-\n", True),
        (b"# coding=UTF8\n", True),
        (b"# coding: utf-8-sig\n", False),
        (b"# coding: latin-1\n", False),
        (b"# coding: utf-8\n# coding: rot13\n", False),
        (b"# coding: utf-16\n", False),
        (b"\xff\n", False),
        (b"\0\n", False),
        (b"# tempsafe: ignore\n", False),
        (b"# noqa: TMP101\n", False),
        (b"", True),
    ],
)
def test_plain_is_only_what_reading_could_not_complain_about(head: bytes, plain: bool) -> None:
    assert is_plain(head + b"x = 1\n") is plain
