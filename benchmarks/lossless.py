"""Whether the sieves before the analysis lose a finding: a tree is read with them and without, and all is compared.

    python benchmarks/lossless.py [--write] [--sample N] TREE ...

Without them, every file is parsed and analysed as a whole, so this takes its time; it runs in one process per
processor. `--sample` reads N files only, drawn with a fixed seed from those that the prefilter leaves out, beside all
of those that it lets through. Prints every difference; the exit code is 1 then. What is wrong with a file that holds
nothing to check (syntax errors, encodings, bytes) is nobody's business, so codes from TMP900 on are left out.
`--write` puts the figures into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measure import write  # noqa: E402 (the path comes first)
from tempsafe_lint import engine, prefilter  # noqa: E402
from tempsafe_lint.findings import Finding, Level  # noqa: E402
from tempsafe_lint.prefilter import passes  # noqa: E402
from tempsafe_lint.settings import Settings  # noqa: E402
from tempsafe_lint.source import Source, UnreadableSource  # noqa: E402

SEED = 7
#: Everything that can be said of a file.
SETTINGS = Settings(select=("ALL",), min_confidence=Level.LOW, preview=True, windows=True)

Found = set[tuple[object, ...]]


def both(path: str) -> tuple[str, bool, Found, Found]:
    """A file, whether the prefilter lets it through, and what is found with and without the sieves."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        source = Source.from_bytes(data, path)
    except UnreadableSource:
        return path, passes(data), set(), set()
    usual = engine.lint(source, SETTINGS)
    with patch.object(prefilter, "passes_text", return_value=True):
        bare = engine.lint(source, SETTINGS, parts=False)
    return path, passes(data), set(map(said, usual.findings)), set(map(said, bare.findings))


def said(finding: Finding) -> tuple[object, ...]:
    return (
        *(finding.code, finding.region, finding.message, finding.severity, finding.confidence),
        *(finding.unfixed, finding.fix, finding.related),
    )


def wanted(trees: list[Path], sample: int | None) -> list[str]:
    files = sorted(str(path) for tree in trees for path in tree.rglob("*.py") if path.is_file())
    if sample is None:
        return files
    through = {path for path in files if passes(Path(path).read_bytes())}
    others = [path for path in files if path not in through]
    return sorted([*through, *random.Random(SEED).sample(others, min(sample, len(others)))])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", type=Path, nargs="+", metavar="TREE")
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    files = wanted(options.trees, options.sample)
    through = found = different = 0
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None) as executor:
        for path, passed, usual, bare in executor.map(both, files, chunksize=8):
            usual, bare = ({one for one in some if str(one[0]) < "TMP9"} for some in (usual, bare))
            through += passed
            found += len(bare)
            different += usual != bare
            for what, some in (("lost", bare - usual), ("only with the sieves", usual - bare)):
                for code, region, message, *_ in sorted(some, key=repr):
                    print(f"{what}: {path}:{region.row}: {code} {message}")
    text = (
        f"{len(files):,} files, {through:,} of which pass the prefilter; {found:,} findings at every confidence "
        f"without the sieves; {different} files differ with them.\n"
    )
    print(text, end="")
    if options.write:
        write(ROOT / "docs" / "performance.md", "lossless", text)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
