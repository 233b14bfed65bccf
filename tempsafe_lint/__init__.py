"""Finds unsafe temporary-file code in Python by flow and ownership, and mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from tempsafe_lint.engine import fix, lint
    from tempsafe_lint.findings import Finding

__all__ = ["Finding", "__version__", "fix", "lint"]


def __getattr__(name: str) -> Any:
    """Import on first use: `import tempsafe_lint` alone must cost nothing."""
    if name in ("lint", "fix"):
        from tempsafe_lint import engine

        return getattr(engine, name)
    if name == "Finding":
        from tempsafe_lint.findings import Finding

        return Finding
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
