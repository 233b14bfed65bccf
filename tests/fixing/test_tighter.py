"""A name that is made up, and the call that makes the thing of that name: with the standard library alone."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from tempsafe_lint.engine import fix
from tempsafe_lint.findings import FixReport, Safety
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of files mean something else there")
HEAD = "import os\nimport tempfile\n\n\n"

FOLDER = """def work(data):
    path = tempfile.mktemp(".d", prefix="p-")  # a name
    title = "x"
    os.mkdir(path)
    return path, title
"""
FILE = """def work(data):
    path: str
    path = tempfile.mktemp(suffix=".txt")
    with open(path, "w", encoding="latin-1") as out:
        out.write(data)
    return path, len(data)
"""
HELD = """def work(data):
    path = tempfile.mktemp()
    out = open(path, mode="w")
    out.write(data)
    out.close()
    return path, 1
"""


def mended(text: str, *, safe: bool = False, runtime: str = "stdlib") -> FixReport:
    settings = Settings(runtime=runtime)
    return fix(Source(HEAD + text, "src/x.py"), settings, lambda f: not safe or f.fix.safety is Safety.SAFE)  # type: ignore[union-attr]


@pytest.mark.parametrize("text", [FOLDER, FILE, HELD], ids=["folder", "file", "held"])
def test_the_thing_is_made_at_once(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = mended(text)
    assert "mktemp(" not in report.after and not mended(text, safe=True).changed
    assert [finding.code for finding in report.applied] == ["TMP201"]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen = []
    for version in (HEAD + text, report.after):
        names: dict[str, object] = {}
        exec(compile(version, "x", "exec"), names)
        path, more = names["work"]("e\u00e9")  # type: ignore[operator]
        content = Path(path).read_bytes() if os.path.isfile(path) else os.listdir(path)
        mode = stat.S_IMODE(os.stat(path).st_mode) & 0o077
        seen.append((os.path.splitext(path)[1], more, content, os.path.basename(path)[:2] == "p-"))
    assert seen[0] == seen[1]
    assert mode == 0


@pytest.mark.parametrize(
    "text",
    [
        FOLDER.replace("os.mkdir(path)", "os.mkdir(path, 0o755)"),
        FOLDER.replace("os.mkdir(path)", "os.makedirs(path, exist_ok=True)"),
        FOLDER.replace('title = "x"', "title = os.path.basename(path)"),
        FOLDER.replace('title = "x"', "title = data()"),
        FILE.replace('"w"', '"x"'),
        FILE.replace('"w"', "data"),
        FILE.replace("out.write(data)", "out.write(out.name)"),
        HELD.replace("out.write(data)", "out.write(str(locals()))"),
    ],
)
def test_what_is_left(text: str) -> None:
    assert not mended(text).changed


def test_with_the_runtime_the_name_stays_a_name() -> None:
    assert "tempsafe.mktemp(" in mended(FOLDER, runtime="tempsafe").after
    touched = FOLDER.replace("return path", "os.chown(path, 0, 0)\n    return path")
    assert "tempsafe.mktemp(" in mended(touched, runtime="tempsafe").after
