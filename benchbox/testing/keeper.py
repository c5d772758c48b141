"""What follows a toy game and ends it in the middle, as a killed process does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchbox.match.resume import packed, unpacked


class Killed(Exception):  # noqa: N818 - what happens to a process
    """Ends a game in the middle, as a killed process does."""


@dataclass
class Keeper:
    """Follows a toy game: keeps the state to resume from after every offer, and kills the game after some.

    Attributes:
        kill_after: offers after which ``Killed`` is raised; None plays to the end.
        kept: the state that was kept last.
    """

    kill_after: int | None = None
    kept: bytes | None = None
    offers: int = 1

    @property
    def due(self) -> bool:
        """Always."""
        return True

    def tell(self, spent: int, budget: int, accuracy: float | None) -> None:
        """Count an offer."""
        self.offers += 1
        if self.kill_after is not None and self.offers > self.kill_after:
            raise Killed

    def save(self, state: dict[str, Any]) -> None:
        """Keep a state."""
        self.kept = packed(state)

    def load(self) -> dict[str, Any] | None:
        """Return the state that was kept."""
        return unpacked(self.kept)
