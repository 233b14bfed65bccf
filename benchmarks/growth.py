"""How the time of one `lint`, and of one run, grows with the size of what it reads.

    python benchmarks/growth.py [SHAPE ...]
    python benchmarks/growth.py runs [--write] [--quick] [WHAT ...]

The first prints processor seconds per room for each size of each shape of program (`tests/flow/shapes.py`), and for the
ones that nobody writes. `runs` measures whole processes over `files` (100 to 20,000 of them), `size` (one file of up to
10 MB), `findings` (up to 5,000 in one file), the same `silenced` by comments or in `reports`, or after the `cache` was
filled. The exponent is that of the growth from the size before: 1 is linear. What a run costs that reads nothing is
subtracted. `--write` puts the table into docs/performance.md, `--quick` leaves out the largest size.

It is never part of the tests: times on a shared machine are no facts; the tests count work.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measure import measured, write  # noqa: E402
from tempsafe_lint.engine import lint  # noqa: E402
from tempsafe_lint.settings import Settings  # noqa: E402
from tempsafe_lint.source import Source  # noqa: E402
from tests.flow.shapes import GROWING, PATHOLOGICAL  # noqa: E402


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


#: As a module has it: a function without anything to find, in seven rows, and one with.
_USUAL = """def work{n}(rows, path):
    total = 0
    for index, row in enumerate(rows):
        if row.kind == "a" and index % 2:
            total += row.value * {n}
    with open(path) as stream:
        return total, stream.read().split(",")


"""
_FOUND = """def make{n}():
    name = tempfile.mktemp()
    return open(name, "w")


"""
_SILENCED = _FOUND.replace("mktemp()", "mktemp()  # tempsafe: ignore[TMP201]")
_HEAD = "import tempfile\n\n\n"


def _module(found: int, usual: int, pattern: str = _FOUND) -> str:
    return (
        _HEAD + "".join(pattern.format(n=n) for n in range(found)) + "".join(_USUAL.format(n=n) for n in range(usual))
    )


def _files(folder: Path, size: int) -> None:
    """One in twenty holds something to find, as in released code."""
    for number in range(size):
        inner = folder / f"p{number // 100}"
        inner.mkdir(exist_ok=True)
        text = _module(1, 12) if number % 20 == 0 else _module(0, 12).removeprefix(_HEAD)
        (inner / f"m{number}.py").write_text(text, "utf-8")


def _one(make: Callable[[int], str]) -> Callable[[Path, int], None]:
    def fill(folder: Path, size: int) -> None:
        (folder / "m.py").write_text(make(size), "utf-8")

    return fill


def _sized(size: int) -> str:
    return _module(1, max(1, size // len(_USUAL)))


Fill = Callable[[Path, int], None]
#: What grows: how a folder of that size is made, the options of the run, and the sizes.
RUNS: dict[str, tuple[str, Fill, tuple[str, ...], tuple[int, ...]]] = {
    "files": ("files, nothing cached", _files, ("--no-cache",), (100, 1_000, 5_000, 20_000)),
    "cache": ("files, all cached", _files, (), (100, 1_000, 5_000, 20_000)),
    "size": ("bytes of one file", _one(_sized), ("--no-cache",), (100_000, 1_000_000, 3_000_000, 10_000_000)),
    "findings": ("findings in one file", _one(lambda size: _module(size, 0)), ("--no-cache",), (300, 1_200, 5_000)),
    "silenced": (
        "the same, each silenced by a comment",
        _one(lambda size: _module(size, 0, _SILENCED)),
        ("--no-cache",),
        (300, 1_200, 5_000),
    ),
    "reports": (
        "the same as SARIF and rdjson",
        _one(lambda size: _module(size, 0)),
        ("--no-cache", "--output-format", "sarif", "-o", "rdjson:out.json"),
        (300, 1_200, 5_000),
    ),
}


def runs(wanted: list[str], quick: bool) -> Iterator[str]:
    """A table, row by row."""
    yield "| what grows | size | CPU s | CPU per unit, first size = 1 | exponent | MiB |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name in wanted or RUNS:
        title, fill, options, sizes = RUNS[name]
        first = before = None
        for size in sizes[:-1] if quick else sizes:
            with tempfile.TemporaryDirectory(prefix="tempsafe-growth-") as made:
                folder = Path(made)
                fill(folder, size)
                command = [sys.executable, "-m", "tempsafe_lint", "--isolated", "-q", "-j1", *options]
                (folder / "none").mkdir()
                (folder / "none" / "a.py").write_text("x = 1\n" if name == "cache" else _module(1, 0))
                nothing = min(measured([*command, "none"], folder).processor for _ in range(3))
                if "--no-cache" not in options:
                    measured([*command, "."], folder)
                cost = measured([*command, "."], folder)
            seconds = max(cost.processor - nothing, 0.001)
            first = first or seconds / size
            exponent = "" if before is None else f"{math.log(seconds / before[0]) / math.log(size / before[1]):.2f}"
            relative = f"{seconds / size / first:.2f}"
            yield f"| {title} | {size:,} | {seconds:.2f} | {relative} | {exponent} | {cost.memory:.0f} |"
            before = (seconds, size)


def shapes(wanted: list[str]) -> None:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wanted", nargs="*", metavar="SHAPE")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_intermixed_args()
    if options.wanted[:1] != ["runs"]:
        shapes(options.wanted)
        return
    rows = []
    for row in runs(options.wanted[1:], options.quick):
        print(row, flush=True)
        rows.append(row)
    if options.write:
        write(ROOT / "docs" / "performance.md", "growth", "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
