"""Putting a requirement into the files in which projects declare what they need, as text."""

from __future__ import annotations

import pytest

from tempsafe_lint.manifests import State, name_of, place_among, pyproject, requirements, script, setup_cfg

NEW = "tempsafe>=0.1.0"


@pytest.mark.parametrize(
    "text",
    ["tempsafe", "TempSafe", "Temp.Safe", "temp_safe[x]>=1; python_version < '4'", " temp-safe @ git+https://x/y"],
)
def test_names_are_compared_as_packaging_tools_do(text: str) -> None:
    assert name_of(text) in ("tempsafe", "temp-safe")


@pytest.mark.parametrize("text", ["", "# tempsafe", "-e .", "./tempsafe", "--hash=sha256:1"])
def test_what_is_no_requirement_has_no_name(text: str) -> None:
    assert name_of(text) is None


def test_a_list_in_order_stays_in_order() -> None:
    assert place_among(["a", "z"], "tempsafe") == 1
    assert place_among(["z", "a"], "tempsafe") == 2
    assert place_among(["z"], "tempsafe") == 1


#: Of each layout: the text before and after.
PYPROJECT = {
    "one row": (
        '[project]\nname = "x"\ndependencies = ["a", "b>=1"]\n\n[tool.x]\ny = 1\n',
        '[project]\nname = "x"\ndependencies = ["a", "b>=1", "tempsafe>=0.1.0"]\n\n[tool.x]\ny = 1\n',
    ),
    "rows in order, with comments": (
        '[project]\nname = "x"\ndependencies = [\n    "a",  # why\n    "zebra",\n    # end\n]\n',
        '[project]\nname = "x"\ndependencies = [\n    "a",  # why\n    "tempsafe>=0.1.0",\n'
        '    "zebra",\n    # end\n]\n',
    ),
    "rows without a last comma": (
        '[project]\nname = "x"\ndependencies = [\n\t"z",\n\t"b"\n]\n',
        '[project]\nname = "x"\ndependencies = [\n\t"z",\n\t"b",\n\t"tempsafe>=0.1.0"\n]\n',
    ),
    "an empty list": (
        '[project]\nname = "x"\ndependencies = []\n',
        '[project]\nname = "x"\ndependencies = ["tempsafe>=0.1.0"]\n',
    ),
    "no list, another table behind": (
        '[project]\nname = "x"\nclassifiers = [\n  "A",\n]  # all\n\n# scripts\n[project.scripts]\na = "b"\n',
        '[project]\nname = "x"\nclassifiers = [\n  "A",\n]  # all\ndependencies = ["tempsafe>=0.1.0"]\n\n'
        '# scripts\n[project.scripts]\na = "b"\n',
    ),
    "a table before its parent": (
        '[project.scripts]\na = "b"\n[project]\nname = "x"\n',
        '[project.scripts]\na = "b"\n[project]\nname = "x"\ndependencies = ["tempsafe>=0.1.0"]\n',
    ),
    "dotted keys": (
        'project.name = "x"\nproject.dependencies = ["a"]\n',
        'project.name = "x"\nproject.dependencies = ["a", "tempsafe>=0.1.0"]\n',
    ),
    "line ends of Windows": (
        '[project]\r\nname = "x"\r\ndependencies = [\r\n  "a",\r\n]\r\n',
        '[project]\r\nname = "x"\r\ndependencies = [\r\n  "a",\r\n  "tempsafe>=0.1.0",\r\n]\r\n',
    ),
    "no last line end": (
        '[project]\nname = "x"\ndependencies = ["a"]',
        '[project]\nname = "x"\ndependencies = ["a", "tempsafe>=0.1.0"]',
    ),
    "the table of Poetry": (
        '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.9"\n\n[tool.x]\ny = 1\n',
        '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.9"\n'
        'tempsafe = ">=0.1.0"\n\n[tool.x]\ny = 1\n',
    ),
}


@pytest.mark.parametrize("case", PYPROJECT)
def test_pyproject(case: str) -> None:
    before, after = PYPROJECT[case]
    answer = pyproject.ask(before, NEW)
    assert (answer.state, answer.text) == (State.ADDED, after)
    assert pyproject.ask(after, NEW).state is State.DECLARED


GROUPS = (
    '[project]\nname = "x"\noptional-dependencies.dev = ["tempsafe"]\n',
    '[project]\nname = "x"\n[dependency-groups]\ntest = ["tempsafe", {include-group = "x"}]\n',
    '[project]\nname = "x"\n[tool.uv]\ndev-dependencies = ["tempsafe>=1"]\n',
    '[tool.poetry.dependencies]\npython = "^3.9"\n[tool.poetry.group.dev.dependencies]\ntempsafe = "*"\n',
)


@pytest.mark.parametrize("text", GROUPS)
def test_a_group_is_enough_for_test_code_only(text: str) -> None:
    assert pyproject.ask(text, NEW, test=True).state is State.DECLARED
    assert pyproject.ask(text, NEW).state is State.ADDED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[dependency-groups]\ntest = [{include-group = "x"}]\n', '[{include-group = "x"}, "tempsafe>=0.1.0"]'),
        ('[project.optional-dependencies]\ndev = ["a", "z"]\n', 'dev = ["a", "tempsafe>=0.1.0", "z"]'),
        ('[tool.poetry.group.dev.dependencies]\npytest = "*"\n', 'pytest = "*"\ntempsafe = ">=0.1.0"\n'),
    ],
)
def test_what_only_tests_need_goes_where_tests_have_theirs(before: str, after: str) -> None:
    head = '[project]\nname = "x"\n'
    answer = pyproject.ask(head + before, NEW, test=True)
    assert answer.state is State.ADDED
    assert after in answer.text
    assert "\ndependencies = [" not in answer.text
    assert '\ndependencies = ["tempsafe>=0.1.0"]' in pyproject.ask(head + before, NEW).text


@pytest.mark.parametrize(
    ("text", "state", "why"),
    [
        ("[tool.ruff]\nline-length = 100\n", State.ABSENT, ""),
        ("[project\n", State.REFUSED, "not valid TOML"),
        ('[project]\nname = "x"\ndependencies = "a"\n', State.REFUSED, "not written as they should be"),
        ('[project]\nname = "x"\ndynamic = ["dependencies"]\n', State.ELSEWHERE, "dynamic"),
        ('[tool.flit.metadata]\nmodule = "x"\n', State.ELSEWHERE, "tool.flit.metadata"),
    ],
)
def test_pyproject_that_is_not_edited(text: str, state: State, why: str) -> None:
    answer = pyproject.ask(text, NEW)
    assert (answer.state, answer.text) == (state, "")
    assert why in answer.why


def test_a_project_does_not_depend_on_itself() -> None:
    assert pyproject.ask('[project]\nname = "TempSafe"\n', NEW).state is State.DECLARED
    own = "[metadata]\nname = tempsafe\n[options]\ninstall_requires =\n    six\n"
    assert setup_cfg.ask(own, NEW).state is State.DECLARED


def test_dynamic_dependencies_lead_to_their_file() -> None:
    head = '[project]\nname = "x"\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\n'
    assert pyproject.ask(f'{head}dependencies = {{file = ["req.txt"]}}\n', NEW).follow == ("req.txt",)
    assert pyproject.ask(f'{head}dependencies.file = "req.txt"\n', NEW).follow == ("req.txt",)
    hatch = '[project]\nname = "x"\ndynamic = ["dependencies"]\n[tool.hatch.metadata.hooks.requirements_txt]\n'
    assert pyproject.ask(f'{hatch}files = ["requirements.txt"]\n', NEW).follow == ("requirements.txt",)


REQUIREMENTS = {
    "in order": ("a\nz\n", "a\ntempsafe>=0.1.0\nz\n"),
    "not in order": ("z\na\n", "z\na\ntempsafe>=0.1.0\n"),
    "no last line end": ("z\na", "z\na\ntempsafe>=0.1.0\n"),
    "empty": ("", "tempsafe>=0.1.0\n"),
    "comments and sections": ("# run\nb\n\n# more\na\n\n", "# run\nb\n\n# more\na\ntempsafe>=0.1.0\n"),
    "line ends of Windows": ("a\r\nz\r\n", "a\r\ntempsafe>=0.1.0\r\nz\r\n"),
}


@pytest.mark.parametrize("case", REQUIREMENTS)
def test_requirements(case: str) -> None:
    before, after = REQUIREMENTS[case]
    answer = requirements.ask(before, NEW)
    assert (answer.state, answer.text) == (State.ADDED, after)
    assert requirements.ask(after, NEW).state is State.DECLARED


@pytest.mark.parametrize(
    "line",
    [
        "Tempsafe == 1  # pinned",
        "tempsafe[x]; python_version < '4'",
        "tempsafe @ git+https://example.invalid/t",
        "-e git+https://example.invalid/t#egg=tempsafe",
        "./wheels/tempsafe-0.1.0-py3-none-any.whl",
        "tempsafe \\\n  >=1",
    ],
)
def test_requirements_that_have_it(line: str) -> None:
    assert requirements.ask(f"a\n{line}\nz\n", NEW).state is State.DECLARED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a==1 \\\n    --hash=sha256:0\n", "pins hashes"),
        ("#\n# This file is autogenerated by pip-compile with Python 3.12\n#\na==1\n", "generated"),
        ("# This file was autogenerated by uv via the following command:\na==1\n", "generated"),
    ],
)
def test_requirements_that_are_not_edited(text: str, why: str) -> None:
    answer = requirements.ask(text, NEW)
    assert (answer.state, answer.text) == (State.REFUSED, "")
    assert why in answer.why


SETUP_CFG = {
    "rows in order": (
        "[metadata]\nname = x\n\n[options]\ninstall_requires =\n    a\n    # c\n    z\n\n[flake8]\nignore = E1\n",
        "[metadata]\nname = x\n\n[options]\ninstall_requires =\n    a\n    # c\n    tempsafe>=0.1.0\n    z\n\n"
        "[flake8]\nignore = E1\n",
    ),
    "one value": (
        "[options]\ninstall_requires = six\n",
        "[options]\ninstall_requires =\n    six\n    tempsafe>=0.1.0\n",
    ),
    "no value": (
        "[options]\ninstall_requires =\nzip_safe = no\n",
        "[options]\ninstall_requires =\n    tempsafe>=0.1.0\nzip_safe = no\n",
    ),
    "tabs, no last line end": (
        "[options]\ninstall_requires =\n\tz\n\tb",
        "[options]\ninstall_requires =\n\tz\n\tb\n\ttempsafe>=0.1.0",
    ),
}


@pytest.mark.parametrize("case", SETUP_CFG)
def test_setup_cfg(case: str) -> None:
    before, after = SETUP_CFG[case]
    answer = setup_cfg.ask(before, NEW)
    assert (answer.state, answer.text) == (State.ADDED, after)
    assert setup_cfg.ask(after, NEW).state is State.DECLARED


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("[flake8]\nignore = E1\n", State.ABSENT),
        ("[options]\npackages = find:\n", State.ABSENT),
        ("no section\n", State.ABSENT),
        ("install_requires = x\n", State.REFUSED),
        ("[options]\ninstall_requires = six; b\n", State.REFUSED),
        ("[options]\ninstall_requires = file: requirements.txt\n", State.ELSEWHERE),
    ],
)
def test_setup_cfg_that_is_not_edited(text: str, state: State) -> None:
    assert setup_cfg.ask(text, NEW).state is state


def test_setup_cfg_extras_are_enough_for_test_code_only() -> None:
    text = "[options]\ninstall_requires =\n    a\n[options.extras_require]\ntest =\n    tempsafe\n"
    assert setup_cfg.ask(text, NEW, test=True).state is State.DECLARED
    assert setup_cfg.ask(text, NEW).state is State.ADDED


SCRIPT = {
    "rows": (
        "#!/usr/bin/env python\n# /// script\n# dependencies = [\n#   'a', # why\n# ]\n# ///\nimport a\n",
        "#!/usr/bin/env python\n# /// script\n# dependencies = [\n#   'a', # why\n#   \"tempsafe>=0.1.0\",\n# ]\n"
        "# ///\nimport a\n",
    ),
    "no list": (
        '# /// script\n# requires-python = ">=3.9"\n#\n# [tool.uv]\n# x = 1\n# ///\n',
        '# /// script\n# requires-python = ">=3.9"\n# dependencies = ["tempsafe>=0.1.0"]\n#\n'
        "# [tool.uv]\n# x = 1\n# ///\n",
    ),
    "line ends of Windows": (
        "# /// script\r\n# dependencies = []\r\n# ///\r\nx\r\n",
        '# /// script\r\n# dependencies = ["tempsafe>=0.1.0"]\r\n# ///\r\nx\r\n',
    ),
}


@pytest.mark.parametrize("case", SCRIPT)
def test_script_headers(case: str) -> None:
    before, after = SCRIPT[case]
    answer = script.ask(before, NEW)
    assert (answer.state, answer.text) == (State.ADDED, after)
    assert script.ask(after, NEW).state is State.DECLARED


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("x = 1\n", State.ABSENT),
        ("# /// script\n# dependencies = 1\n# ///\n", State.REFUSED),
        ("# /// script\n# x = \n# ///\n", State.REFUSED),
        ("# /// script\n# x = 1\n# ///\n\n# /// script\n# x = 1\n# ///\n", State.REFUSED),
    ],
)
def test_script_headers_that_are_not_edited(text: str, state: State) -> None:
    assert script.ask(text, NEW).state is state
