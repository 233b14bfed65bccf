"""The documents: links lead somewhere, rules and options that they name exist, tables say what is true. Without Sphinx;
that builds the pages with warnings as errors, by a command of its own (CONTRIBUTING.md).
"""

from __future__ import annotations

import ast
import html
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tempsafe_lint.configuration.keys import KEYS
from tempsafe_lint.drivers.options import COMMANDS, parser_of, whole_parser
from tempsafe_lint.registry import codes
from tests.faces.test_tour import PLANTED

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
GENERATED: dict[str, str] = dict(runpy.run_path(str(DOCS / "generate.py"))["pages"]())

WRITTEN = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "runtime/README.md")),
        *(
            path
            for path in DOCS.rglob("*.md")
            if path.relative_to(DOCS).parts[0] not in ("rules", "reference", "_build")
        ),
    ]
}
PAGES = WRITTEN | {f"docs/{name}": text for name, text in GENERATED.items()}


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.M | re.S)


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    text = re.sub(r"^```.*?^```$", "", PAGES[name], flags=re.M | re.S)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"^\[[^\]]+\]: (\S+)$", text, re.M)
    for target in targets:
        if re.match(r"https?://|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        # The changelog is shown below docs/reference, and read at the top.
        base = Path(name).parent if name != "docs/reference/changelog.md" else Path()
        there = os.path.normpath(base / path).replace(os.sep, "/") if path else name
        assert there in PAGES or (ROOT / there).exists(), f"{name}: {target}"
        if anchor:
            assert anchor in anchors(PAGES[there]), f"{name}: {target}"


def test_every_page_is_in_the_table_of_contents() -> None:
    listed = set()
    for name in ("docs/index.md", "docs/rules/index.md"):
        for block in re.findall(r"^```\{toctree\}\n(.*?)^```$", PAGES[name], re.M | re.S):
            entries = [line for line in block.splitlines() if line and not line.startswith(":")]
            listed |= {os.path.normpath(Path(name).parent / f"{entry}.md").replace(os.sep, "/") for entry in entries}
    assert {name for name in PAGES if name.startswith("docs/")} - {"docs/index.md"} == listed


def test_each_rule_has_its_page() -> None:
    for info in codes():
        assert GENERATED[f"rules/{info.name}.md"].startswith(f"# {info.name} ({info.code})\n")


@pytest.mark.parametrize("name", [name for name in WRITTEN if not name.startswith("runtime/")])
def test_rules_and_options_that_are_named_exist(name: str) -> None:
    known = {info.code for info in codes()}
    for code in re.findall(r"\bTMP\d{3}\b", WRITTEN[name]):
        assert code in known, code
    parsers = [whole_parser(), *(parser_of(command) for command in COMMANDS if command != "check")]
    options = {option for parser in parsers for action in parser._actions for option in action.option_strings}
    for line in re.findall(r"tempsafe-lint [^`\n]*", WRITTEN[name]):
        said = line.split("#")[0]
        for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*(?![\w])", said):
            assert option in options, f"{option} in: {line}"


@pytest.mark.parametrize("name", [name for name in WRITTEN if name.startswith("docs/") or name == "README.md"])
def test_settings_in_fences_exist(name: str) -> None:
    for fence in re.findall(r"^```toml\n(.*?)^```$", WRITTEN[name], re.M | re.S):
        table = fence.partition("[tool.tempsafe-lint]\n")[2]
        for key in re.findall(r"^([a-z-]+) = ", table.partition("\n[")[0], re.M):
            assert key in KEYS, key


def test_pictures_are_there_and_ask_nobody_for_anything() -> None:
    named = {picture for text in WRITTEN.values() for picture in re.findall(r"pictures/(\w+\.svg)", text)}
    there = {path.name for path in (DOCS / "pictures").glob("*.svg")}
    assert named <= there
    for path in (DOCS / "pictures").glob("*.svg"):
        text = path.read_text("utf-8")
        assert not re.search(r"url\(.?http|href=.http|@font-face", text), path.name
        assert "tempsafe-lint" in text, path.name


def test_the_picture_of_findings_shows_what_is_still_said() -> None:
    picture = html.unescape((DOCS / "pictures" / "check.svg").read_text("utf-8")).replace("\xa0", " ")
    shown = re.sub(r"<[^>]*>", "", picture)
    command = [sys.executable, "-m", "tempsafe_lint", "--isolated", "--output-format", "concise", "-q", "exports.py"]
    done = subprocess.run(command, cwd=ROOT / "tour", capture_output=True, text=True, check=False)
    said = set(re.findall(r"^exports\.py:\d+:\d+:TMP\d+", done.stdout.replace(": TMP", ":TMP"), re.M))
    drawn = set(re.findall(r"exports\.py:\d+:\d+:TMP\d+", shown))
    assert drawn
    assert drawn <= said, "python docs/pictures.py"


# The comparison

ROWS = {
    cells[0].strip(" `"): [cell.strip() for cell in cells[2:]]
    for cells in (
        line.strip("|\n").split("|")
        for line in (DOCS / "comparison.md").read_text("utf-8").splitlines()
        if "| `" in line
    )
}


def function_at(path: Path, row: int) -> str | None:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.lineno <= row <= (node.end_lineno or 0):
            return node.name
    return None


def test_the_comparison_names_every_planted_defect() -> None:
    planted = {name: {code for code, _ in found} for module in PLANTED.values() for name, found in module.items()}
    assert {name: {cells[0]} for name, cells in ROWS.items()} == planted


def _compared(found: set[tuple[str, int, str]], column: int) -> None:
    by_function = {function_at(ROOT / "tour" / Path(path).name, row): code for path, row, code in found}
    assert by_function == {name: cells[column] for name, cells in ROWS.items() if cells[column]}


def test_what_the_comparison_says_of_ruff() -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--output-format", "json"]
    done = subprocess.run(
        [*command, "--select", "S103,S108,S306,SIM115", "tour"], cwd=ROOT, capture_output=True, check=False
    )
    found = json.loads(done.stdout)
    _compared({(f["filename"], f["location"]["row"], f["code"]) for f in found}, 1)


def test_what_the_comparison_says_of_bandit() -> None:
    pytest.importorskip("bandit", reason="is not among what the tests need; CI's job for the documents has it")
    command = [sys.executable, "-m", "bandit", "-q", "-r", "tour", "-t", "B103,B108,B306", "-f", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    found = json.loads(done.stdout)["results"]
    _compared({(f["filename"], f["line_number"], f["test_id"]) for f in found}, 2)
