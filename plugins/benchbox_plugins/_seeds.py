"""Seeds for libraries that take none of torch's generators."""

from __future__ import annotations

import torch


def draw_seed(rng: torch.Generator) -> int:
    """Return a seed, a whole number from 0 to 2**31 - 2."""
    return int(torch.randint(2**31 - 1, (1,), generator=rng))
