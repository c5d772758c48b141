"""Exact mutual information between grey-level images on a GPU, by scattered counting. See ``_mutual_information``."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from benchbox_plugins.selectors._mutual_information import Floats, Integers

_TABLE_BYTES = 1 << 29


class TorchMutualInformation:
    """The images of a pool on a device, for rows of mutual information.

    Args:
        levels: grey levels, uint8 (n, pixels), below ``bins``; they stay on their device.
        bins: how many levels there are.

    Attributes:
        entropy: of each image's grey levels, nats, float64 (n,).
    """

    def __init__(self, levels: Tensor, bins: int) -> None:
        self._levels, self._bins = levels, bins
        self._pixels = levels.shape[1]
        self._chunk = max(1, min(len(levels), _TABLE_BYTES // (4 * bins * bins)))
        self._counts = torch.zeros(self._chunk, bins * bins, dtype=torch.int32, device=levels.device)
        self._ones = torch.ones(1, 1, dtype=torch.int32, device=levels.device)
        sums = [self._nlogn(chunk.long()) for chunk in torch.split(levels, self._chunk)]
        self._margin = torch.cat(sums)
        self.entropy: Floats = (math.log(self._pixels) - self._margin / self._pixels).cpu().numpy()

    def row(self, image: int, among: Integers) -> Floats:
        """Return the mutual information of one image with each of ``among``, nats, float64 (len(among),)."""
        mine = self._levels[image].long() * self._bins
        others = torch.from_numpy(among).to(self._levels.device)
        sums = [self._nlogn(mine + self._levels[chunk]) for chunk in torch.split(others, self._chunk)]
        total = torch.cat(sums) - self._margin[image] - self._margin[others]
        information: Floats = (math.log(self._pixels) + total / self._pixels).clamp_min(0).cpu().numpy()
        return np.ascontiguousarray(information)

    def _nlogn(self, cells: Tensor) -> Tensor:
        """Return the sum of n ln n over the counts of the cells, (m, pixels) -> (m,): ln n, summed over the pixels."""
        counts = self._counts[: len(cells)]
        counts.scatter_add_(1, cells, self._ones.expand_as(cells))
        total = counts.gather(1, cells).double().log().sum(1)
        counts.scatter_(1, cells, 0)
        return total
