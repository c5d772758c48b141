"""The cosine basis of signals."""

from __future__ import annotations

import torch
from torch import Tensor


def waves(size: int) -> Tensor:
    """Return the orthonormal cosine basis of signals of ``size`` values, a row a frequency, float64 (size, size)."""
    steps = torch.arange(size, dtype=torch.float64)
    made: Tensor = (torch.pi / size * (steps + 0.5)[None, :] * steps[:, None]).cos() * (2 / size) ** 0.5
    made[0] /= 2**0.5
    return made
