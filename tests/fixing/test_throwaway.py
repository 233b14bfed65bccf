"""A program does the same with a fresh path as with a fixed one that it removes again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tempsafe_lint.engine import fix
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

PROGRAM = """\
import os
import shutil


def unpack():
    folder = "/tmp/tempsafe-test-unpacked"
    os.mkdir(folder)
    with open(os.path.join(folder, "a"), "w") as out:
        out.write("x")
    print(os.listdir(folder))
    shutil.rmtree(folder)
    print(os.path.exists(folder))


def report():
    path = "/tmp/tempsafe-test-report.csv"
    try:
        with open(path, "w") as out:
            out.write("x")
        print(os.path.getsize(path))
    finally:
        os.remove(path)
    print(os.path.exists(path))


unpack()
report()
"""


def run(text: str, folder: Path) -> str:
    program = folder / "program.py"
    program.write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True).stdout


def test_the_program_goes_on_as_before(tmp_path: Path) -> None:
    report = fix(Source(PROGRAM, "src/program.py"), Settings(), lambda _: True)
    assert report.after.count("tempsafe.mktemp(") == 2
    assert "/tmp/" not in report.after
    assert not report.left.findings
    assert run(report.after, tmp_path) == "['a']\nFalse\n1\nFalse\n"
