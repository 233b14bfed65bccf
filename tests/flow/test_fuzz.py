"""Programs that nobody wrote: lint and fix hold on all of them, and what is reported agrees with what a run leaves.

A run is compared in one direction: where no leak is reported, none may be left. The other way there are branches that
a run does not take.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import hypothesmith
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tempsafe_lint.engine import fix, lint
from tempsafe_lint.findings import Level, Report
from tempsafe_lint.flow import solver
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source
from tests.flow.programs import Maker

ROOT = Path(__file__).resolve().parent.parent.parent
EVERYTHING = Settings(select=("TMP",), min_confidence=Level.LOW, min_severity=Level.LOW)
QUICK = settings(
    max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
#: Visits of a block on average: what programs of this sort need at most, far below where flow gives up.
MOST_VISITS = 8


@st.composite
def programs(draw: Any) -> str:
    return Maker(lambda options: draw(st.sampled_from(options))).program()


def look(text: str) -> Report:
    return lint(Source.from_text(text, "made.py"), EVERYTHING)


def found(text: str) -> list[tuple[int, str, str]]:
    return [(f.region.row, f.code, f.message) for f in look(text).findings]


# -- running for real ------------------------------------------------------------------------------------------------


def ran(text: str) -> list[str] | None:
    """What a run leaves behind in a folder of its own, less what it returns; None if it raises."""
    with tempfile.TemporaryDirectory() as folder, _temps_in(folder):
        before = set(os.listdir("/proc/self/fd")) if sys.platform == "linux" else set()
        scope: dict[str, Any] = {"__name__": "made"}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                exec(compile(text, "made.py", "exec"), scope)
                raised = False
        except Exception:
            raised = True
        kept = scope.pop("kept", None)
        left = [name for name in sorted(os.listdir(folder)) if not _keeps(kept, name)]
        left += _open_still(before, kept)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            kept = scope = None  # type: ignore[assignment]
            gc.collect()
        return None if raised else left


@contextlib.contextmanager
def _temps_in(folder: str) -> Any:
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        yield
    finally:
        tempfile.tempdir = before


def _keeps(kept: object, name: str) -> bool:
    """Whether what a program returned leads to a file: the program's caller has it."""
    held = getattr(kept, "folder", getattr(kept, "name", kept))
    return isinstance(held, str) and os.path.basename(held) == name


def _open_still(before: set[str], kept: object) -> list[str]:
    """Bare descriptors that are left open; objects close theirs when they are collected."""
    gc.collect()
    if sys.platform != "linux":
        return []
    after = set(os.listdir("/proc/self/fd")) - before
    left = []
    for number in sorted(after):
        with contextlib.suppress(OSError):
            os.fstat(int(number))
            if kept != int(number) and not _is_of(kept, int(number)):
                left.append(f"descriptor {number}")
            os.close(int(number)) if not _is_of(kept, int(number)) else None
    return left


def _is_of(kept: object, number: int) -> bool:
    try:
        return kept.fileno() == number  # type: ignore[attr-defined, no-any-return]
    except (AttributeError, ValueError):
        return False
