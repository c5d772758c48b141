"""The picture that is kept of an attack."""

from __future__ import annotations

import torch
from torch import Tensor

from benchbox.images.grid import grid_png

SHOWN = 6
"""The first so many examples are shown, whether or not they fool anybody; half as many in colour."""
_LEVELS = 8  # of a channel: two kilobytes instead of five, for every attack of every cell


def pairs_png(clean: Tensor, examples: Tensor) -> bytes:
    """Return a PNG of the first images attacked, float (m, *shape), with what became of each below it."""
    columns = min(len(examples), SHOWN if examples.shape[1] == 1 else SHOWN // 2)
    return grid_png(torch.cat([clean[:columns], examples[:columns]]), columns, _LEVELS)
