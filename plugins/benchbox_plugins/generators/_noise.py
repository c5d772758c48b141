"""Images made of nothing: the sources of the ``noise`` control."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from benchbox.contracts import Shape


def uniform(n: int, shape: Shape, rng: torch.Generator) -> Tensor:
    """Return pixels drawn evenly from [0, 1], (n, *shape)."""
    return torch.rand(n, *shape, generator=rng)


def gaussian(n: int, shape: Shape, rng: torch.Generator) -> Tensor:
    """Return pixels of mean 0.5 and standard deviation 0.25, clipped to [0, 1], (n, *shape)."""
    return (0.5 + 0.25 * torch.randn(n, *shape, generator=rng)).clamp_(0, 1)


def smooth(n: int, shape: Shape, rng: torch.Generator, grain: int) -> Tensor:
    """Return blots: smooth Gaussian fields, dark below a threshold of their own and steep above it, (n, *shape)."""
    field = _field(n, shape, rng, grain)
    threshold = torch.rand(n, 1, 1, 1, generator=rng)
    return (3 * (field - threshold)).clamp_(0, 1)


def lines(n: int, shape: Shape, rng: torch.Generator, grain: int) -> Tensor:
    """Return strokes: level lines of smooth Gaussian fields, each image at a level and width of its own, (n, *shape)."""
    field = _field(n, shape, rng, grain)
    level = torch.randn(n, 1, 1, 1, generator=rng)
    width = 0.3 + 0.4 * torch.rand(n, 1, 1, 1, generator=rng)
    return (1.5 - (field - level).abs() / width).clamp_(0, 1)


def _field(n: int, shape: Shape, rng: torch.Generator, grain: int) -> Tensor:
    channels, height, width = shape
    coarse = torch.randn(n, channels, 1 + -(-height // grain), 1 + -(-width // grain), generator=rng)
    field = F.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)
    return (field - field.mean((2, 3), keepdim=True)) / field.std((2, 3), keepdim=True).clamp_min(1e-6)
