"""The plugin in the real flake8: the newest beside pytest, the oldest supported in an environment of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tempsafe_lint.drivers.flake8 import Plugin

if TYPE_CHECKING:
    from tests.conftest import Program

ROOT = Path(__file__).resolve().parent.parent.parent

FILES = {
    "plain.py": b"import tempfile\nx = tempfile.mktemp()\n",
    "accents.py": 'import tempfile\ni = "é🙂", tempfile.mktemp()\n'.encode(),
    "tabs.py": b"import tempfile\nif 1:\n\tx = [tempfile.mktemp(),\n\t\ttempfile.mktemp()]\n",
    "crlf.py": b"import tempfile\r\nx = tempfile.mktemp()\r\n",
    "bom.py": b"\xef\xbb\xbfimport tempfile\nx = tempfile.mktemp()\n",
    "latin.py": b"# coding: latin-1\nimport tempfile\nx = '\xe9', tempfile.mktemp()\n",
    "feed.py": b"import tempfile\n\x0cx = tempfile.mktemp()\n",
    "leaks.py": b"import tempfile\n\n\ndef f():\n    d = tempfile.mkdtemp()\n    open(d + '/x', 'w').close()\n",
    "silenced.py": b"from tempfile import mktemp as m\nx = m()  # tempsafe: ignore[TMP201]\ny = m()  # noqa: TMP2\n",
    "tests/test_a.py": b"import tempfile\nx = tempfile.mktemp()\nopen('/tmp/y', 'w').close()\n",
    "clean.py": b"x = 1\n",
}


@pytest.fixture
def planted(program: Program) -> Program:
    for name, data in FILES.items():
        path = program.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return program


def _concise(program: Program) -> list[str]:
    lines = program("--output-format", "concise", "-q").lines
    return sorted(re.sub(r" \[[*-]\] ", " ", line) for line in lines)


def _flake8(flake8: Program, *arguments: str) -> list[str]:
    result = flake8("--select", "TMP", *arguments)
    assert result.err == "", result
    return sorted(line.removeprefix("./") for line in result.lines)


def test_same_lines_as_concise(planted: Program) -> None:
    expected = _concise(planted)
    assert len(expected) >= 9
    flake8 = planted.command(sys.executable, "-m", "flake8")
    assert _flake8(flake8, "-j1") == expected
    assert _flake8(flake8, "-j2") == expected


@pytest.fixture(scope="session")
def oldest(offline: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The python of an environment with the oldest supported flake8 and this package."""
    folder = tmp_path_factory.mktemp("flake8-oldest")
    venv.create(folder, with_pip=True)
    python = str(folder / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", str(ROOT), "flake8==6.1.*"], env=offline, check=True)
    return python


def test_same_lines_in_the_oldest_flake8(planted: Program, oldest: str, offline: dict[str, str]) -> None:
    flake8 = type(planted)(offline, planted.folder, (oldest, "-m", "flake8"))
    assert flake8("--version").out.startswith("6.1.")
    assert "tempsafe-lint" in flake8("--version").out
    assert _flake8(flake8, "-j1") == _concise(planted)
    assert _flake8(flake8, "-j2") == _concise(planted)


def test_the_distribution_is_listed(program: Program) -> None:
    listed = program.command(sys.executable, "-m", "flake8")("--version").out
    assert "tempsafe-lint: 0.1.0" in " ".join(listed.split()), "flake8 wraps the line"


def test_stdin_under_a_name(program: Program) -> None:
    text = "[tool.tempsafe-lint]\nper-file-ignores = { 'x.py' = ['TMP2'] }\n"
    (program.folder / "pyproject.toml").write_text(text)
    flake8 = program.command(sys.executable, "-m", "flake8", "--select", "TMP")
    defect = "import tempfile\nx = tempfile.mktemp()\n"
    assert flake8("-", stdin=defect).out.startswith("stdin:2:5: TMP201 ")
    assert flake8("--stdin-display-name", "y.py", "-", stdin=defect).out.startswith("y.py:2:5: TMP201 ")
    assert flake8("--stdin-display-name", "x.py", "-", stdin=defect).out == ""


def test_noqa_is_flake8s(program: Program) -> None:
    (program.folder / "a.py").write_text("import tempfile\nx = tempfile.mktemp()  # noqa: TMP201\n")
    flake8 = program.command(sys.executable, "-m", "flake8", "--select", "TMP", "a.py")
    assert flake8().out == ""
    assert flake8("--disable-noqa").out.startswith("a.py:2:5: TMP201 ")


def test_flake8s_own_selection_works(program: Program) -> None:
    (program.folder / "a.py").write_text("import tempfile\n\nx = tempfile.mktemp()\n")
    flake8 = program.command(sys.executable, "-m", "flake8", "a.py")
    assert "TMP201" in flake8().out
    assert flake8("--extend-ignore", "TMP2").out == ""
    assert flake8("--select", "E,F,W").out == ""
    assert "TMP201" in flake8("--select", "E,F,W", "--extend-select", "TMP").out


def test_the_projects_configuration_is_found(program: Program) -> None:
    (program.folder / "a.py").write_text("import tempfile\nx = tempfile.mktemp()\n")
    flake8 = program.command(sys.executable, "-m", "flake8", "--select", "TMP", "a.py")
    (program.folder / "pyproject.toml").write_text("[tool.tempsafe-lint]\nignore = ['mktemp']\n")
    assert flake8().out == ""
    (program.folder / "pyproject.toml").write_text("[tool.tempsafe-lint]\nignor = ['mktemp']\n")
    wrong = flake8()
    assert "TMP999 pyproject.toml:2: unknown setting `ignor`; did you mean `ignore`?" in wrong.out
    assert wrong.out.count("\n") == 1
    assert wrong.err == ""


def test_files_that_cannot_be_parsed_are_flake8s_business(program: Program) -> None:
    (program.folder / "a.py").write_text("import tempfile\nx = tempfile.mktemp()\ndef (:\n")
    result = program.command(sys.executable, "-m", "flake8", "a.py")()
    assert "E999" in result.out
    assert "TMP" not in result.out


def test_a_crash_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tempsafe_lint import engine

    def broken(source: object, settings: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(engine, "lint", broken)
    plugin = Plugin(None, str(tmp_path / "a.py"), ["x = tempfile.mktemp()\n"])  # type: ignore[arg-type]
    assert list(plugin.run()) == [(1, 0, "TMP999 internal error: KeyError: 'lost'", Plugin)]


def test_notebooks_are_left_to_nbqa(tmp_path: Path) -> None:
    lines = ["import tempfile\n", "x = tempfile.mktemp()\n"]
    assert list(Plugin(None, str(tmp_path / "a.ipynb"), lines).run()) == []  # type: ignore[arg-type]
    assert len(list(Plugin(None, str(tmp_path / "a.py"), lines).run())) == 1  # type: ignore[arg-type]


def test_libcst_is_imported_only_for_files_with_a_needle(program: Program) -> None:
    probe = (
        "import sys\nfrom flake8.main import cli\ncode = cli.main(['-j1', '--select', 'TMP', sys.argv[1]])\n"
        "print(code, 'libcst' in sys.modules, 'tempsafe_lint' in sys.modules)\n"
    )
    (program.folder / "a.py").write_text("x = 1\n")
    (program.folder / "b.py").write_text("import tempfile\nx = tempfile.mktemp()\n")
    flake8 = program.command(sys.executable, "-c", probe)
    assert flake8("a.py").lines[-1] == "0 False True"
    assert flake8("b.py").lines[-1] == "1 True True"


def test_workers_that_begin_anew_know_every_setting(program: Program) -> None:
    """A worker that is not forked inherits nothing: settings, ours and flake8's, have to be found again."""
    import multiprocessing

    known = multiprocessing.get_all_start_methods()
    method = "forkserver" if "forkserver" in known else "spawn"
    for name in ("a.py", "b.py", "sub/d.py"):
        path = program.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("import tempfile\n\nx = tempfile.mktemp()\nopen('/tmp/x', 'w').close()\n")
    (program.folder / "sub" / "tempsafe-lint.toml").write_text("ignore = ['TMP201']\n")
    (program.folder / ".flake8").write_text(
        "[flake8]\nextend-select = TMP\nselect = F\nper-file-ignores =\n    b.py: TMP1\n"
    )
    script = program.folder / "run_flake8"
    script.write_text(
        "import multiprocessing\nfrom flake8.main import cli\nif __name__ == '__main__':\n"
        f"    multiprocessing.set_start_method({method!r})\n    raise SystemExit(cli.main())\n"
    )
    flake8 = program.command(sys.executable, str(script))
    parallel, alone = flake8("-j4", "."), flake8("-j1", ".")
    assert parallel.err == ""
    assert sorted(parallel.lines) == sorted(alone.lines)
    found = sorted((line.removeprefix("./").split(":")[0], line.split(" ")[1]) for line in alone.lines)
    assert found == [
        *(("a.py", "TMP101"), ("a.py", "TMP201"), ("b.py", "TMP201")),
        ("sub/d.py", "TMP101"),
    ]
