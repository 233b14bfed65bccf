"""How the time of one `lint` grows with the size of what it reads.

    python benchmarks/growth.py [SHAPE ...]

Prints processor seconds per room for each size of each shape of program (`tests/flow/shapes.py`), and for the ones that
nobody writes. It is never part of the tests: times on a shared machine are no facts; the tests count work.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tempsafe_lint.engine import lint
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source
from tests.flow.shapes import GROWING, PATHOLOGICAL


def measure(text: str) -> str:
    """One row: seconds in all and per room, findings, and what flow was silent about."""
    source = Source.from_text(text, "grown.py")
    start = process_time()
    report = lint(source, Settings())
    seconds = process_time() - start
    rooms = "  ".join(f"{room} {lap:6.2f}" for room, lap in report.timings.items())
    notes = f"  ({report.notes[0]})" if report.notes else ""
    lines = text.count("\n")
    return f"{lines:7} lines {len(text) / 1000:7.0f} kB  {seconds:6.2f} s  {rooms}  {len(report.findings)} found{notes}"


def main(wanted: list[str]) -> None:
    """All shapes, or those that are named."""
    measure("import tempfile\n\nfound = tempfile.mktemp()\n")  # what is loaded once is not counted
    for shape, sizes in GROWING.items():
        if not wanted or shape.__name__ in wanted:
            print(f"{shape.__name__}: {shape.__doc__}")
            for size in sizes:
                print(f"{size:9}", measure(shape(size)), flush=True)
    for shape, size in PATHOLOGICAL.items():
        if not wanted or shape.__name__ in wanted:
            print(f"{shape.__name__}, {size}: {measure(shape(size))}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
