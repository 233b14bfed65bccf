"""Terminal pictures, drawn from what the program prints: python docs/pictures.py"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WIDTH = 96

#: Name of the picture: the command line that is shown, what runs, and how many lines of the output are taken.
PICTURES = {
    "check": ("tempsafe-lint exports.py", ["exports.py"], 32),
    "fix": ("tempsafe-lint --diff exports.py", ["--diff", "exports.py"], 40),
    "rule": ("tempsafe-lint rule leaked-fd", ["rule", "leaked-fd"], 30),
}


def output(arguments: list[str]) -> str:
    """What the program prints in a copy of tour/, with colours."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (ROOT / "tour").glob("*.py"):
            Path(folder, path.name).write_bytes(path.read_bytes())
        Path(folder, "pyproject.toml").write_text("[tool.tempsafe-lint]\n")
        done = subprocess.run(
            [sys.executable, "-m", "tempsafe_lint", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)},
            capture_output=True,
            text=True,
            check=False,
        )
    return done.stdout


def draw(name: str) -> str:
    """The picture as SVG."""
    command, arguments, most = PICTURES[name]
    lines = output(arguments).splitlines()
    text = "\n".join([f"\x1b[1m$ {command}\x1b[0m", *lines[:most], *(["..."] if len(lines) > most else [])])
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, color_system="truecolor")
        console.print(Text.from_ansi(text))
    picture = console.export_svg(title="tempsafe-lint", unique_id=f"tempsafe-{name}")
    # rich asks another server for its font; the reader's own will do.
    return re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.S)


if __name__ == "__main__":
    for name in PICTURES:
        (HERE / "pictures" / f"{name}.svg").write_text(draw(name), encoding="utf-8")
