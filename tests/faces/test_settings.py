"""Every key of the table: read, documented, in the schema, and with the effect that it names."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import tempsafe_lint
from tempsafe_lint.configuration import ConfigError, Configurations
from tempsafe_lint.configuration.keys import KEYS
from tempsafe_lint.configuration.schema import schema
from tempsafe_lint.configuration.tables import row_of
from tempsafe_lint.paths import for_file, rebased
from tempsafe_lint.settings import DEFAULTS, Settings

if TYPE_CHECKING:
    from tempsafe_lint.settings import Configuration
    from tests.conftest import Program

ROOT = Path(__file__).resolve().parent.parent.parent
DEFECT = "import tempfile\nx = tempfile.mktemp()\n"


def read(folder: Path, text: str, name: str = "tempsafe-lint.toml") -> Configuration:
    (folder / name).write_text(text)
    return Configurations().at(str(folder))


def toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    loaded: dict[str, Any] = tomllib.loads(text)
    return loaded


# The table of keys


@pytest.mark.parametrize("name", KEYS)
def test_a_key_says_what_it_is(name: str) -> None:
    key = KEYS[name]
    assert key.doc.endswith(".")
    assert key.kind.shown
    assert not key.into or key.into in DEFAULTS, "a key fills a field that has a default"


@pytest.mark.parametrize("name", [name for name in KEYS if name not in ("extend", "required-version")])
def test_the_example_of_a_key_is_read_and_valid(name: str, tmp_path: Path) -> None:
    text = f"{name} = {KEYS[name].example}\n"
    configuration = read(tmp_path, text)
    field = KEYS[name].into
    owner = configuration if hasattr(configuration, field) else configuration.settings
    assert getattr(owner, field) != DEFAULTS[field], "an example shows something else than the default"
    jsonschema.validate(toml(text), schema())


def test_every_field_has_a_key() -> None:
    """What a project cannot set is not a setting: these come from the command line, flake8, or its metadata."""
    others = {"origin", "severity", "ignore_suppressions", "noqa", "windows"}
    assert set(DEFAULTS) - {key.into for key in KEYS.values()} == others


# The schema


def test_the_published_schema_is_the_one_of_this_release() -> None:
    published = json.loads((ROOT / "docs" / "tempsafe-lint.schema.json").read_text("utf-8"))
    assert published == schema(), "tempsafe-lint config --schema > docs/tempsafe-lint.schema.json"


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


@pytest.mark.parametrize(
    "text",
    [
        "selct = ['TMP']",
        "select = 'TMP'",
        "select = ['TMP2O1']",
        "select = [1]",
        "force-exclude = 1",
        "min-severity = 'hi'",
        "target-version = '2.7'",
        "unsafe-fixes = 'yes'",
        "output-format = 'xml'",
        "extension = { a = 'ruby' }",
        "per-file-ignores = { 'a' = 'TMP' }",
        "required-version = 1",
        "extend = []",
        "[[overrides]]\nselect = ['TMP']",
        "[[overrides]]\nfiles = []",
        "[[overrides]]\nfiles = ['a']\nselct = ['TMP']",
        "[[overrides]]\nfiles = ['a']\nseverity = { TMP101 = 'lo' }",
        "[[overrides]]\nfiles = ['a']\nseverity = { TMP191 = 'low' }",
    ],
)
def test_what_the_schema_refuses_the_program_refuses(text: str, tmp_path: Path) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(toml(text), schema())
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert str(caught.value).split(": ")[0].rsplit(":", 1)[1].isdecimal(), "it says the row"


def test_our_own_table_is_valid() -> None:
    table = toml((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["tempsafe-lint"]
    jsonschema.validate(table, schema())


# Rows


@pytest.mark.parametrize(
    ("way", "row"),
    [
        (("select",), 1),
        (("per-file-ignores", "a b.py"), 3),
        (("per-file-ignores", "gone.py"), 2),
        (("overrides", 0, "files"), 5),
        (("overrides", 1, "files"), 8),
        (("overrides", 1, "severity", "TMP101"), 10),
        (("overrides", 0, "severity"), 6),
        (("deep", "er"), 11),
    ],
)
def test_rows_of_keys(way: tuple[str | int, ...], row: int) -> None:
    text = (
        "select = [\n  'TMP',\n]\n[per-file-ignores]\n'a b.py' = []\n".replace("\n  'TMP',\n", " 'TMP' ")
        + "[[overrides]]\nfiles = ['a']\nseverity = { TMP101 = 'low' }\n"
        + "[[ overrides ]]  # the second\nfiles = ['b']\n[overrides.severity]\nTMP101 = 'low'\n"
    )
    assert row_of(text + "[x]\n", way) == row if way[0] != "deep" else row_of("\n" * 10 + "deep.er = 1\n", way) == row


# extend


def test_extend(tmp_path: Path) -> None:
    inner = tmp_path / "packages" / "one"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(
        "[tool.tempsafe-lint]\nignore = ['TMP404']\nextend-exclude = ['gen', 'packages/*/build2/**']\n"
        "min-severity = 'high'\n"
        "per-file-ignores = { 'packages/one/legacy/**' = ['TMP1'], 'packages/two/x.py' = ['TMP2'] }\n"
    )
    found = read(inner, "extend = '../../pyproject.toml'\nmin-severity = 'low'\nextend-exclude = ['mine']\n")
    assert found.root == str(inner)
    assert found.settings.ignore == ("TMP404",)
    assert found.settings.min_severity.value == "low", "the nearer file wins"
    assert found.exclude[-3:] == ("gen", "/build2/**", "mine"), "patterns are as from the folder of their file"
    assert found.settings.per_file_ignores == (("/legacy/**", ("TMP1",)),)


def test_a_nearer_select_begins_afresh(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text("ignore = ['TMP404']\nextend-select = ['TMP502']\n")
    assert read(tmp_path, "extend = 'base.toml'\nselect = ['TMP4']\n").settings.ignore == ()
    assert read(tmp_path, "extend = 'base.toml'\n").settings.extend_select == ("TMP502",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\nextend = 'gone.toml'", ":2: `extend`: there is no file `gone.toml`"),
        ("extend = 'tempsafe-lint.toml'", ":1: `extend` leads in a circle: "),
        ("extend = 'base.toml'", "base.toml:1: `extend` leads in a circle: "),
        ("extend = 'pyproject.toml'", ":1: `extend`: `pyproject.toml` has no table `[tool.tempsafe-lint]`"),
        ("extend = 3", ":1: `extend` must be a string"),
        ("extend = '.'", ":1: `extend`: there is no file `.`"),
        ("required-version = '>=99'", ":1: this project requires tempsafe-lint >=99, and this is "),
        ("required-version = 'new'", ':1: `required-version` must be a version specifier like ">=1.2"'),
        (
            "[[overrides]]\nfiles = ['a']\nselct = []",
            ":3: unknown setting `selct` in `overrides`; did you mean `select`?",
        ),
        (
            "[[overrides]]\nfiles = ['a']\n[[overrides]]\nignore = []",
            ":3: `overrides` needs `files`, a list of patterns",
        ),
        ("[[overrides]]\nfiles = ['a']\nignore = ['TMP2O1']", ":3: unknown rule `TMP2O1` in `overrides`; did you mean"),
    ],
)
def test_what_cannot_be_meant(text: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text("extend = 'tempsafe-lint.toml'\n")
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\n# tempsafe-lint\n")
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("x.py", ("x.py",)),
        ("packages/one/src/**", ("/src/**",)),
        ("/packages/*/src", ("/src",)),
        ("packages/two/src", ()),
        ("packages/one", ("**",)),
        ("**/src/*.py", ("/**/src/*.py",)),
        ("packages/**", ("/**",)),
        ("!packages/one/src/**", ("!/src/**",)),
        ("!packages/two/**", ("**",)),
    ],
)
def test_patterns_of_a_file_above(pattern: str, expected: tuple[str, ...]) -> None:
    assert rebased(pattern, "packages/one") == expected


def test_required_version_of_this_release(tmp_path: Path) -> None:
    assert read(tmp_path, f"required-version = '=={tempsafe_lint.__version__}'\n").origin == str(
        tmp_path / "tempsafe-lint.toml"
    )


# What the keys do


def codes(program: Program, *arguments: str) -> list[str]:
    return [json.loads(line)["code"] for line in program("--output-format", "json-lines", *arguments).lines]


def test_overrides(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        "ignore = ['TMP4']\n[[overrides]]\nfiles = ['docker/**']\nignore = ['TMP1']\nseverity = { TMP2 = 'low' }\n"
        "[[overrides]]\nfiles = ['docker/x.py']\nselect = ['TMP3']\n",
    ).settings
    assert for_file(settings, "src/a.py").ignore == ("TMP4",)
    assert for_file(settings, "docker/a.py").ignore == ("TMP4", "TMP1")
    there = for_file(settings, "docker/x.py")
    assert (there.select, there.ignore) == (("TMP3",), ())
    assert [(selector, level.value) for selector, level in there.severity] == [("TMP2", "low")]


def test_severity_as_the_project_has_it(program: Program) -> None:
    (program.folder / "a.py").write_text(DEFECT)
    base = "[tool.tempsafe-lint]\n"

    def record(text: str) -> dict[str, Any]:
        (program.folder / "pyproject.toml").write_text(base + text)
        loaded: dict[str, Any] = json.loads(program("--output-format", "json").out)[0]
        return loaded

    assert record("overrides = [{ files = ['a.py'], severity = { mktemp = 'low' } }]\n")["severity"] == "low"


def test_preview_rules_are_off_until_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from tempsafe_lint import engine, registry

    on_trial = registry.all_rules()[0]
    monkeypatch.setattr(on_trial, "preview", True)
    trial = on_trial.code
    assert trial not in {rule.code for rule in engine.enabled("a.py", Settings(select=("ALL",)))}
    assert trial in {rule.code for rule in engine.enabled("a.py", Settings(preview=True))}


def test_selection_on_the_command_line(program: Program) -> None:
    for name in ("a.py", "b.py"):
        (program.folder / name).write_text(DEFECT)
    assert codes(program, "--per-file-ignores", "a.py:TMP2,TMP4,zz/**:mktemp") == ["TMP201"]
    (program.folder / "pyproject.toml").write_text(
        "[tool.tempsafe-lint]\nselect = ['TMP3']\noverrides = [{ files = ['b.py'], select = ['TMP2'] }]\n"
    )
    assert codes(program) == ["TMP201"]
    assert codes(program, "--select", "TMP4") == [], "a selection on the command line is the last word"
    wrong = program("--per-file-ignores", "a.py:TMP2O1")
    assert wrong.err.startswith("error: command line: unknown rule `TMP2O1` in `--per-file-ignores`")
    assert program("--per-file-ignores", "a.py").err == (
        'error: argument --per-file-ignores: must be like "tests/**:TMP4"\n'
    )


def test_include_and_extension(program: Program) -> None:
    for name in ("a.py", "b.pyw", "c.tool", "d.txt", "e.note"):
        (program.folder / name).write_text(DEFECT)
    shown = ("--show-files",)
    assert program(*shown).lines == ["a.py"]
    assert program(*shown, "--extension", "pyw:python", "--extension", ".note:ipynb").lines == ["a.py", "b.pyw"]
    (program.folder / "pyproject.toml").write_text(
        "[tool.tempsafe-lint]\ninclude = ['*.tool']\nextension = { txt = 'python' }\n"
    )
    assert program(*shown).lines == ["c.tool", "d.txt"]
    assert program("--extension", "pyw:ruby").err == 'error: argument --extension: must be like "pyw:python"\n'


def test_the_environment(program: Program) -> None:
    (program.folder / "a.py").write_text(DEFECT)
    (program.folder / "other.toml").write_text("ignore = ['TMP2']\n")
    assert program("-q", TEMPSAFE_OUTPUT_FORMAT="concise").out.startswith("a.py:2:5: TMP201 ")
    wrong = program(TEMPSAFE_OUTPUT_FORMAT="xml")
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)
    assert wrong.err.startswith("error: environment: `TEMPSAFE_OUTPUT_FORMAT` must be one of ")
    assert program(TEMPSAFE_CONFIG="other.toml").code == 0
    assert program("--isolated", TEMPSAFE_CONFIG="other.toml").code == 1
    flake8 = program.command("flake8", "--select", "TMP", "a.py")
    assert flake8(TEMPSAFE_CONFIG=str(program.folder / "other.toml")).out == ""


# The command


def test_config_lists_and_explains(program: Program) -> None:
    assert [line.split()[0] for line in program("config").lines] == list(KEYS)
    page = program("config", "min-severity").out
    assert page.startswith("# min-severity\n")
    assert 'Default: `"low"`' in page
    assert [record["name"] for record in json.loads(program("config", "--output-format", "json").out)] == list(KEYS)
    wrong = program("config", "min-severty")
    assert (wrong.code, wrong.err) == (2, "error: unknown setting `min-severty`; did you mean `min-severity`?\n")
    assert json.loads(program("config", "--schema").out) == schema()


REOPENED = """\
import shutil
import tempfile

def f():
    with tempfile.NamedTemporaryFile() as out:
        shutil.copy(out.name, "x")
"""


@pytest.mark.parametrize(
    ("name", "text", "on"),
    [
        ("pyproject.toml", "classifiers = ['Operating System :: Microsoft :: Windows :: Windows 10']", True),
        (
            "setup.cfg",
            "classifiers =\n    Operating System :: POSIX\n    Operating System :: Microsoft :: Windows\n",
            True,
        ),
        ("setup.py", 'setup(classifiers=["Operating System :: Microsoft :: Windows"])', True),
        ("pyproject.toml", 'classifiers = ["Operating System :: OS Independent"]', False),
        ("pyproject.toml", 'classifiers = ["Operating System :: Microsoft :: MS-DOS"]', False),
    ],
)
def test_a_rule_for_windows_is_on_where_the_project_runs_there(
    program: Program, name: str, text: str, *, on: bool
) -> None:
    head = "[project]\n" if name == "pyproject.toml" else ""
    (program.folder / name).write_text(f"{head}{text}\n")
    (program.folder / "a.py").write_text(REOPENED)
    found = program("check", "a.py", "--output-format", "concise").out
    assert ("TMP502" in found) is on


def test_config_show_says_where_each_setting_is_from(program: Program) -> None:
    inner = program.folder / "packages" / "one"
    inner.mkdir(parents=True)
    (program.folder / "pyproject.toml").write_text(
        "[project]\nrequires-python = '>=3.12'\n"
        "[tool.tempsafe-lint]\nmin-severity = 'medium'\nextend-exclude = ['gen']\n"
    )
    (inner / "tempsafe-lint.toml").write_text("extend = '../../pyproject.toml'\nignore = ['TMP4']\n")
    lines = program("config", "--show", "packages/one/tests/test_a.py").lines
    assert lines[0] == f"# root: {inner}"
    assert lines[1] == "# configured by: packages/one/tempsafe-lint.toml, which extends pyproject.toml"
    assert lines[2] == "# test code: yes"
    for text, where in (
        ('min-severity = "medium"', "# pyproject.toml:4"),
        ('extend-exclude = ["gen"]', "# pyproject.toml:5"),
        ('ignore = ["TMP4"]', "# packages/one/tempsafe-lint.toml:2"),
        ('target-version = "py312"', "# pyproject.toml: project.requires-python"),
        ("preview = false", "# default"),
    ):
        above = [line for line in lines[: lines.index(text)] if line.startswith("# ") and line[2] != " "]
        assert above[-1] == where, text
    toml("\n".join(lines))
    isolated = program("config", "--show", "packages/one/a.py", "--isolated").lines
    assert "# configured by: nothing" in isolated
