"""What perturbing defences share: rows that sum to 1, and balls around an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def normalised(values: Tensor) -> Tensor:
    """Return rows (n, classes) of nothing negative scaled to sum to 1; a row of zeros says the same of every class."""
    total = values.sum(1, keepdim=True)
    return (values / total).where(total > 0, 1 / values.shape[1])


def within(told: Tensor, true: Tensor, radius: float) -> Tensor:
    """Return answers (n, classes) drawn back along a line to the true ones until their L1 distance is at most ``radius``."""
    far = (told - true).abs().sum(1, keepdim=True)
    drawn: Tensor = true + (told - true) * (radius / far.clamp_min(1e-12)).clamp_max(1.0)
    return drawn
