"""Three steps of severity and of confidence."""

from __future__ import annotations

from enum import Enum


class Level(str, Enum):
    """Three steps, used for severity and for confidence; `at_least` compares them."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return ("low", "medium", "high").index(self.value)

    def at_least(self, other: Level) -> bool:
        return self.rank >= other.rank
