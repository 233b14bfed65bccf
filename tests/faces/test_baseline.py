"""Findings that are accepted for now, and those on changed lines only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tempsafe_lint import baseline
from tempsafe_lint.engine import lint
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from tempsafe_lint.findings import Finding
    from tests.conftest import Program

DEFECT = "import tempfile\n\n\ndef f():\n    print(tempfile.mktemp())\n"
MORE = "    print(tempfile.mktemp())\n"
CONCISE = ("--output-format", "concise", "-q")
NAME = ".tempsafe-baseline.json"


def _found(text: str, name: str = "a.py") -> list[Finding]:
    return list(lint(Source.from_text(text, name), Settings()).findings)


def _path_of(name: str) -> str:
    return name


def _fresh(text: str, accepted: str) -> list[int]:
    entries = baseline.loads(baseline.dumps(baseline.entries_of(_found(accepted), _path_of)))
    return [finding.region.row for finding in baseline.new(_found(text), entries, _path_of)[0]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (DEFECT, []),
        ("# moved\n\n" + DEFECT, []),
        (DEFECT.replace("mktemp()", "mktemp(\n    )"), []),  # a formatter was there
        (DEFECT + MORE, [6]),  # one more of the same
        (DEFECT.replace("mktemp()", "mktemp(), tempfile.mktemp()"), [5]),
        (DEFECT.replace("mktemp()", "mktemp('.x')"), [5]),
        (DEFECT.replace("def f", "def g"), [5]),
    ],
)
def test_what_is_new(text: str, rows: list[int]) -> None:
    assert _fresh(text, DEFECT) == rows


def test_counts(program: Program) -> None:
    twice = DEFECT + MORE
    (entry,) = baseline.entries_of(_found(twice), _path_of)
    assert entry.count == 2
    assert _fresh(twice, twice) == []
    assert _fresh(twice + MORE, twice) == [7]
    fresh, met = baseline.new(_found(DEFECT), [entry], _path_of)
    assert (fresh, dict(met)) == ([], {entry.fingerprint: 1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ":1: not valid JSON: expecting property name enclosed in double quotes"),
        ("[]", ":1: not a baseline: a table with `version` and `findings` is expected"),
        ('{"version": 9, "findings": []}', ":1: a baseline of version 9, and this program knows version 1"),
        ('{"version": 1, "findings": [\n3]}', ":1: not a baseline: each finding is a table"),
        (
            '{"version": 1, "findings": [\n{"path": "a", "code": "TMP201", "name": "mktemp", "count": 0, '
            '"fingerprint": "ff", "message": "m"}]}',
            ":2: a finding without a proper `count`",
        ),
        ("[" * 100_000, ":1: not valid JSON"),
        (None, ": no such baseline; `tempsafe-lint baseline create` makes it"),
    ],
)
def test_a_bad_baseline_is_one_line(program: Program, text: str | None, said: str) -> None:
    if text is not None:
        (program.folder / "b.json").write_text(text)
    (program.folder / "a.py").write_text(DEFECT)
    result = program("--baseline", "b.json", "a.py")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: b.json{said}")
    assert result.err.count("\n") == 1


def test_the_life_of_a_baseline(program: Program) -> None:
    """Create, silence; one more is new; moved code is not; what is mended is stale, and pruned."""
    path = program.folder / "a.py"
    path.write_text(DEFECT)
    (program.folder / "b.py").write_text(DEFECT)
    made = program("baseline", "create")
    assert (made.code, made.out, made.err) == (0, f"2 findings in 2 files accepted: {NAME}\n", "")
    assert program("baseline", "create").err.startswith(f"error: {NAME}: is there already; ")
    assert program().code == 0
    path.write_text("# moved\n" + DEFECT + MORE)
    result = program(*CONCISE)
    assert (result.code, [line.split(" ")[0] for line in result.lines]) == (1, ["a.py:7:11:"])
    # flake8 reads the same file
    assert [line.split(" ")[0] for line in program.command(sys.executable, "-m", "flake8", "--select=TMP")().lines] == [
        "./a.py:7:11:"
    ]
    path.write_text("x = 1\n")
    (program.folder / "b.py").unlink()
    result = program(*CONCISE)
    assert (result.code, [line.split(" ")[:2] for line in result.lines]) == (
        1,
        [[f"{NAME}:2:1:", "TMP905"], [f"{NAME}:3:1:", "TMP905"]],
    )
    assert "`b.py` has no TMP201 (mktemp) like this any more" in result.out
    assert program("--ignore", "TMP905").code == 0
    assert program("--min-severity", "low").code == 0, "such a run cannot tell what is gone"
    assert program("baseline", "prune").out == f"0 findings in 0 files accepted (2 before): {NAME}\n"
    assert (program().code, json.loads((program.folder / NAME).read_text())["findings"]) == (0, [])


def test_update_and_show_touch_only_what_was_read(program: Program) -> None:
    for name in ("a.py", "b.py"):
        (program.folder / name).write_text(DEFECT)
    program("baseline", "create", "--baseline", "x.json")
    assert not (program.folder / NAME).exists()
    (program.folder / "b.py").write_text("x = 1\n")
    (program.folder / "a.py").write_text(DEFECT + MORE)
    said = program("baseline", "update", "--baseline", "x.json", "a.py")
    assert said.out == "3 findings in 2 files accepted (2 before): x.json\n"
    shown = program("baseline", "show", "--baseline", "x.json").lines
    assert [line.split(" ")[:2] for line in shown] == [["a.py:", "TMP201"], ["b.py:", "TMP201"]]
    assert shown[0].endswith(" (2 times)")
    (program.folder / "pyproject.toml").write_text('[tool.tempsafe-lint]\nbaseline = "x.json"\n')
    assert program("a.py").code == 0
    assert program("--config", 'baseline = ""', "a.py").code == 1
    for wrong in (("create", "-"), ("update", "--fix"), ("show", "--diff-base", "HEAD"), ("mend",)):
        result = program("baseline", *wrong)
        assert (result.code, result.err.count("\n")) == (2, 1)


def test_fixing_leaves_what_is_accepted(program: Program) -> None:
    path = program.folder / "a.py"
    path.write_text(DEFECT)
    program("baseline", "create")
    path.write_text(DEFECT + "\n\ndef g():\n    return tempfile.mktemp()\n")
    assert program("--fix", "-q").code == 0
    text = path.read_text()
    assert "def f():\n    print(tempfile.mktemp())\n" in text
    assert "def g():\n    return tempsafe.mktemp(delete=False)\n" in text


def _git(folder: Path, *words: str) -> str:
    person = [word for key in ("name", "email") for word in ("-c", f"user.{key}=somebody@example")]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(["git", *person, *words], cwd=folder, env=environ, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def repository(program: Program) -> Program:
    """Three files with a defect each, committed; then changed in every way there is."""
    folder = program.folder
    _git(folder, "init", "-q", "-b", "main")
    for name in ("old.py", "changed.py", "odd é\t.py"):
        (folder / name).write_text(DEFECT)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "1")
    _git(folder, "switch", "-q", "-c", "work")
    (folder / "changed.py").write_text("# above\n" + DEFECT + "\n\ndef g():\n    return tempfile.mktemp()\n")
    _git(folder, "mv", "old.py", "new.py")
    _git(folder, "commit", "-q", "-a", "-m", "2")
    (folder / "odd é\t.py").write_text(DEFECT + MORE)
    (folder / "untracked.py").write_text(DEFECT)
    (folder / "staged.py").write_text(DEFECT)
    _git(folder, "add", "staged.py")
    return program


def _places(result: Any) -> list[str]:
    return [line.split(" TMP")[0] for line in result.lines]


def test_only_changed_lines(repository: Program) -> None:
    expected = ["changed.py:10:12:", "odd é\\t.py:6:11:", "staged.py:5:11:", "untracked.py:5:11:"]
    result = repository(*CONCISE, "--diff-base", "main")
    assert (result.code, _places(result), result.err) == (1, expected, "")
    # What others did on main since is not ours, and neither the settings of git nor the working directory matter.
    _git(repository.folder, "switch", "-q", "-C", "elsewhere", "main", "--discard-changes")
    (repository.folder / "changed.py").write_text("# theirs\n")
    _git(repository.folder, "commit", "-q", "-a", "-m", "3")
    _git(repository.folder, "branch", "-q", "-f", "main", "elsewhere")
    _git(repository.folder, "switch", "-q", "work")
    for key, value in (("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("color.diff", "always")):
        _git(repository.folder, "config", key, value)
    (repository.folder / "sub").mkdir()
    result = repository.within(repository.folder / "sub")(*CONCISE, "--diff-base", "main", "..")
    assert [os.path.basename(place) for place in _places(result)] == [expected[0], expected[-1]]


def test_fixing_only_changed_lines(repository: Program) -> None:
    result = repository("--fix", "-q", "--diff-base", "main", "changed.py")
    text = (repository.folder / "changed.py").read_text()
    assert (result.code, result.out) == (0, "")
    assert text.count("tempfile.mktemp()") == 1
    assert text.count("tempsafe.mktemp(") == 1


def test_a_base_that_is_not_there(repository: Program, tmp_path_factory: pytest.TempPathFactory) -> None:
    missing = repository("--diff-base", "origin/main")
    assert (missing.code, missing.out) == (2, "")
    assert missing.err == "error: `--diff-base origin/main`: there is no such revision here\n"
    clone = tmp_path_factory.mktemp("clone") / "shallow"
    _git(repository.folder, "clone", "-q", "--depth", "1", f"file://{repository.folder}", str(clone))
    shallow = repository.within(clone)("--diff-base", "main")
    assert (shallow.code, shallow.out) == (2, "")
    assert shallow.err == (
        "error: `--diff-base main`: there is no such revision here; this clone is shallow: "
        "`git fetch --unshallow` brings the rest (in a GitHub job, `fetch-depth: 0`)\n"
    )
    _git(clone, "fetch", "-q", "--depth", "1", "origin", "main:main")
    apart = repository.within(clone)("--diff-base", "main")
    assert apart.err.startswith(
        "error: `--diff-base main`: it has no commit in common with HEAD; this clone is shallow: "
    )
    outside = tmp_path_factory.mktemp("outside")
    result = repository.within(outside)("--diff-base", "main")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "not a git repository" in result.err
    option = repository("--diff-base", "--output=x")
    assert option.code == 2
    assert not (repository.folder / "x").exists()


def test_a_story_that_reaches_a_changed_row_counts() -> None:
    from tempsafe_lint.drivers.scope import moved, touches

    text = (
        "import shutil\nimport tempfile\n\n\ndef f(run):\n    d = tempfile.mkdtemp()\n    if run():\n        return\n"
        "    shutil.rmtree(d)\n"
    )
    (finding,) = (f for f in _found(text) if f.code == "TMP404")
    assert finding.region.row == 6
    assert finding.related
    assert touches(finding, (range(6, 7),))
    assert touches(finding, tuple(range(other.region.row, other.region.row + 1) for other in finding.related))
    assert not touches(finding, (range(1, 5), range(90, 99)))
    assert moved((range(2, 3),), "a\nb\nc\n", "x\na\nb\nc\n") == (range(1, 2), range(3, 4))
