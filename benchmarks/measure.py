"""Whole processes in turns, and what they cost: seconds of processor and of the clock, memory of the largest process.

The machines that this runs on are shared. So every turn runs each entry once, the ratios are of one turn each, and of
them the median is given with the least and the most.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What one process and its children took: seconds of processor and of the clock, MiB of the largest of them."""

    processor: float
    wall: float
    memory: float


@dataclass(frozen=True)
class Entry:
    """One row: what it is called, the command, where, and what is done before it without being counted."""

    label: str
    command: list[str]
    folder: Path
    before: Callable[[int], None] = field(default=lambda turn: None)


def measured(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> Cost:
    """Run a command to its end; what it prints and returns is its own business, but it must not be killed."""
    variables = {**os.environ, **(environment or {})}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # whoever compiles all modules anew measures the compiler
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=variables,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode < 0:
        raise SystemExit(f"{command[0]} was killed by signal {-process.returncode}")
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / unit)


def in_turns(entries: Sequence[Entry], rounds: int) -> dict[str, list[Cost]]:
    """What each entry cost in each turn; one turn before the first warms the disk's cache."""
    costs: dict[str, list[Cost]] = {entry.label: [] for entry in entries}
    for turn in range(rounds + 1 if rounds > 1 else 1):
        for entry in entries:
            entry.before(turn)
            cost = measured(entry.command, entry.folder)
            if turn or rounds == 1:
                costs[entry.label].append(cost)
    return costs


def table(title: str, costs: dict[str, list[Cost]], base: str) -> str:
    """Markdown: ratios to `base`, turn by turn, as the median and the spread."""
    rounds = len(costs[base])
    lines = [
        f"| {title}, {rounds} round{'' if rounds == 1 else 's'} | CPU | wall | CPU s | MiB |",
        "| --- | --- | --- | --- | --- |",
    ]
    for label, of in costs.items():
        processor = _ratio([one.processor / other.processor for one, other in zip(of, costs[base], strict=True)])
        wall = _ratio([one.wall / other.wall for one, other in zip(of, costs[base], strict=True)])
        seconds = statistics.median(one.processor for one in of)
        memory = max(one.memory for one in of)
        lines.append(f"| {label} | {processor} | {wall} | {seconds:.2f} | {memory:.0f} |")
    return "\n".join(lines) + "\n"


def _ratio(ratios: list[float]) -> str:
    middle = f"{statistics.median(ratios):.3g}"
    return middle if len(ratios) == 1 else f"{middle} ({min(ratios):.3g} to {max(ratios):.3g})"


def write(page: Path, name: str, text: str) -> None:
    """Put `text` in place of what stands between the marks of `name` in a page. Raises ValueError without them."""
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    old = page.read_text("utf-8")
    before, found, rest = old.partition(start)
    _, also, after = rest.partition(end)
    if not found or not also:
        raise ValueError(f"{page} has no place for `{name}`")
    page.write_text(f"{before}{start}\n{text}\n{end}{after}", "utf-8")
