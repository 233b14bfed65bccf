"""The package itself: what it imports, that it can be vendored, its types, and that names agree everywhere."""

import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import tempsafe

from .conftest import HERE, RUNTIME

PACKAGE = RUNTIME / "tempsafe"
MODULES = sorted(PACKAGE.glob("*.py"))


def test_importing_pulls_in_nothing_heavy(run, python):
    """And touches no file: the first use does."""
    assert run(
        """
        import subprocess
        code = "import sys; bare = set(sys.modules); import tempsafe; print(*set(sys.modules) - bare)"
        new = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True).stdout
        heavy = {"tempfile", "shutil", "random", "typing", "contextlib", "threading", "signal", "argparse", "warnings"}
        print("tempsafe" in new.split(), heavy & set(new.split()) or "none", os.listdir(os.environ["TMPDIR"]))
        """,
        python=python,
    ) == ["True none []"]


def test_first_use_pulls_in_no_tempfile(run, python):
    assert run(
        """
        tempsafe.mkstemp(); tempsafe.mkdtemp(); tempsafe.mktemp()
        with tempsafe.NamedTemporaryFile(), tempsafe.TemporaryDirectory(): pass
        with tempsafe.open_atomic(os.environ["TMPDIR"] + "/x"): pass
        tempsafe.sweep()
        print({"tempfile", "shutil", "random"} & set(sys.modules) or "none")
        """,
        python=python,
    ) == ["none"]


def test_relative_imports_only():
    """So that the folder can be copied into another package as it is."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not [name for name in names if name.split(".")[0] == "tempsafe"], module.name


def test_vendored_under_another_name(tmp_path, python):
    shutil.copytree(PACKAGE, tmp_path / "app" / "vendored", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "app" / "__init__.py").touch()
    code = """
import os, sys
from app.vendored import TemporaryDirectory, UnsafePathError, mktemp, open_atomic, sweep, user_path
with TemporaryDirectory() as path, open_atomic(path + "/x") as file: file.write("x")
open(mktemp(), "w").close(); sweep()
assert not any(name.split(".")[0] == "tempsafe" for name in sys.modules)
"""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    (tmp_path / "temp").mkdir()
    done = subprocess.run(
        [python, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**environment, "TMPDIR": tmp_path / "temp"},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_module_is_short_and_named_for_what_it_is_about():
    for module in MODULES:
        assert len(module.read_text(encoding="utf-8").splitlines()) < 400, module.name
        assert not re.search("util|helper|manager|common|misc", module.stem), module.name


def test_public_names_agree():
    """__all__, the stub and the documentation name the same things."""
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    defined = {node.name for node in stub.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert {name for name in defined if not name.startswith("_")} == set(tempsafe.__all__)
    for name in tempsafe.__all__:
        assert getattr(tempsafe, name).__doc__, name
        assert name in dir(tempsafe)
    page = (RUNTIME.parent / "docs" / "runtime.md").read_text(encoding="utf-8")
    assert {name for name in tempsafe.__all__ if f"`{name}" not in page} == set()
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tempsafe.nothing  # noqa: B018


def test_documentation_names_tests_that_exist():
    """The table against the standard library claims only what a test shows."""
    page = (RUNTIME.parent / "docs" / "runtime.md").read_text(encoding="utf-8")
    named = re.findall(r"`(test_\w+)\.(test_\w+)`", page)
    assert len(named) >= 20
    for module, test in named:
        assert f"def {test}(" in (HERE / f"{module}.py").read_text(encoding="utf-8"), f"{module}.{test}"


def test_version_is_said_once():
    assert re.fullmatch(r"\d+\.\d+\.\d+", tempsafe.__version__)
    project = (RUNTIME / "pyproject.toml").read_text(encoding="utf-8")
    assert 'dynamic = ["version"]' in project and tempsafe.__version__ not in project.split("[tool")[0]
    assert f"## {tempsafe.__version__}" in (RUNTIME / "CHANGELOG.md").read_text(encoding="utf-8")


def tool(name):
    beside = pathlib.Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def run_tool(*command, cwd):
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=300)


def wrong_lines():
    lines = (HERE / "typing_uses.py").read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


def test_mypy_strict_on_the_package(tmp_path):
    done = run_tool(tool("mypy"), "--strict", "--cache-dir", tmp_path, "tempsafe", cwd=RUNTIME)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_on_uses(tmp_path):
    done = run_tool(
        tool("mypy"), "--strict", "--cache-dir", tmp_path, "--no-error-summary", HERE / "typing_uses.py", cwd=RUNTIME
    )
    found = {int(number) for number in re.findall(r"typing_uses\.py:(\d+): error", done.stdout)}
    assert found == wrong_lines(), done.stdout + done.stderr


def test_pyright_on_uses(tmp_path):
    if not shutil.which("node"):
        pytest.skip("pyright needs node")
    uses = tmp_path / "typing_uses.py"
    shutil.copy(HERE / "typing_uses.py", uses)
    (tmp_path / "pyrightconfig.json").write_text(
        f'{{"extraPaths": ["{RUNTIME.as_posix()}"], "typeCheckingMode": "strict"}}'
    )
    done = run_tool(tool("pyright"), "--project", tmp_path, "--pythonpath", sys.executable, cwd=tmp_path)
    if "typing_uses.py" not in done.stdout:
        pytest.skip(f"pyright could not be run: {(done.stderr or done.stdout)[-200:]}")
    found = {int(number) for number in re.findall(r"typing_uses\.py:(\d+):\d+ - error", done.stdout)}
    assert found == wrong_lines(), done.stdout


def test_stub_agrees_with_the_code(tmp_path):
    (tmp_path / "allowed").write_text(
        "tempsafe.TemporaryDirectory.__del__\n"  # not for callers
        "tempsafe._objects._ALIAS\n"  # a class that has no name without importing types
        r"tempsafe._platform.(Identity|StrPath)" + "\n"  # for type checkers only
    )
    done = run_tool(tool("stubtest"), "--concise", "--allowlist", tmp_path / "allowed", "tempsafe", cwd=RUNTIME)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff():
    for arguments in (["check"], ["format", "--check"]):
        for place in (PACKAGE, HERE):  # each by its own settings
            done = run_tool(tool("ruff"), *arguments, "--no-cache", place, cwd=place)
            assert done.returncode == 0, done.stdout + done.stderr
