"""`init`, `completions` and `rule`: what a newcomer calls once."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tempsafe_lint.drivers import completions, init
from tempsafe_lint.drivers.options import COMMANDS, whole_parser
from tempsafe_lint.registry import all_rules

if TYPE_CHECKING:
    from tests.conftest import Program

ROOT = Path(__file__).resolve().parent.parent.parent

PYPROJECT = """\
[project]   # mine
name = "x"

[tool.ruff]
line-length=100   # wide

[build-system]
requires = [
    "hatchling",  # why not
]

[tool.black]
a = 1
"""


@pytest.fixture
def fresh(program: Program) -> Program:
    (program.folder / "pyproject.toml").unlink()
    (program.folder / ".git").mkdir()
    return program


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_init_adds_to_pyproject_and_keeps_the_rest(fresh: Program, end: str) -> None:
    path = fresh.folder / "pyproject.toml"
    path.write_bytes(PYPROJECT.replace("\n", end).encode())
    done = fresh("init")
    assert (done.code, done.out, done.err) == (0, "Changed pyproject.toml\n", "")
    after = path.read_bytes().decode()
    assert after.count("\n") == after.count(end)
    old, new = PYPROJECT.splitlines(), after.splitlines()
    rest = iter(new)
    assert all(line in rest for line in old), "every old line, in its order"
    added = [line for line in new if line.strip() and line not in old]
    assert sorted(added) == [
        "# what may stand here: tempsafe-lint config",
        "[tool.ruff.lint]",
        "[tool.tempsafe-lint]",
        'external = ["TMP"]',
    ]
    assert fresh("config", "--show", "a.py").lines[1] == "# configured by: pyproject.toml"
    again = fresh("init")
    assert (again.code, again.out) == (2, "")
    assert "note: pyproject.toml: is configured already, and stays as it is\n" in again.err
    assert path.read_bytes().decode() == after


def test_init_without_a_pyproject(fresh: Program) -> None:
    assert fresh("init").out == "Wrote tempsafe-lint.toml\n"
    assert fresh("init").code == 2
    assert fresh("config", "--show", "a.py").lines[1] == "# configured by: tempsafe-lint.toml"


def test_init_only_prints_when_asked(fresh: Program) -> None:
    (fresh.folder / "pyproject.toml").write_text(PYPROJECT)
    done = fresh("init", "--print", "--pre-commit")
    assert "[tool.tempsafe-lint]" in done.out
    assert "id: tempsafe-lint\n" in done.out
    assert (fresh.folder / "pyproject.toml").read_text() == PYPROJECT
    assert not (fresh.folder / ".pre-commit-config.yaml").exists()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[project\n", "error: not valid TOML, so nothing was written: "),
        ("tool = 3\n", "error: pyproject.toml: cannot be changed without losing its form; add this:\n[tool.temp"),
    ],
)
def test_init_does_not_touch_what_it_cannot_read(fresh: Program, text: str, complaint: str) -> None:
    (fresh.folder / "pyproject.toml").write_text(text)
    done = fresh("init")
    assert done.code == 2
    assert done.err.startswith(complaint)
    assert (fresh.folder / "pyproject.toml").read_text() == text


HOOKS = {
    "none": ("", "repos:\n  - repo: local\n"),
    "indented": (
        "repos:\n  - repo: https://x/y\n    rev: v1\n    hooks:\n      - id: z\n\nci:\n  a: 1\n",
        "      - id: z\n  - repo: local\n    hooks:\n",
    ),
    "flush": (
        "# mine\nrepos:\n- repo: meta\n  hooks:\n  - id: z  # last",
        "  - id: z  # last\n- repo: local\n  hooks:\n",
    ),
}


@pytest.mark.parametrize("case", HOOKS)
def test_the_hook_goes_behind_the_others(case: str) -> None:
    yaml = pytest.importorskip("yaml", reason="comes with pre-commit")
    before, expected = HOOKS[case]
    after = init._with_hook(before, "", "tempsafe-lint-fix")
    assert expected in after
    old, new = yaml.safe_load(before) or {"repos": []}, yaml.safe_load(after)
    assert new["repos"][:-1] == old["repos"]
    assert {name: new[name] for name in old if name != "repos"} == {name: old[name] for name in old if name != "repos"}
    (hook,) = new["repos"][-1]["hooks"]
    assert hook["entry"] == "tempsafe-lint check --force-exclude --fix"
    remote = yaml.safe_load(init._with_hook(before, "https://a/b", "tempsafe-lint"))["repos"][-1]
    assert (remote["repo"], remote["hooks"]) == ("https://a/b", [{"id": "tempsafe-lint"}])


def test_a_list_of_hooks_that_is_written_otherwise_is_left_to_the_user() -> None:
    with pytest.raises(init._NotUnderstood, match="repo: local"):
        init._with_hook("repos: []\n", "", "tempsafe-lint")
    with pytest.raises(init._Unchanged):
        init._with_hook("repos:\n- repo: x\n  hooks:\n  - id: tempsafe-lint-fix\n", "", "tempsafe-lint")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[flake8]\nselect = E,F\n", "[flake8]\nextend-select = TMP\nselect = E,F\n"),
        ("[flake8]\nselect =\n    E,F\nextend-select = B\n", "[flake8]\nselect =\n    E,F\nextend-select = TMP, B\n"),
        ("[flake8]\nignore = E5\n", None),
        ("[flake8]\nselect = E,T\n", None),
        ("[flake8]\nselect =\n    E,\n    TMP\n", None),
        ("[other]\nselect = E\n", None),
        ("", None),
    ],
)
def test_a_select_of_flake8_lets_the_plugin_pass(before: str, after: str | None) -> None:
    if after is None:
        with pytest.raises(init._Unchanged):
            init._with_flake8(before)
    else:
        assert init._with_flake8(before) == after


# completions


@pytest.mark.parametrize("shell", completions.SHELLS)
def test_completions_know_every_command_and_option(program: Program, shell: str) -> None:
    carried = program("completions", shell).out
    options = {name for action in whole_parser()._actions for name in action.option_strings if name.startswith("--")}
    written = re.sub(r"\blong=|-l ", "--", carried)
    missing = {word for word in (*COMMANDS, *options) if not re.search(rf"(?<![\w-]){word}(?![\w-])", written)}
    assert not missing, "stale: run .ci/completions"


def test_completions_are_those_that_shtab_makes() -> None:
    pytest.importorskip("shtab", reason="makes the files at a release")
    generated = runpy.run_path(str(ROOT / ".ci" / "completions"))["generated"]
    folder = Path(completions.__file__).parent / "completed"
    for shell in completions.SHELLS:
        words = [
            set(re.findall(r"--[a-z][\w-]+|-l \S+", text))  # not the help: versions of argparse add to it
            for text in (generated(shell), (folder / f"{shell}.txt").read_text("utf-8"))
        ]
        assert words[0] == words[1], f"{shell} is stale: run .ci/completions"


def test_bash_completes(program: Program) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("needs bash")
    script = (
        f'eval "$({program.prefix[0]} -m tempsafe_lint completions bash)"\n'
        'COMP_WORDS=(tempsafe-lint check --output-fo); COMP_CWORD=2; _shtab_tempsafe_lint; echo "${COMPREPLY[@]}"\n'
        'COMP_WORDS=(tempsafe-lint comp); COMP_CWORD=1; _shtab_tempsafe_lint; echo "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run([bash, "-c", script], env=program.environment, capture_output=True, text=True, check=False)
    assert done.stdout == "--output-format\ncompletions\n", done


# rule


def test_rule_pages_in_every_form(program: Program) -> None:
    everything = program("rule", "--all").out
    records = json.loads(program("rule", "--all", "--output-format", "json").out)
    for rule in all_rules():
        assert f"# {rule.name} ({rule.code})\n" in everything
    assert {rule.code for rule in all_rules()} < {record["code"] for record in records}
    assert {"code", "name", "severity", "cwe", "since", "on", "summary", "page"} == set(records[0])
    table = program("rule", "--output-format", "markdown").lines
    assert table[0] == "| code | name | severity | what |"
    assert len(table) == len(records) + 2
    wrong = program("rule", "TMP999x")
    assert (wrong.code, wrong.err.startswith("error: unknown rule `TMP999x`; did you mean `")) == (2, True)
