"""What watchers remember of a client: rows of numbers that grow."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class Rows:
    """A table that grows by a row at a time; its space doubles when it is full.

    Args:
        width: numbers a row.
        dtype: of what kind.
    """

    def __init__(self, width: int, dtype: torch.dtype = torch.float32) -> None:
        self._space = torch.zeros((64, width), dtype=dtype)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    @property
    def rows(self) -> Tensor:
        """The rows, (n, width), on the CPU: a view."""
        return self._space[: self._n]

    def add(self, row: Tensor) -> None:
        """Add a row (width,)."""
        if self._n == len(self._space):
            self._space = torch.cat([self._space, torch.zeros_like(self._space)])
        self._space[self._n] = row
        self._n += 1

    def clear(self) -> None:
        """Forget every row."""
        self._n = 0

    def state_dict(self) -> dict[str, Any]:
        """Return the rows as plain data."""
        return {"rows": self.rows.clone()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what ``state_dict`` returned."""
        self._space, self._n = torch.cat([state["rows"], torch.zeros_like(self._space[:64])]), len(state["rows"])
