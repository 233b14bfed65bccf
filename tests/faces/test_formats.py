"""What the formats print."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Program

DEFECT = "import tempfile\n\n\ndef name():\n    return tempfile.mktemp()\n"


def test_full_shows_source_caret_and_fix(program: Program) -> None:
    (program.folder / "a.py").write_text(DEFECT)
    result = program("--color", "never", "a.py")
    assert result.code == 1
    assert result.lines[0].startswith("a.py:5:12: TMP201 ")
    assert result.lines[0].endswith(" (mktemp)")
    assert "5 |     return tempfile.mktemp()" in result.lines
    assert "  |            ^^^^^^^^^^^^^^^^^" in result.lines
    assert any(line.strip().startswith("= ") for line in result.lines), "a fix, or why there is none"
    assert "Found 1 error." in result.lines


def test_concise_is_one_line_for_each(program: Program) -> None:
    (program.folder / "a.py").write_text(DEFECT)
    result = program("--output-format", "concise", "a.py")
    first, *rest = result.lines
    assert first.startswith("a.py:5:12: TMP201 ")
    assert rest[0] == "Found 1 error."


def test_columns_are_characters(program: Program) -> None:
    (program.folder / "a.py").write_text('import tempfile\ni = "é🙂", tempfile.mktemp()\n', encoding="utf-8")
    assert program("--output-format", "concise", "a.py").out.startswith("a.py:2:11: TMP201 ")


def test_json_lines_has_every_key(program: Program) -> None:
    (program.folder / "a.py").write_text(DEFECT)
    result = program("--output-format", "json-lines", "a.py")
    assert len(result.lines) == 1, "no summary among the records"
    record = json.loads(result.out)
    assert (record["code"], record["name"], record["filename"]) == ("TMP201", "mktemp", "a.py")
    assert record["severity"] == "high"
    assert record["confidence"] in ("medium", "high")
    assert record["location"] == {"row": 5, "column": 12}
    assert record["end_location"] == {"row": 5, "column": 29}
    assert record["message"]
    assert isinstance(record["related"], list)
    assert (record["fix"] is None) == bool(record["fix_withheld"])
    assert len(record["fingerprint"]) == 32


def test_json_is_an_array_even_when_empty(program: Program) -> None:
    (program.folder / "a.py").write_text("x = 1\n")
    assert json.loads(program("--output-format", "json", "a.py").out) == []
    (program.folder / "a.py").write_text(DEFECT)
    assert [record["code"] for record in json.loads(program("--output-format", "json", "a.py").out)] == ["TMP201"]


def test_fingerprint_survives_moved_lines_and_tells_twins_apart(program: Program) -> None:
    def fingerprints(text: str) -> list[str]:
        (program.folder / "a.py").write_text(text)
        return [json.loads(line)["fingerprint"] for line in program("--output-format", "json-lines").lines]

    twins = "import tempfile\n\na = tempfile.mktemp()\nb = tempfile.mktemp()\n"
    before, after = fingerprints(twins), fingerprints("# moved\n\n" + twins)
    assert before == after
    assert len(set(before)) == 2


def test_order_is_path_row_column(program: Program) -> None:
    for name in ("b.py", "a.py", "a/z.py"):
        path = program.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("import tempfile\nx = tempfile.mktemp(), tempfile.mktemp()\n")
    places = [line.split(" ")[0] for line in program("--output-format", "concise", "b.py", "a.py", "a").lines[:6]]
    assert places == ["a.py:2:5:", "a.py:2:24:", "a/z.py:2:5:", "a/z.py:2:24:", "b.py:2:5:", "b.py:2:24:"]


def test_colour_rules(program: Program) -> None:
    (program.folder / "a.py").write_text(DEFECT)
    assert "\x1b" not in program("a.py").out
    assert "\x1b[" in program("a.py", FORCE_COLOR="1").out
    assert "\x1b[" in program("--color", "always", "a.py", NO_COLOR="1").out
    assert "\x1b" not in program("a.py", FORCE_COLOR="1", NO_COLOR="1").out
    assert "\x1b" not in program("--color", "never", "a.py", CLICOLOR_FORCE="1").out
    assert "\x1b" not in program("--output-format", "json", "--color", "always", "a.py").out


def test_a_terminal_is_not_steered_by_names_or_source(program: Program) -> None:
    (program.folder / "a\x1b[31m.py").write_text("import tempfile\nx = tempfile.mktemp()  # \x1b[2J\n")
    assert "\x1b" not in program().out


def test_quiet_statistics_and_exit_zero(program: Program) -> None:
    (program.folder / "a.py").write_text("import tempfile\nx = tempfile.mktemp(), tempfile.mktemp()\n")
    assert len(program("-q", "--output-format", "concise", "a.py").lines) == 2
    counted = program("--statistics", "a.py")
    assert counted.lines[0].split()[:2] == ["2", "TMP201"]
    assert counted.code == 1
    assert program("--exit-zero", "a.py").code == 0
    assert program("-e", "--statistics", "a.py").code == 0


def test_clean(program: Program) -> None:
    (program.folder / "a.py").write_text("x = 1\n")
    result = program("a.py")
    assert (result.code, result.out, result.err) == (0, "All checks passed!\n", "")
