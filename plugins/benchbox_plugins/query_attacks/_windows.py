"""Square windows of images: where they lie, what is in them, and the bumps of Square's L2 form."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from benchbox.contracts import SearchGame

_SCHEDULE = ((10, 1), (50, 2), (200, 4), (500, 8), (1000, 16), (2000, 32), (4000, 64), (6000, 128), (8000, 256))


def share(first: float, i: int, budget: int) -> float:
    """Return the share of an image's pixels that the window of query i of ``budget`` covers; the first one's is ``first``.

    The published schedule is for 10,000 queries, and is stretched to the budget.
    """
    at = 10_000 * i / budget
    return first / next((part for until, part in _SCHEDULE if at <= until), 512)


def side(part: float, height: int, width: int) -> int:
    """Return the side of a square that covers a share of an image."""
    return max(1, min(round(math.sqrt(part * height * width)), height - 1, width - 1))


def places(m: int, size: int, height: int, width: int, game: SearchGame) -> Tensor:
    """Return the flat indices of the pixels of a random window in each of m images, int64 (m, size * size)."""
    top = torch.randint(height - size + 1, (m, 1, 1), generator=game.rng)
    left = torch.randint(width - size + 1, (m, 1, 1), generator=game.rng)
    steps = torch.arange(size)
    return ((top + steps[:, None]) * width + left + steps).flatten(1).to(game.device)


def bump(size: int) -> Tensor:
    """Return Square's L2 bump: two pyramids side by side, one positive and one negative, (size, size), of norm 1."""
    half = size // 2
    made = torch.cat([_pyramid(size, half), -_pyramid(size, size - half)], 1)
    unit: Tensor = made / made.norm()
    return unit


def _pyramid(height: int, width: int) -> Tensor:
    """Return nested rectangles, each inner one added with more weight: 1 / (n + 1 - k)^2 for the k-th of n + 1."""
    n = max(height, width) // 2
    rows, columns = ((torch.arange(size) - size // 2).abs() for size in (height, width))
    depth = n - torch.max(rows[:, None], columns[None, :])
    weights = 1 / (n + 1 - torch.arange(n + 1)).double() ** 2
    return weights.cumsum(0)[depth.clamp(0, n)].float()
