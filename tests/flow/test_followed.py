"""What of a file is followed: no more than can matter, and nothing that can is left out."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from tempsafe_lint.engine import lint
from tempsafe_lint.flow import solved
from tempsafe_lint.flow.analysis import summary_of
from tempsafe_lint.flow.file import File
from tempsafe_lint.flow.interest import Interest
from tempsafe_lint.flow.returning import comes_back
from tempsafe_lint.flow.solver import Arrive, solve, walk
from tempsafe_lint.flow.state import State
from tempsafe_lint.flow.transfer import Transfer
from tempsafe_lint.flow.values import Atom, Fact, Resource
from tempsafe_lint.front.parse import parse
from tempsafe_lint.models.catalogue import builtin, policies
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source
from tests.mdtest.documents import of_documents

#: Helpers that stop the program, or may: none of them certainly comes back.
_ENDS = """
import sys

def dies():
    sys.exit(2)

def asks():
    dies()

def runs():
    running = True
    while running:
        work()

def raises(name):
    raise ValueError(name)

def both(x):
    if x:
        raises(x)
    else:
        sys.exit(1)

def calls_itself():
    return calls_itself()

def by_name():
    stop = sys.exit
    stop()

class Test:
    def gives_up(self):
        self.fail("no")
"""


def _file(text: str) -> File:
    file = File(parse(Source.from_text(text, "a.py")), builtin(), policies(), summary_of, solved.Solved)
    file.interest = Interest(file)
    return file


def test_what_is_told_without_following_is_so() -> None:
    """`may_give` false and `comes_back` true are certain: what following the function says agrees."""
    asked = {"quiet": 0, "back": 0}
    texts = [example.code for example in of_documents() if example.code.count("def ") > 1]
    for text in [*texts, _ENDS]:
        file = _file(text)
        for name in file.units.functions[1:]:
            assert file.interest is not None
            quiet, back = not file.interest.may_give(name), comes_back(file, name)
            summary = summary_of(file, name)
            if summary is None:
                continue
            if quiet:
                assert not (summary.returned or summary.yields or summary.texts), f"{name} gives something:\n{text}"
            if back:
                assert not summary.never, f"{name} does not come back:\n{text}"
            asked["quiet"] += quiet
            asked["back"] += back
    assert min(asked.values()) > 50


def test_what_comes_back_is_the_same_where_nothing_else_is_asked() -> None:
    """A summary that is asked for no place follows no seeds."""
    compared = 0
    for text in [example.code for example in of_documents() if "return" in example.code and "(dir=" in example.code]:
        followed, alone = _file(text), _file(text)
        for name in followed.units.functions[1:]:
            whole, given = summary_of(followed, name), summary_of(alone, name, frozenset())
            assert whole is not None
            assert given is not None
            assert (whole.returned, whole.yields) == (given.returned, given.yields), (
                f"{name} gives something else:\n{text}"
            )
            assert (whole.texts, whole.never) == (given.texts, given.never), f"{name} comes back otherwise:\n{text}"
            compared += bool(whole.effects) and not given.effects
    assert compared > 5


def _known(state: State) -> tuple[dict[Resource, frozenset[Fact]], dict[str, frozenset[Atom]]]:
    return dict(state.facts.items()), dict(state.env.items())


def test_each_block_is_gone_through_once_when_it_has_settled() -> None:
    """The last time in the state in which it is left when all have settled, in loops and outside of them."""
    returned_to = 0
    for text in [example.code for example in of_documents() if "while " in example.code or "for " in example.code]:
        file = _file(text)
        for function in map(file.units.lower, file.units.functions):
            transfer, visits, looks = Transfer(file, function), Counter[int](), dict[int, list[object]]()

            def go(number: int, state: State, arrive: Arrive, domain: Transfer, visits: Counter[int]) -> None:
                visits[number] += 1
                walk(domain.function, number, state, domain, arrive)

            def last(
                number: int, state: State, arrive: Arrive, domain: Transfer, looks: dict[int, list[object]]
            ) -> None:
                looks.setdefault(number, []).append(_known(state))
                walk(domain.function, number, state, domain, arrive)

            states = solve(
                function,
                State(),
                partial(go, domain=transfer, visits=visits),
                partial(last, domain=transfer, looks=looks),
            )
            assert looks == {number: [_known(state)] for number, state in states.items()}
            returned_to += any(count > 1 for count in visits.values())
    assert returned_to > 10


@pytest.mark.parametrize("name", list(_file(_ENDS).units.functions[1:]))
def test_nobody_knows_whether_it_comes_back(name: str) -> None:
    assert not comes_back(_file(_ENDS), name)


def test_helpers_that_are_handed_nothing_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[str] = []
    first = solved.Solved.__init__

    def init(self: solved.Solved, file: File, *rest: object) -> None:
        followed.append(rest[0].name)  # type: ignore[attr-defined]
        first(self, file, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(solved.Solved, "__init__", init)
    text = (
        "import os\nimport tempfile\n\n\ndef log(text):\n    show(text)\n    return text.strip() # mkdtemp\n\n\n"
        "def end(path, why):\n    log(why)\n    os.rmdir(path)\n\n\n"
        "def main(options):\n    log(options)\n    log('now')\n    path = tempfile.mkdtemp()\n"
        "    work()\n    end(path, options)\n"
    )
    report = lint(Source.from_text(text, "a.py"), Settings())
    assert [finding.code for finding in report.findings] == ["TMP404"]
    assert set(followed) == {"<module>", "end", "main"}
