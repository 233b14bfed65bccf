"""Finds unsafe temporary-file code in Python by flow and ownership, and mends it."""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False  # typing is a third of what `--version` would cost
if TYPE_CHECKING:
    from typing import Any

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
