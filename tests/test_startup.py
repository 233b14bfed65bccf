"""What a run may import when the file that it is given holds nothing to look at: most runs of a hook are such."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

#: The modules of the linter that are needed to know that there is nothing to say.
ENTRY = {
    *("__main__", "records", "levels", "codes", "settings", "paths", "prefilter", "models", "models.needles"),
    *("configuration", "configuration.tables", "drivers", "drivers.entry", "drivers.options", "drivers.flags"),
}
#: What each of them costs a tenth of starting Python, or more.
DEAR = {
    *("dataclasses", "inspect", "ast", "json", "pathlib", "tempfile", "shutil", "subprocess", "difflib", "asyncio"),
    *("importlib.metadata", "multiprocessing", "concurrent.futures", "tomllib", "tomli", "tomlkit", "pathspec"),
    *("libcst", "rich", "pygls", "sqlite3", "hashlib", "logging"),
}


def imported(folder: Path, code: str) -> set[str]:
    (folder / "a.py").write_text(code)
    probe = "import sys; sys.argv = ['x', '--isolated', 'a.py']; from tempsafe_lint.__main__ import main; main()"
    timed = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", probe], cwd=folder, capture_output=True, text=True, check=True
    )
    return {found.group(1) for found in re.finditer(r"\|\s+([\w.]+)\n", timed.stderr)}


def test_a_file_without_a_needle_needs_little(tmp_path: Path) -> None:
    before = imported(tmp_path, "x = 1\n")
    own = {name.removeprefix("tempsafe_lint.") for name in before if name.startswith("tempsafe_lint.")}
    assert own <= ENTRY
    assert not DEAR & before


def test_a_file_with_findings_reads_no_toml(tmp_path: Path) -> None:
    found = imported(tmp_path, "import tempfile\nx = tempfile.mktemp()\n")
    assert "tempsafe_lint.models.compiled" in found
    assert not {"tomllib", "tomli", "tempsafe_lint.models.reader", "tempsafe_lint.models.written"} & found
