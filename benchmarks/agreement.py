"""Whether flake8 and `tempsafe-lint --output-format concise` say the same about a tree: code, row and column.

    python benchmarks/agreement.py TREE [--jobs N]

Both run as a user runs them, from the top of the tree, over the files that the linter would read and that hold anything
to parse; nothing is written. Files that cannot be parsed are left to flake8 (E999) and to us (TMP900). Prints what one
says and the other does not; the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from tempsafe_lint.prefilter import passes

Place = tuple[str, int, int, str]
_LINE = re.compile(r"(?P<path>.*?):(?P<row>\d+):(?P<column>\d+): (?P<code>TMP\d+) ")
#: Said of the file as a whole; flake8 has codes of its own for these.
_WHOLE = ("TMP900", "TMP901")
#: Files per process: a command line has an end.
_BATCH = 400


def _places(output: str) -> set[Place]:
    found = (_LINE.match(line) for line in output.splitlines())
    return {
        (one["path"].removeprefix("./"), int(one["row"]), int(one["column"]), one["code"])
        for one in found
        if one is not None and one["code"] not in _WHOLE
    }


def _run(tree: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=tree, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def _is_parsed(path: Path) -> bool:
    return path.is_file() and passes(path.read_bytes())


def main() -> int:
    """Compare, and say how much was compared."""
    parser = argparse.ArgumentParser(description="Compare flake8 with tempsafe-lint over a tree.")
    parser.add_argument("tree", type=Path)
    parser.add_argument("--jobs", default="1")
    options = parser.parse_args()
    listed = _run(options.tree, "tempsafe_lint", "--show-files", ".").splitlines()
    files = [name for name in listed if _is_parsed(options.tree / name)]
    ours: set[Place] = set()
    theirs: set[Place] = set()
    for start in range(0, len(files), _BATCH):
        batch = files[start : start + _BATCH]
        ours |= _places(_run(options.tree, "tempsafe_lint", "-q", "--output-format", "concise", *batch))
        flake8 = ("flake8", "--isolated", "--select", "TMP", "--jobs", options.jobs, "--exclude", "")
        theirs |= _places(_run(options.tree, *flake8, *batch))
    for who, places in (("only tempsafe-lint", ours - theirs), ("only flake8", theirs - ours)):
        for path, row, column, code in sorted(places):
            print(f"{who}: {path}:{row}:{column}: {code}")
    print(
        f"{len(listed)} files, {len(files)} of them parsed, {len(ours | theirs)} findings, {len(ours ^ theirs)} differ"
    )
    return 1 if ours != theirs else 0


if __name__ == "__main__":
    sys.exit(main())
