"""Changes of an image that leave its class alone."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from benchbox_plugins._viewed import viewed

_TURN, _SCALE, _SHEAR, _SHIFT = 0.26, 0.15, 0.3, 0.215  # radians, shares, shares, shares of half a side
_MOST = 1 / 8  # of a side, that objects are shifted by


def augmented(images: Tensor, how: str, strength: float, rng: torch.Generator) -> Tensor:
    """Return changed copies of images, each drawn for itself.

    Args:
        images: float32 (n, channels, height, width).
        how: the family of changes: ``affine`` for what is drawn; ``shift`` for objects, up to an eighth of a side, and flips;
            ``none``; ``auto`` goes by colour.
        strength: 0 changes nothing; 1 is up to 15 degrees, 15 % of size, 0.3 of shear and 3 pixels of 28.
        rng: on the CPU.

    Returns:
        float32, shaped like ``images``; what comes in from outside the image is 0.
    """
    if how == "none" or not strength:
        return images
    if how == "auto":  # grey images are digits, letters, outlines; a mirrored one may be of no class
        how = "affine" if images.shape[1] == 1 else "shift"
    if how == "shift":  # whole pixels: what is blurred in training is met sharp in use
        return viewed(images, int(strength * min(images.shape[2:]) * _MOST), True, rng)
    grid = F.affine_grid(_affine(len(images), strength, rng).to(images.device), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def holed(images: Tensor, side: float, rng: torch.Generator) -> Tensor:
    """Return copies of images with a square of 0 in each, at a random place, of ``side`` times the image's smaller side.

    DeVries and Taylor, Improved regularization of convolutional neural networks with cutout (2017).
    """
    n, _, height, width = images.shape
    size = round(side * min(height, width))
    top = torch.randint(height - size + 1, (n, 1), generator=rng)
    left = torch.randint(width - size + 1, (n, 1), generator=rng)
    rows, columns = torch.arange(height), torch.arange(width)
    inside = ((rows >= top) & (rows < top + size))[:, :, None] & ((columns >= left) & (columns < left + size))[:, None]
    return images.masked_fill(inside[:, None].to(images.device), 0)


def _affine(n: int, strength: float, rng: torch.Generator) -> Tensor:
    turn, scale, shear, right, down = (torch.rand((5, n), generator=rng) * 2 - 1) * strength
    sine, cosine = (turn * _TURN).sin(), (turn * _TURN).cos()
    size, slant = 1 + scale * _SCALE, shear * _SHEAR
    first = torch.stack([cosine * size, slant * cosine - sine * size, right * _SHIFT], 1)
    second = torch.stack([sine * size, slant * sine + cosine * size, down * _SHIFT], 1)
    return torch.stack([first, second], 1)
