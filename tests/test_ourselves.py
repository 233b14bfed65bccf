"""The linter on its own code, the runtime's, the benchmarks' and the tests': nothing to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_nothing_to_say_about_ourselves() -> None:
    command = [sys.executable, "-m", "tempsafe_lint", "check", "--output-format", "concise"]
    folders = ["tempsafe_lint", "runtime", "benchmarks", "tests"]
    done = subprocess.run([*command, *folders], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "All checks passed!\n"), done.stdout
