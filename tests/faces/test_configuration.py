"""Where settings come from, and what a wrong one says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Program, Result

DEFECT = "import tempfile\nx = tempfile.mktemp()\n"


def codes(result: Result) -> list[str]:
    return [line.split(" ")[1] for line in result.lines if line.count(":") >= 3]


def configure(program: Program, text: str, name: str = "pyproject.toml") -> None:
    (program.folder / name).write_text(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "[tool.tempsafe-lint]\n\nselct = ['TMP']\n",
            "pyproject.toml:3: unknown setting `selct`; did you mean `select`?",
        ),
        ("[tool.tempsafe-lint]\nzzz = 1\n", "pyproject.toml:2: unknown setting `zzz`"),
        ("[tool.tempsafe-lint]\nselect = 'TMP'\n", "pyproject.toml:2: `select` must be a list of strings"),
        ("[tool.tempsafe-lint]\nexclude = [1]\n", "pyproject.toml:2: `exclude` must be a list of strings"),
        ("[tool.tempsafe-lint]\nforce-exclude = 1\n", "pyproject.toml:2: `force-exclude` must be true or false"),
        (
            "[tool.tempsafe-lint]\nmin-severity = 'hi'\n",
            'pyproject.toml:2: `min-severity` must be "low", "medium" or "high"',
        ),
        (
            "[tool.tempsafe-lint]\nmin-severity = []\n",
            'pyproject.toml:2: `min-severity` must be "low", "medium" or "high"',
        ),
        (
            "[tool.tempsafe-lint]\ntarget-version = '2.7'\n",
            'pyproject.toml:2: `target-version` must be a version like "py312"',
        ),
        ("[tool.tempsafe-lint]\nper-file-ignores = ['a']\n", "pyproject.toml:2: `per-file-ignores` must be a table"),
        ("[tool.tempsafe-lint.per-file-ignores]\n'a' = 'TMP'\n", "pyproject.toml:2: `per-file-ignores` must be a list"),
        ("[tool.tempsafe-lint]\noutput-format = 'xml'\n", 'pyproject.toml:2: `output-format` must be one of "full"'),
        (
            "[tool.tempsafe-lint]\nselect = ['mktmp']\n",
            "pyproject.toml:2: unknown rule `mktmp` in `select`; did you mean `mktemp`?",
        ),
        ("[tool.tempsafe-lint]\nselect = [\n", "pyproject.toml:3: not valid TOML: "),
        ("[tool]\ntempsafe-lint = 3\n", "pyproject.toml:2: `tool.tempsafe-lint` must be a table"),
    ],
)
def test_a_wrong_setting_is_one_line_with_its_place(program: Program, text: str, complaint: str) -> None:
    configure(program, text)
    (program.folder / "a.py").write_text(DEFECT)
    result = program("a.py")
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith(f"error: {complaint}")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--select", "TMP2O1"), "error: command line: unknown rule `TMP2O1` in `--select`; did you mean `"),
        (("--ignore", "nonsense-words"), "error: command line: unknown rule `nonsense-words` in `--ignore`"),
        (("--selct", "TMP"), "error: unknown option `--selct`; did you mean `--select`?"),
        (("--output-format", "xml"), "error: argument --output-format: invalid choice: 'xml'"),
        (("--config", "nothing.toml"), "error: nothing.toml: cannot be read: no such file or directory"),
        (("--config", "selct = ['TMP']"), "error: --config: unknown setting `selct`; did you mean `select`?"),
        (("--config", "select = ["), "error: --config: not valid TOML: "),
        (("--target-version", "2.7"), "error: argument --target-version: must be a version like"),
        (("--jobs", "0"), "error: argument -j/--jobs: must be a number from 1"),
        (("-", "a.py"), "error: command line: `-` stands alone, without other paths"),
        (("rule", "TMP2O1"), "error: unknown rule `TMP2O1`; did you mean `"),
    ],
)
def test_a_wrong_command_line_is_one_line(program: Program, arguments: tuple[str, ...], complaint: str) -> None:
    result = program(*arguments)
    assert result.code == 2
    assert result.err.startswith(complaint)
    assert result.err.count("\n") == 1
    assert result.out == ""


def test_not_utf8(program: Program) -> None:
    (program.folder / "pyproject.toml").write_bytes(b"[tool.tempsafe-lint]\n# \xff\n")
    result = program()
    assert (result.code, result.err) == (2, "error: pyproject.toml: is not UTF-8, as TOML must be\n")


def test_select_and_ignore(program: Program) -> None:
    (program.folder / "a.py").write_text(DEFECT)
    configure(program, "[tool.tempsafe-lint]\nignore = ['mktemp']\n")
    assert codes(program()) == []
    assert codes(program("--extend-select", "mktemp")) == ["TMP201"]
    assert codes(program("--select", "TMP2")) == ["TMP201"], "a selection on the command line starts afresh"
    assert codes(program("--isolated")) == ["TMP201"]
    configure(program, "[tool.tempsafe-lint]\nselect = ['TMP4']\n")
    assert codes(program()) == []
    configure(program, "[tool.tempsafe-lint]\nselect = ['TMP4']\nextend-select = ['TMP201']\n")
    assert codes(program()) == ["TMP201"]
    assert codes(program("--ignore", "TMP2,TMP4")) == []
    assert codes(program("--config", "select = ['ALL']")) == ["TMP201"]


def test_severity(program: Program) -> None:
    (program.folder / "a.py").write_text(DEFECT)
    assert codes(program("--min-severity", "high", "a.py")) == ["TMP201"]
    leak = "import tempfile\n\n\ndef f():\n    d = tempfile.mkdtemp()\n    open(d + '/x', 'w').close()\n"
    (program.folder / "a.py").write_text(leak)
    assert codes(program("--output-format", "concise")) == ["TMP402"]
    assert codes(program("--output-format", "concise", "--min-severity", "high")) == []


def test_per_file_ignores(program: Program) -> None:
    configure(program, "[tool.tempsafe-lint]\nper-file-ignores = { 'tools/**' = ['TMP2'], 'x.py' = ['mktemp'] }\n")
    for name in ("tools/deep/a.py", "src/tools/a.py", "deep/x.py", "y.py"):
        path = program.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(DEFECT)
    found = [line.split(":")[0] for line in program("-q", "--output-format", "concise").lines]
    assert found == ["src/tools/a.py", "y.py"]


def test_nearest_table_wins_and_files_without_one_are_skipped(program: Program) -> None:
    configure(program, "[tool.tempsafe-lint]\nignore = ['TMP201']\n")
    inner = program.folder / "packages" / "one"
    inner.mkdir(parents=True)
    (inner / "a.py").write_text(DEFECT)
    (inner / "pyproject.toml").write_text("[project]\nname = 'one'\n")
    assert codes(program("--output-format", "concise")) == []
    assert codes(program.within(inner)("--output-format", "concise")) == []
    (inner / "pyproject.toml").write_text("[tool.tempsafe-lint]\n")
    assert codes(program("--output-format", "concise")) == ["TMP201"]
    (inner / "tempsafe-lint.toml").write_text("ignore = ['TMP2']\n")
    assert codes(program("--output-format", "concise")) == []
    (inner / ".tempsafe-lint.toml").write_text("select = ['TMP2']\n")
    assert codes(program("--output-format", "concise")) == ["TMP201"]


def test_the_search_stops_at_the_repository(program: Program) -> None:
    configure(program, "[tool.tempsafe-lint]\nignore = ['TMP201']\n")
    inner = program.folder / "inner"
    (inner / ".git").mkdir(parents=True)
    (inner / "a.py").write_text(DEFECT)
    assert codes(program.within(inner)("--output-format", "concise")) == ["TMP201"]


def test_somebody_elses_broken_pyproject_is_not_ours(program: Program) -> None:
    configure(program, "[project\n")
    (program.folder / "a.py").write_text(DEFECT)
    assert codes(program("--output-format", "concise")) == ["TMP201"]


def test_config_file_option(program: Program) -> None:
    (program.folder / "a.py").write_text(DEFECT)
    configure(program, "ignore = ['TMP2']\n", "other.toml")
    assert codes(program("--config", "other.toml")) == []
    assert codes(program("--config", "other.toml", "--config", "ignore = []", "--output-format", "concise")) == [
        "TMP201"
    ]


def test_output_format_from_the_file(program: Program) -> None:
    configure(program, "[tool.tempsafe-lint]\noutput-format = 'json'\n")
    assert program().out == "[]\n"
    assert program("--output-format", "concise").out == "All checks passed!\n"


def test_tests_setting(program: Program) -> None:
    (program.folder / "checks").mkdir()
    (program.folder / "checks" / "a.py").write_text("open('/tmp/x', 'w').close()\n")
    assert codes(program("--output-format", "concise")) == ["TMP101"]
    configure(program, "[tool.tempsafe-lint]\ntests = ['checks/**']\n")
    assert codes(program("--output-format", "concise")) == []
