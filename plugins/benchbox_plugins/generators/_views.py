"""Random views of images: shifted, and mirrored where that leaves their class what it is."""

from __future__ import annotations

from math import log

import torch
from torch import Tensor
from torch.nn import functional as F

from benchbox_plugins._viewed import viewed


def contrasted(images: Tensor, flip: bool, rng: torch.Generator) -> Tensor:
    """Return random views for contrastive learning: a part of each image at full size, in another light, half of them mirrored.

    As SimSiam's on CIFAR-10 (Chen and He, CVPR 2021): a part of 20 to 100 % of the area, between 3:4 and 4:3; four of five with
    brightness, contrast and saturation changed by up to 0.4; a fifth without colour. Their change of hue is left out.

    Args:
        images: float32 (n, channels, height, width) in [0, 1].
        flip: whether to mirror.
        rng: on the CPU.
    """
    n, device = len(images), images.device
    area, ratio, right, down, mirror, changed, grey = torch.rand((7, n), generator=rng)
    shape = torch.exp((2 * ratio - 1) * log(4 / 3))
    size = torch.stack([(area * 0.8 + 0.2) * shape, (area * 0.8 + 0.2) / shape]).sqrt().clamp_max(1)
    grid = torch.zeros(n, 2, 3)
    grid[:, 0, 0], grid[:, 1, 1] = size
    grid[:, :, 2] = ((1 - size) * (2 * torch.stack([right, down]) - 1)).T
    if flip:
        grid[:, 0, 0] *= torch.where(mirror < 0.5, -1.0, 1.0)
    parts = F.grid_sample(
        images, F.affine_grid(grid.to(device), list(images.shape), align_corners=False), align_corners=False
    )
    change = 1 + 0.4 * (2 * torch.rand((3, n), generator=rng) - 1) * (changed < 0.8)
    light, contrast, colour = change.to(device)[:, :, None, None, None]
    parts = (parts * light).clamp(0, 1)
    middle = parts.mean((1, 2, 3), keepdim=True)
    parts = (middle + (parts - middle) * contrast).clamp(0, 1)
    colour = colour * (grey >= 0.2).to(device)[:, None, None, None]
    plain = parts.mean(1, keepdim=True)
    seen: Tensor = (plain + (parts - plain) * colour).clamp(0, 1)
    return seen


class Views:
    """Images that are seen in another view whenever they are read; see ``viewed``."""

    def __init__(self, images: Tensor, shift: int, flip: bool, rng: torch.Generator) -> None:
        self._images, self._shift, self._flip, self._rng = images, shift, flip, rng

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Return views of these rows."""
        return viewed(self._images[rows], self._shift, self._flip, self._rng)
