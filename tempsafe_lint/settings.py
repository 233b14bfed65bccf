"""What a project sets, as one immutable value. Reading it from files is in the same room, below."""

from __future__ import annotations

from dataclasses import dataclass

from tempsafe_lint.findings import Level

#: Where test code lives, relative to the project's root (rules.md); the setting `tests` replaces the list.
DEFAULT_TESTS = (
    "tests/**",
    "test/**",
    "**/tests/**",
    "**/test/**",
    "test_*.py",
    "*_test.py",
    "conftest.py",
    "examples/**",
    "docs/**",
    "**/examples/**",
    "**/docs/**",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolved settings for one file. Picklable and hashable, so that it can go to a worker and into a cache key.

    `select`, `ignore` and their `extend_` forms are codes, prefixes, names or `ALL`; `select` None means the default set.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    min_severity: Level = Level.LOW
    min_confidence: Level = Level.MEDIUM
    tests: tuple[str, ...] = DEFAULT_TESTS
    extend_temp_dirs: tuple[str, ...] = ()
    allowed_paths: tuple[str, ...] = ()
    target_version: tuple[int, int] = (3, 10)
    ignore_suppressions: bool = False
