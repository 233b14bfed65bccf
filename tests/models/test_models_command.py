"""`tempsafe-lint models`: the row that won, where it stands, and what a wrong name says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tempsafe_lint.drivers.models import _named, _page, _Places
from tempsafe_lint.models.catalogue import builtin
from tempsafe_lint.models.written import HERE
from tests.models.test_project_rows import ROWS

if TYPE_CHECKING:
    from tests.conftest import Program


def test_a_row_is_shown_with_its_place(program: Program) -> None:
    result = program("models", "tempfile.mkstemp")
    lines = result.lines
    assert result.code == 0
    assert lines[0] == "tempfile.mkstemp"
    place = lines[1].split()[2]
    assert place.startswith("tempsafe_lint/models/stdlib/tempfile.toml:")
    assert lines[1].endswith(", [[callable]]")
    row = (HERE / "stdlib/tempfile.toml").read_text("utf-8").splitlines()[int(place.rstrip(",").rpartition(":")[2]) - 1]
    assert row == 'name = "tempfile.mkstemp"'
    assert "  parameters  suffix, prefix, dir, text" in lines
    assert "  makes       a descriptor, which has to be closed (element 0)" in lines
    assert "    fd, path = tempfile.mkstemp()  # TMP401, TMP403" in lines


def test_a_re_export_says_whose_row_holds(program: Program) -> None:
    lines = program("models", "django.core.files.temp.NamedTemporaryFile").lines
    assert lines[0] == "tempfile.NamedTemporaryFile"
    assert lines[2].startswith("  as          django.core.files.temp.NamedTemporaryFile, re-exported: tempsafe_lint/")
    assert lines[2].endswith(", [[alias]]")


def test_a_projects_rows_are_shown_with_what_they_replace(program: Program) -> None:
    more = '\n[[tool.tempsafe-lint.callable]]\nname = "os.replace"\nparams = ["src", "dst"]\n'
    (program.folder / "pyproject.toml").write_text(ROWS + more)
    own = program("models", "os.replace").lines
    assert own[1] == f"  stands in   pyproject.toml:{ROWS.count(chr(10)) + 3}, [[callable]]"
    assert own[2].startswith("  instead of  tempsafe_lint/models/stdlib/os.toml:")
    assert "stdlib/os.toml" in program("models", "--isolated", "os.replace").lines[1]
    through = program("models", "myproj.compat.mkdtemp").lines
    assert through[0] == "tempfile.mkdtemp"
    assert through[2].startswith("  as          myproj.compat.mkdtemp, re-exported: pyproject.toml:")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("os.removee", "os.remove"), ("tempfile.mkdtmp", "tempfile.mkdtemp"), ("path.unlnk", "path.unlink")],
)
def test_an_unknown_name_is_one_line(program: Program, wrong: str, right: str) -> None:
    result = program("models", wrong)
    assert (result.code, result.out) == (2, "")
    assert result.err == f"error: no model row for `{wrong}`; did you mean `{right}`?\n"


def test_json_has_the_keys_of_row_files(program: Program) -> None:
    (record,) = json.loads(program("models", "os.replace", "--output-format", "json").out)
    assert record["name"] == "os.replace"
    assert record["args"]["src"] == {"does": "takes", "sink": None, "mode": None, "wants": "device", "value": None}
    assert record["origin"].startswith("tempsafe_lint/models/stdlib/os.toml:")


def test_all_rows_are_listed(program: Program) -> None:
    listed = [line.split()[0] for line in program("models").lines]
    assert listed == [row.name for row in builtin().all()]


def test_short_names_and_patterns() -> None:
    def names(asked: str) -> list[str]:
        return [row.name for row, _ in _named(builtin(), asked)]

    assert names("open") == ["builtins.open", "path.open"]
    assert names(".addCleanup") == ["any.addCleanup"]
    assert names("tempfile.get*b") == ["tempfile.gettempdirb", "tempfile.gettempprefixb"]


def test_every_row_has_a_page() -> None:
    """None is without a place or an example, and no word is left out of the tables of this command."""
    places = _Places(None)
    for row in builtin().all():
        page = _page(row, places, None)
        head, _, example = page.partition("\n\n")
        assert ".toml:" in head.splitlines()[1], row.name
        assert row.name.rpartition(".")[2] in example, row.name
