"""Grids of images as PNG: the few that a reader is shown."""

from __future__ import annotations

import io

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

GRID = 10
"""Pictures of a method hold at most so many rows and columns."""

_SIDE = 64


def grid_png(images: Tensor, columns: int, levels: int) -> bytes:
    """Return images as one PNG, row by row, a grey line between them.

    Args:
        images: float (n, channels, height, width), clipped to [0, 1]; of other than 3 channels the first is shown. Sides
            over 64 pixels are halved until they fit.
        columns: images in a row.
        levels: how many values, 2 to 16, the picture keeps of a channel: 8 cost about a third of the bytes of 256.
    """
    from PIL import Image

    shown = images.detach().float().clamp(0, 1).cpu()
    shown = shown if shown.shape[1] == 3 else shown[:, :1]
    while max(shown.shape[2:]) > _SIDE:
        shown = avg_pool2d(shown, 2, ceil_mode=True)
    grid = _tiled(shown, columns)
    steps = (grid * (levels - 1)).round().to(torch.uint8)
    file = io.BytesIO()
    if shown.shape[1] == 1:
        made = Image.fromarray(steps[0].numpy()).convert("P")
        made.putpalette([round(255 * step / (levels - 1)) for step in range(levels) for _ in range(3)])
        made.save(file, format="PNG", optimize=True, bits=4)
    else:
        pixels = (steps.float() * (255 / (levels - 1))).round().to(torch.uint8)
        Image.fromarray(pixels.permute(1, 2, 0).numpy()).save(file, format="PNG", optimize=True)
    return file.getvalue()


def _tiled(images: Tensor, columns: int) -> Tensor:
    """Return (channels, height, width): the images in rows, grey between and around them, and where the last row is short."""
    lined = pad(images, (0, 1, 0, 1), value=0.5)
    filled = pad(lined, (0, 0, 0, 0, 0, 0, 0, -len(images) % columns), value=0.5)
    n, channels, height, width = filled.shape
    rows = filled.reshape(n // columns, columns, channels, height, width).permute(2, 0, 3, 1, 4)
    return pad(rows.reshape(channels, n // columns * height, columns * width), (1, 0, 1, 0), value=0.5)
