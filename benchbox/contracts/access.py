"""What the oracle answers."""

from __future__ import annotations

from enum import StrEnum


class Access(StrEnum):
    """A rung of the response ladder: what an attacker reads in one answer."""

    LABEL = "label"
    PROBABILITIES = "probabilities"

    def covers(self, needed: Access) -> bool:
        """Whether a scenario that grants this rung can serve a method that needs the other."""
        ladder = list(Access)
        return ladder.index(self) >= ladder.index(needed)
