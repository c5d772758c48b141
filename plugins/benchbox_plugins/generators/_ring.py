"""The last rows of what was added, at one place in memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class Ring:
    """Keeps the last ``most`` rows; the oldest make way.

    Its room is taken when the first rows come: what grows would be copied each time, and what comes in pieces would leave
    holes between the large tensors of every round.

    Args:
        most: how many it holds.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows = torch.empty(0)
        self._seen = 0

    def __len__(self) -> int:
        return min(self._seen, self._most)

    def __getitem__(self, ages: Tensor) -> Tensor:
        """Return the rows at ``ages``, (n,), of which 0 is the oldest."""
        return self._rows[(ages + (self._seen - len(self))) % self._most]

    def all(self) -> Tensor:
        """Return all rows, the oldest first."""
        return self[torch.arange(len(self), device=self._rows.device)]

    def add(self, rows: Tensor) -> None:
        """Keep ``rows``, the first of them being the oldest."""
        if not self._most:
            return
        if not self._seen:
            self._rows = rows.new_empty(self._most, *rows.shape[1:])
        self._seen += len(rows)
        rows = rows[-self._most :]
        self._rows[torch.arange(self._seen - len(rows), self._seen, device=rows.device) % self._most] = rows

    def state_dict(self) -> dict[str, Tensor | int]:
        """Return all that it holds."""
        return {"rows": self._rows, "seen": self._seen}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Hold what ``state_dict`` returned."""
        self._rows, self._seen = state["rows"], state["seen"]
