"""Who may import whom: the table of docs/architecture.md, held against every import of the package."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tempsafe_lint"

#: The values that travel. They name each other's types, so they are one room.
VALUES = {"source", "findings", "plans", "edits"}

#: Room: the rooms that it may import. A room is a module or a folder of the package; `front.outline` is one of its own.
ALLOWED: dict[str, set[str]] = {
    "records": set(),
    "source": set(),
    "levels": set(),
    "codes": set(),
    "findings": {"source", "edits", "levels"},
    "plans": {"source", "findings"},
    "edits": {"source", "findings"},
    "models": set(),
    "prefilter": {"models"},
    "ir": {"source"},
    "settings": {"levels", "models"},
    "configuration": {"levels", "codes", "settings", "registry", "paths", "models"},
    "registry": {"findings", "models", "rules"},
    "paths": {"settings"},
    "front.outline": {"source"},
    "front": {"source", "ir", "front.outline", "plans"},
    "flow": {"source", "ir", "models"},
    "rules": VALUES | {"flow"},
    "fixing": {*VALUES, "fixing.layout"},
    "fingerprint": {"findings"},
    "baseline": {"findings", "fingerprint"},
    "fixing.layout": {"source"},
    "suppress": {"source", "findings", "edits", "fixing.layout"},
    "engine": {
        *VALUES,
        *("prefilter", "models", "ir", "settings", "registry", "paths", "front", "front.outline", "flow", "rules"),
        *("fixing", "suppress"),
    },
    "report": {*VALUES, "fingerprint", "registry"},
    "manifests": set(),
    "drivers": {
        "levels",
        *VALUES,
        "engine",
        "prefilter",
        "suppress",
        "report",
        "fingerprint",
        "baseline",
        "settings",
        "configuration",
        "registry",
        "paths",
        "models",
        "manifests",
    },
    "__main__": {"drivers"},
}

#: Packages from elsewhere, and the only rooms that may import them.
FOREIGN: dict[str, set[str]] = {
    "libcst": {"front", "fixing"},
    "pathspec": {"paths"},
    "tomlkit": {"drivers", "manifests"},
    "packaging": {"configuration", "manifests"},
    "watchfiles": {"drivers"},
    "distributed": {"drivers"},
    "tomllib": {"configuration", "models"},
    "tomli": {"configuration", "models"},
}

#: Of a room, only these modules: what flow says, and the plain values that it says it of.
NARROWER: dict[str, set[str]] = {"rules": {"flow.observations", "flow.values"}}


def _modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_runtime" not in path.parts)


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


#: Modules that are rooms of their own.
_APART = ("front.outline", "fixing.layout")


def _room(module: str) -> str:
    """The room of a module named from inside the package."""
    apart = next((name for name in _APART if module == name or module.startswith(name + ".")), None)
    return apart or module.split(".")[0]


def _imports(path: Path) -> list[str]:
    """Full names of everything that a module imports, anywhere in it, types included."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            assert node.module is not None
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def _exists(module: str) -> bool:
    path = PACKAGE.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def _target(imported: str) -> str | None:
    """The module of this package that an import means, or None for one from elsewhere."""
    if imported != "tempsafe_lint" and not imported.startswith("tempsafe_lint."):
        return None
    parts = imported.split(".")[1:]
    while parts and not _exists(".".join(parts)):
        parts.pop()
    return ".".join(parts)


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_imports_follow_the_table(path: Path) -> None:
    room = _room(_name(path))
    if room == "":
        return  # the package itself hands out names on first use
    assert room in ALLOWED, f"a new room: say in the table what {room} may import"
    for imported in _imports(path):
        target = _target(imported)
        if target is None:
            only = FOREIGN.get(imported.split(".")[0])
            assert only is None or room in only, f"{room} may not import {imported}"
            continue
        other = _room(target)
        if other in (room, "", "records"):  # how classes are written is nobody's room
            continue
        assert other in ALLOWED[room], f"{room} may not import {imported}"
        narrow = [name for name in NARROWER.get(room, ()) if name.split(".")[0] == other]
        assert not narrow or target in narrow, f"of {other}, {room} may import only {', '.join(narrow)}"


def test_the_table_names_only_rooms_that_exist() -> None:
    rooms = {_room(_name(path)) for path in _modules()} - {""}
    assert set(ALLOWED) == rooms


def test_the_probe_sees_imports(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        "from tempsafe_lint.front.outline import comments\ndef f():\n    import tempsafe_lint.engine as e\n"
    )
    assert [_target(name) for name in _imports(path)] == ["front.outline", "engine"]


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_size_and_name(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, "split it by concept"
    assert not re.search(r"util|helper|manager|misc|common", path.stem), "name the concept"


def test_rooms_do_not_depend_on_the_runtime() -> None:
    """The linter knows the library `tempsafe` only as files and as names in model rows."""
    for path in _modules():
        assert not [name for name in _imports(path) if name.split(".")[0] == "tempsafe"], path


def test_importing_the_package_is_lazy() -> None:
    code = "import sys, tempsafe_lint; print(*(name for name in sys.modules if name.startswith('tempsafe_lint.')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_public_names_are_there() -> None:
    import tempsafe_lint

    assert all(getattr(tempsafe_lint, name) is not None for name in tempsafe_lint.__all__)
    with pytest.raises(AttributeError):
        tempsafe_lint.nothing_of_the_kind  # noqa: B018
