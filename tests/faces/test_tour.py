"""What the README's first command finds in `tour/`: each planted defect, and nothing else."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Program

ROOT = Path(__file__).resolve().parent.parent.parent

#: Function of the tour: the codes that stand in it, and the source line of each.
PLANTED = {
    "invoices.py": {
        "checksum_of_rows": [("TMP301", "draft.seek(0)"), ("TMP301", "return sum(map(ord, draft.read()))")],
        "upload": [("TMP302", 'subprocess.run(["curl", "--fail", "--upload-file", path, url], check=True)')],
    },
    "thumbnails.py": {
        "thumbnail": [("TMP405", "os.close(fd)")],
        "contact_sheet": [("TMP404", 'folder = tempfile.mkdtemp(prefix="sheet-")')],
    },
    "exports.py": {
        "snapshot": [("TMP201", 'path = tempfile.mktemp(suffix=".sqlite")')],
        "remember_last_export": [("TMP101", 'with open("/tmp/last_export.json", "w") as file:')],
        "count_lines": [("TMP401", 'with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:')],
    },
    "builds.py": {
        "build_fails": [("TMP402", 'folder = tempfile.mkdtemp(prefix="build-")')],
        "render": [("TMP403", '_, path = tempfile.mkstemp(suffix=".html")')],
    },
    "tidy.py": {},
}


def test_the_table_names_every_module() -> None:
    assert {path.name for path in (ROOT / "tour").glob("*.py")} == set(PLANTED)


@pytest.mark.parametrize("module", PLANTED)
def test_findings(program: Program, module: str) -> None:
    text = (ROOT / "tour" / module).read_text(encoding="utf-8")
    (program.folder / module).write_text(text, encoding="utf-8")
    records = [json.loads(line) for line in program("--output-format", "json-lines", module).lines]
    rows = text.splitlines()
    found: dict[str, list[tuple[str, str]]] = {}
    for record in records:
        row = record["location"]["row"]
        found.setdefault(_function(text, row), []).append((record["code"], rows[row - 1].strip()))
    assert found == PLANTED[module]


def test_every_finding_is_mended_or_says_why_not(program: Program) -> None:
    for module in PLANTED:
        (program.folder / module).write_text((ROOT / "tour" / module).read_text(encoding="utf-8"), encoding="utf-8")
    for record in map(json.loads, program("--output-format", "json-lines").lines):
        assert record["fix"] or record["fix_withheld"], record


def test_fixing_mends_some_and_leaves_python(program: Program) -> None:
    for module in PLANTED:
        (program.folder / module).write_text((ROOT / "tour" / module).read_text(encoding="utf-8"), encoding="utf-8")
    result = program("--fix")
    found = re.search(r"^Found (\d+) errors \((\d+) fixed, (\d+) remaining\)\.$", result.out, re.M)
    assert found is not None, result
    total, fixed, left = map(int, found.groups())
    assert total == fixed + left == sum(len(codes) for functions in PLANTED.values() for codes in functions.values())
    assert fixed >= 3
    for module in PLANTED:
        ast.parse((program.folder / module).read_text(encoding="utf-8"))
    assert (program.folder / "tidy.py").read_bytes() == (ROOT / "tour" / "tidy.py").read_bytes()


def _function(text: str, row: int) -> str:
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.lineno <= row <= (node.end_lineno or 0):
            return node.name
    return "<module>"
