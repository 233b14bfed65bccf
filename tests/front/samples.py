"""Files of the running interpreter's standard library, as a repeatable sample."""

from __future__ import annotations

import os
import random
import sysconfig
from pathlib import Path

from tempsafe_lint.source import Source, UnreadableSource

#: Set to test all files of the standard library, its tests included, instead of a sample.
EVERYTHING = bool(os.environ.get("TEMPSAFE_WHOLE_STDLIB"))


def stdlib(count: int, seed: int) -> list[Path]:
    """`count` files chosen by the seed, in a stable order; all of them if EVERYTHING is set."""
    root = Path(sysconfig.get_paths()["stdlib"])
    found = sorted(path for path in root.rglob("*.py") if "site-packages" not in path.parts)
    if EVERYTHING or len(found) <= count:
        return found
    return sorted(random.Random(seed).sample(found, count))


def sources(count: int, seed: int) -> list[Source]:
    """The sample as sources; what is not text is left out."""
    out = []
    for path in stdlib(count, seed):
        try:
            out.append(Source.from_bytes(path.read_bytes(), str(path)))
        except UnreadableSource:
            continue
    return out
