"""The order of the rooms: `lint` says what is wrong with a text, `fix` mends it and proves that nothing else moved.

Pure functions: no file is read or written here, and no state outlives a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.findings import Report

if TYPE_CHECKING:
    from tempsafe_lint.settings import Settings
    from tempsafe_lint.source import Source


def lint(source: Source, settings: Settings) -> Report:
    """Every finding of one file, in order, suppressed ones apart."""
    return Report(source.filename)
