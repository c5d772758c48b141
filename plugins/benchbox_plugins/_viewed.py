"""Images moved by whole pixels, and mirrored: what trainers and generators show a substitute in place of the images."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def viewed(images: Tensor, shift: int, flip: bool, rng: torch.Generator) -> Tensor:
    """Return each image moved by up to ``shift`` pixels each way, zeros coming in, and with ``flip`` half of them mirrored.

    Gradients pass through to ``images`` (n, channels, height, width).
    """
    n, _, height, width = images.shape
    moves = torch.randint(2 * shift + 1, (2, n, 1), generator=rng)
    rows, columns = moves[0] + torch.arange(height), moves[1] + torch.arange(width)
    if flip:
        mirrored = torch.rand(n, 1, generator=rng) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
    padded = F.pad(images, (shift,) * 4).permute(0, 2, 3, 1)
    each = torch.arange(n)[:, None, None]
    device = images.device
    picked = padded[each.to(device), rows[:, :, None].to(device), columns[:, None, :].to(device)]
    return picked.permute(0, 3, 1, 2)
