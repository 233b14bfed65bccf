"""What ruff says of files before and after: fixes must leave nothing for another linter to report."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.ecosystem.workshop import run

RULES = "E4,E7,E9,F"  # ruff's own default: imports, statements, syntax, names


def reports(tree: Path, names: list[str]) -> set[str]:
    """What ruff reports on these files, without lines and numbers: fixes move those, and an import among late ones is
    late as well."""
    if not names:
        return set()
    command: list[object] = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--exit-zero"]
    done = run([*command, "--select", RULES, "--output-format", "json", *names], tree)
    return {f"{Path(row['filename']).name}: {row['code']} {row['message']}" for row in json.loads(done.stdout)}


def formatted(tree: Path, names: list[str]) -> set[str]:
    """Those of the files that ruff's formatter, with the project's own settings, would not change."""
    command: list[object] = [sys.executable, "-m", "ruff", "format", "--check", "--quiet", "--no-cache"]
    return {name for name in names if run([*command, name], tree).returncode == 0}
