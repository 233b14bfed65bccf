"""The cache between runs: it saves time and changes nothing else, whatever is done to it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tempsafe_lint.drivers.remembered import packed, unpacked
from tempsafe_lint.edits import Edit, Fix
from tempsafe_lint.engine import lint
from tempsafe_lint.findings import Finding, Related, Report, Safety
from tempsafe_lint.levels import Level
from tempsafe_lint.records import fields, replace
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Region, Source, Span
from tests.conftest import Program
from tests.mdtest.documents import of_rules

LEAK = "import tempfile\n\n\ndef f():\n    name = tempfile.mktemp()\n    open(name, 'w').close()\n"
CLEAN = "import tempfile\n\nwith tempfile.TemporaryDirectory() as d:\n    print(d)\n"
NO_NEEDLE = "print('hello')\n"


@pytest.fixture
def project(program: Program, tmp_path: Path) -> Program:
    """A project of eight files that nobody has touched for a while."""
    (tmp_path / "pyproject.toml").write_text("[tool.tempsafe-lint]\n")
    for number in range(6):
        (tmp_path / f"clean{number}.py").write_text(CLEAN)
    (tmp_path / "bad.py").write_text(LEAK)
    (tmp_path / "plain.py").write_text(NO_NEEDLE)
    settle(tmp_path)
    return program.within(tmp_path)


def settle(folder: Path, back: int = 60) -> None:
    """Set every file's time of change back by seconds."""
    for path in folder.glob("*.py"):
        seen = path.stat()
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns - back * 10**9))


def parsed(program: Program, *arguments: str) -> int:
    """How many files a run parsed."""
    said = program("-v", *arguments).err
    return next((int(line.split(" of ")[1].split()[0]) for line in said.splitlines() if "parsed files" in line), 0)


def test_the_second_run_says_the_same_and_parses_nothing(project: Program) -> None:
    first = project("--output-format", "json")
    assert parsed(project) == 0
    for style in ("json", "full", "sarif"):
        again, anew = project("--output-format", style), project("--output-format", style, "--no-cache")
        assert (again.code, again.out) == (anew.code, anew.out) == (1, anew.out)
    assert project("--output-format", "json").out == first.out


def test_only_what_changed_is_parsed(project: Program) -> None:
    assert parsed(project) == 7
    (project.folder / "clean0.py").write_text(LEAK)
    assert parsed(project) == 1
    assert "clean0.py" in project("--output-format", "concise").out


def test_a_change_that_keeps_size_and_time_is_seen_within_the_tick(project: Program) -> None:
    """A file that is written twice in one tick of the clock: its time says nothing, its bytes do."""
    path = project.folder / "clean0.py"
    path.write_text(LEAK)
    seen = path.stat()
    assert "clean0.py" in project("--output-format", "concise").out
    path.write_text(LEAK.replace("mktemp()", "getcwd()"))
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert path.stat().st_size == seen.st_size
    assert "clean0.py" not in project("--output-format", "concise").out


def test_a_touched_file_is_not_parsed(project: Program) -> None:
    project()
    settle(project.folder, back=3600)
    assert parsed(project) == 0


@pytest.mark.parametrize("change", [("--select", "TMP4"), ("--min-confidence", "low"), ("--config", "tests=['*']")])
def test_another_setting_reads_anew(project: Program, change: tuple[str, str]) -> None:
    project()
    assert parsed(project, *change) == 7
    assert parsed(project, *change) == 0
    assert parsed(project) == 0


def test_what_hangs_on_the_date_is_read_anew(project: Program) -> None:
    (project.folder / "bad.py").write_text(
        LEAK.replace("mktemp()", "mktemp()  # tempsafe: ignore[TMP201] until=2999-01-01")
    )
    project()
    assert parsed(project) == 1


def test_fixes_are_made_from_the_file(project: Program) -> None:
    project()
    assert project("--fix").code == 0
    assert "tempsafe.mktemp" in (project.folder / "bad.py").read_text()
    assert project().code == 0


@pytest.mark.parametrize("broken", [b"no database at all, but long enough to look at" * 100, b"", b"SQLite format 3\0"])
def test_a_broken_cache_is_made_anew(project: Program, broken: bytes) -> None:
    project()
    cache = project.folder / ".tempsafe_cache" / "cache.sqlite3"
    cache.write_bytes(broken)
    assert project().code == 1
    assert parsed(project) == 0


def test_a_report_that_nobody_wrote_is_not_believed(project: Program) -> None:
    project()
    database = sqlite3.connect(project.folder / ".tempsafe_cache" / "cache.sqlite3")
    for text in ("[[1]]", "{}", "nonsense", "[[], [], 3]", '[["TMP201"], [], []]'):
        database.execute("update files set report = ? where report is not null", (text,))
        database.commit()
        result = project("--output-format", "concise")
        assert result.code == 1
        assert "bad.py:5:12: TMP201" in result.out, text
        assert "Traceback" not in result.err
    database.close()


def test_the_settings_name_another_folder(project: Program, tmp_path: Path) -> None:
    (project.folder / "pyproject.toml").write_text('[tool.tempsafe-lint]\ncache-dir = "kept/here"\n')
    project()
    assert (project.folder / "kept" / "here" / "CACHEDIR.TAG").exists()
    project(TEMPSAFE_CACHE_DIR=str(project.folder / "elsewhere"))
    assert (project.folder / "elsewhere" / "cache.sqlite3").exists()
    assert not (project.folder / ".tempsafe_cache").exists()
    project("--cache-dir", "third", TEMPSAFE_NO_CACHE="1")
    assert not (project.folder / "third").exists()


def test_clean_removes_its_own_and_nothing_else(project: Program) -> None:
    assert project("clean").out == "There is no cache to remove.\n"
    project()
    (project.folder / ".tempsafe_cache" / "mine.txt").write_text("kept")
    assert project("clean").out == "Removed the cache in .tempsafe_cache.\n"
    assert [path.name for path in (project.folder / ".tempsafe_cache").iterdir()] == ["mine.txt"]
    assert project("clean", "--cache-dir", ".").code == 0
    assert (project.folder / "bad.py").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="a folder is read-only for a user who is not root")
def test_a_read_only_folder_costs_only_time(project: Program) -> None:
    project.folder.chmod(0o500)
    try:
        result = project()
        assert (result.code, result.err) == (1, "")
    finally:
        project.folder.chmod(0o700)


def test_a_file_in_the_way_costs_only_time(project: Program) -> None:
    (project.folder / ".tempsafe_cache").write_text("I was here first")
    result = project()
    assert (result.code, result.err) == (1, "")
    assert (project.folder / ".tempsafe_cache").read_text() == "I was here first"


def test_many_runs_at_once_leave_a_sound_cache(project: Program) -> None:
    """Each of them says the right thing, and the database is whole afterwards."""
    for number in range(40):
        (project.folder / f"more{number}.py").write_text(CLEAN + f"# {number}\n")
    command = [sys.executable, "-m", "tempsafe_lint", "--output-format", "concise"]
    runs = [
        subprocess.Popen(
            [*command, "--min-confidence", level],
            cwd=project.folder,
            env=project.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for level in ("low", "medium", "high", "low", "medium", "high")
    ]
    for run in runs:
        out, _ = run.communicate(timeout=120)
        assert run.returncode == 1
        assert "bad.py:5:12: TMP201" in out
    database = sqlite3.connect(project.folder / ".tempsafe_cache" / "cache.sqlite3")
    assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    assert database.execute("select count(*) from files").fetchone()[0] >= 48
    database.close()


def test_old_rows_go(project: Program) -> None:
    project()
    database = sqlite3.connect(project.folder / ".tempsafe_cache" / "cache.sqlite3")
    (count,) = database.execute("select count(*) from files").fetchone()
    database.execute("update files set day = day - 31")
    database.commit()
    project("--select", "TMP2")
    assert database.execute("select count(*) from files").fetchone() == (count,)
    database.close()


@pytest.mark.parametrize(("days", "stays"), [(2, True), (4, False)])
def test_rows_of_another_linter_go_sooner(project: Program, days: int, stays: bool) -> None:
    project()
    database = sqlite3.connect(project.folder / ".tempsafe_cache" / "cache.sqlite3")
    (count,) = database.execute("select count(*) from files").fetchone()
    copied = "insert into files select key + 1, 7, size, changed, bytes, report, day - ? from files"
    database.execute(copied, (days,))
    database.commit()
    project("--select", "TMP2")
    others = database.execute("select count(*) from files where maker = 7").fetchone()
    assert others == (count if stays else 0,)
    database.close()


def test_a_cache_of_another_format_is_made_anew(project: Program) -> None:
    project()
    path = project.folder / ".tempsafe_cache" / "cache.sqlite3"
    database = sqlite3.connect(path)
    database.execute("drop table files")
    database.execute("create table files (key blob primary key, size integer) without rowid")
    database.execute("pragma user_version = 0")
    database.commit()
    database.close()
    assert parsed(project) == 7
    assert parsed(project) == 0


def test_a_file_in_which_nothing_is_found_costs_some_fifty_bytes(project: Program) -> None:
    for number in range(2000):
        (project.folder / f"more{number}.py").write_text(NO_NEEDLE)
    settle(project.folder)
    project()
    assert (project.folder / ".tempsafe_cache" / "cache.sqlite3").stat().st_size < 2000 * 55


def test_every_field_of_a_report_comes_back() -> None:
    """A field that is added later has a default: here it must be given another value, and must be kept."""
    region = Region(1, 2, 3, 4, 5, 6)
    edit = Edit(Span(7, 9), "é😀\n")
    fix = Fix(
        *("a title", Safety.UNSAFE, (edit, edit), frozenset({"tempsafe", "os"}), "group"),
        (Edit(Span(0, 0), "import os"), edit),
    )
    finding = Finding(
        *("TMP201", "mktemp", "a `message`", Level.HIGH, Level.LOW, "x.py", region, "C.f", "mktemp()"),
        *((Related(region, "made here"),), fix, "a reason"),
    )
    for value in (finding, fix):
        assert all(getattr(value, field.name) != field.default for field in fields(value))
    report = Report("x.py", (finding,), (finding, finding), ("a note",))
    assert unpacked(packed(report), "x.py") == report


def test_the_reports_of_all_examples_come_back() -> None:
    found = 0
    for example in of_rules():
        report = lint(Source.from_text(example.code, "x.py"), Settings(select=("ALL",), min_confidence=Level.LOW))
        assert unpacked(packed(report), "x.py") == replace(report, timings={})
        found += len(report.findings)
    assert found > 40
