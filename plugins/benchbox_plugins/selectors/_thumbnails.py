"""Small copies of a pool's images, for what compares every image with every other."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from benchbox_plugins.selectors._luma import luma

_VALUES = 1 << 25  # read at once


def thumbnails(images: Tensor, side: int, *, grey: bool) -> Tensor:
    """Return images (n, channels, side, side), each pixel the mean of those that it stands for; a chunk is read at a time.

    Args:
        images: float (n, channels, height, width).
        side: in pixels.
        grey: whether colour becomes luma.
    """
    channels = 1 if grey else images.shape[1]
    made = torch.empty((len(images), channels, side, side), device=images.device)
    step = max(1, _VALUES // images.shape[1:].numel())
    for start in range(0, len(images), step):
        small = adaptive_avg_pool2d(images[start : start + step], side)
        if grey and small.shape[1] == 3:
            small = luma(small)[:, None]
        made[start : start + step] = small
    return made
