"""How the linter stands beside others on much code: whole processes, in turns, in one run.

    python benchmarks/corpus.py build WORK     fetches the corpus and the tools (network, a gigabyte)
    python benchmarks/corpus.py run WORK [--rounds N] [--write] [SET ...]

The corpus is the standard library of the Python that runs this and the packages of PACKAGES. `run` first installs the
linter as it is now. SET is one of:

`corpus` (all of it: ruff with its rules about temp files; this linter with an empty cache, with a full one, after one
edit), `bandit` (all of it, by bandit, by ruff and by this linter with an empty cache: minutes), `file` (one file
without and one with findings; flake8 with and without the plugin), `sample` (SAMPLE files of the corpus, drawn with a
fixed seed: also those that take very long for all of it, flake8, pylint and fixit).

The first row of a table is what the others are compared with. `--write` puts the tables into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measure import Entry, in_turns, table, write  # noqa: E402 (the path comes first)

#: Pure Python wheels, so that every machine gets the same files.
PACKAGES = (
    *("sympy==1.14.0", "twisted==26.10.0", "awscli==1.46.3", "conan==2.34.0", "buildbot==4.3.0", "celery==5.7.0"),
    *("mlflow==3.18.0", "setuptools==84.2.1", "pywikibot==11.9.0", "yt-dlp==2026.10.26"),
)
#: The scripts that older ones write import `re`, which is half of what an empty Python takes.
PIP = "pip>=25"
PEERS = ("ruff", "bandit", "flake8", "pylint", "fixit")

FINDING = "import tempfile\n\n\ndef f():\n    name = tempfile.mktemp()\n    open(name, 'w').close()\n"
CLEAN = "import os\n\n\ndef f(x):\n    return os.path.join(x, 'y')\n" * 20

#: Files of the sample, and the seed that they are drawn with.
SAMPLE, SEED = 80, 7

RULES = "S108,S306,S103,SIM115"
TESTS = "B108,B306"


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
        subprocess.run([tool(work, name, "python"), "-m", "pip", "install", "--quiet", *wanted], check=True)
    files = [path for path in corpus.rglob("*.py") if path.is_file()]
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    size = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files, {lines / 1e6:.2f} M lines, {size / 1e6:.0f} MB")


def tool(work: Path, environment: str, name: str) -> str:
    return str(work / environment / "bin" / name)


def draw(work: Path) -> Path:
    """The sample as a folder of copies."""
    folder = work / "sample"
    if not folder.is_dir():
        folder.mkdir()
        files = sorted(path for path in (work / "corpus").rglob("*.py") if path.is_file())
        for number, path in enumerate(random.Random(SEED).sample(files, SAMPLE)):
            shutil.copyfile(path, folder / f"m{number:03}_{path.name}")
    return folder


def entries(work: Path, wanted: str) -> list[Entry]:
    """The rows of one set, the one that the others are compared with first."""
    corpus, scratch, cache = work / "corpus", work / "scratch", work / "cache"
    ours = [tool(work, "ours", "tempsafe-lint"), "check", "--isolated", "--quiet"]
    cached, anew = [*ours, "--cache-dir", str(cache), "."], [*ours, "--no-cache"]
    ruff = [tool(work, "peers", "ruff"), "check", "--isolated", "--no-cache", "--quiet", "--preview", "--select", RULES]
    bandit = [tool(work, "peers", "bandit"), "-r", "-q", "-t", TESTS]
    flake8, plugged = ([tool(work, name, "flake8"), "--isolated"] for name in ("peers", "ours"))
    if wanted == "corpus":
        return [
            Entry(f"ruff `{RULES}`, no cache", [*ruff, "."], corpus),
            Entry("tempsafe-lint, empty cache", cached, corpus, lambda turn: shutil.rmtree(cache, ignore_errors=True)),
            Entry("tempsafe-lint, full cache", cached, corpus),
            Entry("tempsafe-lint, after one edit", cached, corpus, _editor(corpus / "stdlib" / "tempfile.py")),
            Entry("tempsafe-lint, that file alone", [*anew, "tempfile.py"], corpus / "stdlib"),
        ]
    if wanted == "bandit":
        return [
            Entry(f"bandit `{TESTS}`", [*bandit, "."], corpus),
            Entry("tempsafe-lint, no cache", [*anew, "."], corpus),
            Entry(f"ruff `{RULES}`, no cache", [*ruff, "."], corpus),
        ]
    if wanted == "file":
        return [
            Entry("`python -c pass`", [tool(work, "ours", "python"), "-c", "pass"], scratch),
            Entry("tempsafe-lint --version", [*ours[:1], "--version"], scratch),
            Entry("tempsafe-lint, no needle", [*ours, "clean.py"], scratch),
            Entry("tempsafe-lint, one finding", [*ours, "finding.py"], scratch),
            Entry("tempsafe-lint --diff, one fix", [*ours, "--diff", "finding.py"], scratch),
            Entry(f"ruff `{RULES}`", [*ruff, "finding.py"], scratch),
            Entry(f"bandit `{TESTS}`", [*bandit, "finding.py"], scratch),
            Entry("flake8", [*flake8, "clean.py"], scratch),
            Entry("flake8 with the plugin, no needle", [*plugged, "clean.py"], scratch),
            Entry("flake8 with the plugin, one finding", [*plugged, "finding.py"], scratch),
        ]
    sample = draw(work)
    pylint = [tool(work, "peers", "pylint"), "--disable=all", "--enable=R1732", "--recursive=y", "."]
    return [
        Entry("tempsafe-lint, no cache", [*anew, "."], sample),
        Entry(f"ruff `{RULES}`, no cache", [*ruff, "."], sample),
        Entry(f"bandit `{TESTS}`", [*bandit, "."], sample),
        Entry("flake8", [*flake8, "."], sample),
        Entry("flake8 with the plugin", [*plugged, "."], sample),
        Entry("fixit, all its rules", [tool(work, "peers", "fixit"), "lint", "."], sample),
        Entry("pylint `R1732`", pylint, sample),
    ]


def _editor(path: Path) -> Callable[[int], None]:
    """Writes a file anew in each turn, with another last line."""
    text = path.read_text("utf-8").partition("# edit ")[0]

    def edit(turn: int) -> None:
        path.write_text(f"{text}# edit {turn} of {os.getpid()}\n", "utf-8")

    return edit


def install(work: Path) -> None:
    """Put the linter as it is now in the place of the one that is installed."""
    pip = [tool(work, "ours", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, PIP], check=True)
    subprocess.run([*pip, "--no-deps", "--force-reinstall", str(ROOT)], check=True)
    (work / "scratch").mkdir(exist_ok=True)
    (work / "scratch" / "finding.py").write_text(FINDING, "utf-8")
    (work / "scratch" / "clean.py").write_text(CLEAN, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("build", "run"))
    parser.add_argument("work", type=Path)
    parser.add_argument("sets", nargs="*", metavar="SET", default=["corpus", "file"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
    arguments = parser.parse_intermixed_args()
    work = arguments.work.resolve()
    if arguments.what == "build":
        build(work)
        return
    install(work)
    for wanted in arguments.sets:
        rows = entries(work, wanted)
        text = table(wanted, in_turns(rows, arguments.rounds), rows[0].label)
        print(text)
        if arguments.write:
            write(ROOT / "docs" / "performance.md", wanted, text)


if __name__ == "__main__":
    main()
