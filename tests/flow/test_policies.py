"""Every choice of `policy.toml` is read: turned round, it changes what is seen."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from tempsafe_lint.flow.analysis import look
from tempsafe_lint.flow.observations import Unmet
from tempsafe_lint.front.parse import parse
from tempsafe_lint.models.catalogue import Policies, builtin, policies, policy
from tempsafe_lint.source import Source

HEAD = "import os\nimport tempfile\n\ndef f(x):\n    path = tempfile.mkdtemp()\n    "
PROGRAMS = {
    "unknown_call_raises": HEAD + "x()\n    os.rmdir(path)\n",
    "assert_raises": HEAD + "assert x\n    os.rmdir(path)\n",
    "shown_announces": HEAD + "print(path)\n",
    "parent_owns": HEAD.replace("mkdtemp()", "mkdtemp(dir=x)") + "len(path)\n",
    "written_parent_owns": HEAD.replace("mkdtemp()", 'mkdtemp(dir="work")') + "len(path)\n",
    "made_parent_owns": "import there\n" + HEAD.replace("mkdtemp()", "mkdtemp(dir=there.folder())") + "len(path)\n",
}


def seen(text: str, choices: Policies) -> list[Unmet]:
    file = parse(Source.from_text(text, "example.py"))
    return [observation for _, observation in look(file, builtin(), choices) if isinstance(observation, Unmet)]


@pytest.mark.parametrize("choice", PROGRAMS)
def test_a_choice_turned_round_changes_what_is_seen(choice: str) -> None:
    usual = policies()
    other = replace(usual, **{choice: not getattr(usual, choice)})
    assert seen(PROGRAMS[choice], usual) != seen(PROGRAMS[choice], other)


def test_no_table_of_the_file_is_left_unread() -> None:
    tables = "choices shared-temp launchers removers keepers proof handed-out verified rendezvous mode-changers waiting"
    tables += " commands writers scratch own-directories copiers working-directory undoing"
    tables += " publishing closers command-lines plain-bases wrappers handmade exclusive fallible harmless"
    tables += " changing test-classes tighter secrets setters told-to-remove"
    assert set(policy()) == set(tables.split())
    named = {field.name for field in fields(Policies) if field.type == "bool"}
    assert named == set(PROGRAMS) == {key.replace("-", "_") for key in policy()["choices"]}
