"""Which files are read, and which of them are tests."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tempsafe_lint.paths import is_test, matches, per_file_ignores
from tempsafe_lint.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program


def plant(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")


def shown(program: Program, *arguments: str) -> list[str]:
    result = program("--show-files", *arguments)
    assert result.code == 0, result
    return result.lines


def test_a_walk_finds_python_files_in_order(program: Program) -> None:
    plant(program.folder, "b.py", "a/z.pyi", "a.py", "a/c.txt", "a/b/c.py", "notes.md", "script")
    assert shown(program) == ["a.py", "a/b/c.py", "a/z.pyi", "b.py"]


def test_usual_folders_are_left_out(program: Program) -> None:
    plant(program.folder, "a.py", ".venv/b.py", "venv/lib/b.py", "node_modules/x/b.py", "build/b.py", "sub/dist/b.py")
    plant(program.folder, ".git/hooks/b.py", "_build/b.py", ".tox/b.py", "x/site-packages/b.py", ".hidden/c.py")
    assert shown(program) == [".hidden/c.py", "a.py"]
    assert shown(program, "build") == ["build/b.py"], "a folder that is named is meant"
    assert shown(program, "--force-exclude", "build") == []


def test_named_files_are_read_whatever_they_are_called(program: Program) -> None:
    plant(program.folder, "script", "build/b.py")
    assert shown(program, "script", "build/b.py") == ["build/b.py", "script"]
    assert shown(program, "--force-exclude", "script", "build/b.py") == ["script"]


def test_several_roots_give_each_file_once(program: Program) -> None:
    plant(program.folder, "a/one.py", "a/two.py", "b/three.py")
    assert shown(program, "b", "a/two.py", "a", ".", "./a/one.py") == ["a/one.py", "a/two.py", "b/three.py"]


def test_exclude(program: Program) -> None:
    plant(program.folder, "a.py", "gen/b.py", "src/gen/c.py", "src/d_pb2.py", "build/e.py")
    assert shown(program, "--exclude", "gen") == ["a.py", "build/e.py", "src/d_pb2.py"]
    assert shown(program, "--extend-exclude", "src/gen,*_pb2.py") == ["a.py", "gen/b.py"]
    (program.folder / "pyproject.toml").write_text("[tool.tempsafe-lint]\nextend-exclude = ['/gen', 'src/**']\n")
    assert shown(program) == ["a.py"]


def test_gitignore(program: Program) -> None:
    plant(program.folder, "a.py", "out/b.py", "src/c.py", "src/local/d.py", "src/keep/local/e.py", "odd.py")
    (program.folder / ".git" / "info").mkdir(parents=True)
    (program.folder / ".git" / "info" / "exclude").write_text("odd.py\n")
    (program.folder / ".gitignore").write_text("out/\nlocal/\n# comment\n\n!\n")
    (program.folder / "src" / "keep").mkdir(exist_ok=True)
    (program.folder / "src" / "keep" / ".gitignore").write_text("!local/\n")
    assert shown(program) == ["a.py", "src/c.py", "src/keep/local/e.py"]
    assert shown(program.within(program.folder / "src")) == ["c.py", "keep/local/e.py"]
    assert shown(program, "out") == ["out/b.py"]
    assert shown(program, "out/b.py") == ["out/b.py"]
    assert "out/b.py" in shown(program, "--no-respect-gitignore")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_links(program: Program) -> None:
    plant(program.folder, "real/a.py")
    (program.folder / "link").symlink_to("real", target_is_directory=True)
    (program.folder / "real" / "up").symlink_to("..", target_is_directory=True)
    (program.folder / "real" / "same.py").symlink_to("a.py")
    assert shown(program) == ["real/a.py"]
    assert shown(program, "link") == ["link/a.py"]
    assert len(shown(program, "link", "real")) == 1


def test_paths_are_relative_only_below_the_working_directory(program: Program) -> None:
    plant(program.folder, "src/a.py", "b.py")
    inner = program.within(program.folder / "src")
    assert shown(inner, "..") == [str(program.folder / "b.py"), "a.py"]


def test_nothing_there(program: Program) -> None:
    result = program()
    assert (result.code, result.err) == (0, "warning: no Python files found under the given paths\n")
    plant(program.folder, "build/a.py")
    hook = program("check", "--force-exclude", "build/a.py")
    assert (hook.code, hook.out, hook.err) == (0, "All checks passed!\n", "")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/a.py", True),
        ("src/pkg/tests/deep/a.py", True),
        ("test_a.py", True),
        ("src/test_a.py", True),
        ("src/a_test.py", True),
        ("conftest.py", True),
        ("docs/conf.py", True),
        ("examples/a.py", True),
        ("src/a.py", False),
        ("tests.py", False),
        ("contest/a.py", False),
        ("src/testing/a.py", False),
        ("latest/a.py", False),
        ("src/pkg/pytest_plugin.py", True),
        ("src/pkg/testing/pytest/plugin.py", True),
        ("src/pkg/plugin.py", False),
    ],
)
def test_test_code_is_told_by_path(path: str, expected: bool) -> None:
    assert is_test(path, Settings()) is expected


def test_tests_above_the_root_do_not_count(program: Program) -> None:
    root = program.folder / "tests" / "examples" / "project"
    plant(root, "src/a.py")
    (root / "setup.py").write_text("")
    (root / ".git").mkdir()
    (root / "src" / "a.py").write_text("open('/tmp/x', 'w').close()\n")
    assert "TMP101" in program.within(root)("--output-format", "concise").out
    assert "TMP101" in program("--output-format", "concise", "tests/examples/project/src/a.py").out


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a/b/c.py", "*.py", True),
        ("a/b/c.py", "b", False),
        ("a/b/c.py", "a/*.py", False),
        ("a/b/c.py", "a/**/*.py", True),
        ("a/c.py", "a/**/*.py", True),
        ("a/b/c.py", "a/**", True),
        ("b/a/c.py", "a/**", False),
        ("b/a/c.py", "**/a/**", True),
        ("a/b1.py", "a/b[0-9].py", True),
        ("a/bx.py", "a/b[!0-9].py", True),
        ("a/b1.py", "a/b?.py", True),
        ("a/b.py", "./a/b.py", True),
        ("x/a.py", "/a.py", False),
        ("a.py", "/a.py", True),
        ("a+b.py", "a+b.py", True),
        ("a[.py", "a[.py", True),
    ],
)
def test_patterns(path: str, pattern: str, expected: bool) -> None:
    assert matches(path, (pattern,)) is expected


def test_per_file_ignores_can_be_turned_round() -> None:
    settings = Settings(per_file_ignores=(("!src/**", ("TMP4",)), ("*.py", ("TMP1",))))
    assert per_file_ignores("src/a.py", settings) == ("TMP1",)
    assert per_file_ignores("tools/a.py", settings) == ("TMP4", "TMP1")
