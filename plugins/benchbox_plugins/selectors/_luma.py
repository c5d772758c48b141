"""Colour images as grey ones."""

from __future__ import annotations

import torch
from torch import Tensor

_LUMA = (0.299, 0.587, 0.114)  # of ITU-R BT.601


def luma(images: Tensor) -> Tensor:
    """Return the luma of red, green and blue images, (n, 3, height, width), as (n, height, width)."""
    return torch.einsum("nchw,c->nhw", images, images.new_tensor(_LUMA))
