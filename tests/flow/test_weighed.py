"""What is seen but weighs less: the rules report it with less confidence."""

from __future__ import annotations

import pytest

from tempsafe_lint.flow.analysis import look
from tempsafe_lint.flow.observations import Born, Observation, Recreated, Unmet
from tempsafe_lint.front.parse import parse
from tempsafe_lint.models.catalogue import builtin, policies
from tempsafe_lint.source import Source

HEAD = "import os\nimport tempfile\n\n"
AGAIN = HEAD + "path = tempfile.mkdtemp()\nos.rmdir(path)\n"


def seen(text: str) -> list[Observation]:
    file = parse(Source.from_text(text, "example.py"))
    return [observation for _, observation in look(file, builtin(), policies())]


@pytest.mark.parametrize(
    ("call", "exclusive"),
    [("os.mkdir(path)", True), ("os.mkfifo(path)", True), ("os.makedirs(path, exist_ok=True)", False)],
)
def test_a_call_that_fails_where_something_stands(call: str, exclusive: bool) -> None:
    found = [o.exclusive for o in seen(AGAIN + call) if isinstance(o, Recreated)]
    assert found == [exclusive]


@pytest.mark.parametrize(("folder", "private"), [("made", True), ("given", False), ("None", False)])
def test_a_made_up_name_in_a_directory_of_its_own(folder: str, private: bool) -> None:
    text = HEAD + f"def f(given):\n    made = tempfile.mkdtemp()\n    return tempfile.mktemp(dir={folder})\n"
    names = [o.resource.owned for o in seen(text) if isinstance(o, Born) and o.resource.kind == "name"]
    assert names == [private]


@pytest.mark.parametrize(("last", "yielded"), [("yield path", True), ("yield 1\n    os.rmdir(path)", False)])
def test_a_temp_that_a_generator_gives_away(last: str, yielded: bool) -> None:
    text = HEAD + f"def f(x):\n    path = tempfile.mkdtemp()\n    if x:\n        return\n    {last}\n"
    assert [o.yielded for o in seen(text) if isinstance(o, Unmet)] == [yielded]
