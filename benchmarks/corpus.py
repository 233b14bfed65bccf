"""How the linter stands beside others on much code: whole processes, in turns, in one run.

    python benchmarks/corpus.py build WORK     fetches the corpus and the tools (network, a gigabyte)
    python benchmarks/corpus.py run WORK [--rounds N] [SET ...]

The corpus is the standard library of the Python that runs this and the packages of PACKAGES. SET is one of:
`corpus` (all of it: this linter with an empty cache, with a full one and after one edit; ruff and bandit with their
rules about temp files), `file` (one file without and one with findings; flake8 with and without the plugin), `slow`
(flake8, pylint and fixit, over the standard library alone). The default is `corpus` and `file`.

Processor seconds count children too. The machines are shared: only ratios of medians in one run are worth quoting.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Pure Python wheels, so that every machine gets the same files.
PACKAGES = (
    *("sympy==1.14.0", "twisted==26.10.0", "awscli==1.46.3", "conan==2.34.0", "buildbot==4.3.0", "celery==5.7.0"),
    *("mlflow==3.18.0", "setuptools==84.2.1", "pywikibot==11.9.0", "yt-dlp==2026.10.26"),
)
PEERS = ("ruff", "bandit", "flake8", "pylint", "fixit")

FINDING = "import tempfile\n\n\ndef f():\n    name = tempfile.mktemp()\n    open(name, 'w').close()\n"
CLEAN = "import os\n\n\ndef f(x):\n    return os.path.join(x, 'y')\n" * 20


@dataclass(frozen=True)
class Cost:
    """What one process and its children took: seconds of processor and of the clock, MiB of the largest of them."""

    processor: float
    wall: float
    memory: float


def measured(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> Cost:
    """Run a command to its end; whatever it prints and returns is its own business."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / unit)


def build(work: Path) -> None:
    """Fetch and unpack everything."""
    corpus = work / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    wheels = work / "wheels"
    download = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "-d",
        str(wheels),
    ]
    subprocess.run([*download, *PACKAGES], check=True)
    for wheel in sorted(wheels.iterdir()):
        with zipfile.ZipFile(wheel) as opened:
            opened.extractall(corpus / wheel.name.split("-")[0])
    library = Path(sysconfig.get_paths()["stdlib"])
    shutil.copytree(
        library, corpus / "stdlib", ignore=shutil.ignore_patterns("site-packages", "__pycache__"), dirs_exist_ok=True
    )
    for name, wanted in (("ours", [f"{ROOT}[flake8]"]), ("peers", list(PEERS))):
        venv.create(work / name, with_pip=True, clear=True)
        subprocess.run([str(tool(work, name, "python")), "-m", "pip", "install", "--quiet", *wanted], check=True)
    files = [path for path in corpus.rglob("*.py") if path.is_file()]
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    size = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files, {lines / 1e6:.2f} M lines, {size / 1e6:.0f} MB")


def tool(work: Path, environment: str, name: str) -> Path:
    return work / environment / "bin" / name


@dataclass(frozen=True)
class Entry:
    """One row: what it is called, the command, where, and what is done before it without being counted."""

    label: str
    command: list[str]
    folder: Path
    before: str = ""


def entries(work: Path, wanted: str) -> list[Entry]:
    """The rows of one set, the one that the others are compared with first."""
    ours = [str(tool(work, "ours", "tempsafe-lint")), "check", "--isolated", "--quiet"]
    ruff = [str(tool(work, "peers", "ruff")), "check", "--isolated", "--no-cache", "--quiet", "--preview"]
    ruff += ["--select", "S108,S306,S103,SIM115"]
    bandit = [str(tool(work, "peers", "bandit")), "-r", "-q", "-t", "B108,B306,B103"]
    flake8 = {name: [str(tool(work, name, "flake8")), "--isolated"] for name in ("ours", "peers")}
    corpus, scratch = work / "corpus", work / "scratch"
    cached = [*ours, "--cache-dir", str(work / "cache"), "."]
    if wanted == "corpus":
        return [
            Entry("ruff, 4 rules, no cache", [*ruff, "."], corpus),
            Entry("tempsafe-lint, empty cache", cached, corpus, "forget"),
            Entry("tempsafe-lint, full cache", cached, corpus),
            Entry("tempsafe-lint, after one edit", cached, corpus, "edit"),
            Entry("bandit, 3 tests", [*bandit, "."], corpus),
        ]
    if wanted == "file":
        python = str(tool(work, "ours", "python"))
        return [
            Entry("python -c pass", [python, "-c", "pass"], scratch),
            Entry("tempsafe-lint --version", [*ours[:1], "--version"], scratch),
            Entry("tempsafe-lint, no needle", [*ours, "clean.py"], scratch),
            Entry("tempsafe-lint, one finding", [*ours, "finding.py"], scratch),
            Entry("ruff, 4 rules", [*ruff, "finding.py"], scratch),
            Entry("bandit, 3 tests", [*bandit, "finding.py"], scratch),
            Entry("flake8", [*flake8["peers"], "clean.py"], scratch),
            Entry("flake8 with the plugin, no needle", [*flake8["ours"], "clean.py"], scratch),
            Entry("flake8 with the plugin, one finding", [*flake8["ours"], "finding.py"], scratch),
        ]
    library = corpus / "stdlib"
    return [
        Entry("tempsafe-lint, no cache", [*ours, "--no-cache", "."], library),
        Entry("ruff, 4 rules, no cache", [*ruff, "."], library),
        Entry("flake8", [*flake8["peers"], "."], library),
        Entry("flake8 with the plugin", [*flake8["ours"], "."], library),
        Entry("fixit, all rules", [str(tool(work, "peers", "fixit")), "lint", "."], library),
        Entry(
            "pylint, R1732",
            [str(tool(work, "peers", "pylint")), "--disable=all", "--enable=R1732", "--recursive=y", "."],
            library,
        ),
    ]


def prepare(entry: Entry, work: Path, turn: int) -> None:
    """What an entry wants done before it is measured."""
    if entry.before == "forget":
        shutil.rmtree(work / "cache", ignore_errors=True)
    elif entry.before == "edit":
        edited = work / "corpus" / "stdlib" / "tempfile.py"
        edited.write_text(edited.read_text("utf-8") + f"# edit {turn}\n", "utf-8")


def compare(work: Path, wanted: str, rounds: int) -> None:
    """Measure a set in turns and print it as a Markdown table; the first row is 1."""
    rows = entries(work, wanted)
    (work / "scratch").mkdir(exist_ok=True)
    (work / "scratch" / "finding.py").write_text(FINDING, "utf-8")
    (work / "scratch" / "clean.py").write_text(CLEAN, "utf-8")
    costs: dict[str, list[Cost]] = {entry.label: [] for entry in rows}
    for turn in range(rounds + 1):
        for entry in rows:
            if turn == 0 and entry.label.startswith(("bandit", "pylint", "fixit")) and wanted != "file":
                continue  # the first turn only warms the disk's cache
            prepare(entry, work, turn)
            cost = measured(entry.command, entry.folder)
            if turn:
                costs[entry.label].append(cost)
    base = costs[rows[0].label]
    print(f"\n| {wanted} | CPU s (least to most) | CPU ratio | wall s | wall ratio | MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for entry in rows:
        of = costs[entry.label]
        processor, wall = median(of, "processor"), median(of, "wall")
        spread = f"{min(c.processor for c in of):.2f} to {max(c.processor for c in of):.2f}"
        print(
            f"| {entry.label} | {processor:.2f} ({spread}) | {processor / median(base, 'processor'):.2f} "
            f"| {wall:.2f} | {wall / median(base, 'wall'):.2f} | {median(of, 'memory'):.0f} |"
        )


def median(costs: list[Cost], field: str) -> float:
    return statistics.median(getattr(cost, field) for cost in costs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("build", "run"))
    parser.add_argument("work", type=Path)
    parser.add_argument("sets", nargs="*", metavar="SET", default=["corpus", "file"])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_intermixed_args()
    work = arguments.work.resolve()
    if arguments.what == "build":
        build(work)
        return
    for wanted in arguments.sets:
        compare(work, wanted, arguments.rounds)


if __name__ == "__main__":
    main()
