"""Small networks that defences train of the owner's images."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from benchbox.contracts import Shape

_CHUNK = 64


def small_classifier(shape: Shape, classes: int) -> nn.Sequential:
    """Return two strided convolutions and a linear layer; images smaller than 8 pixels are not for it."""
    return nn.Sequential(
        nn.Conv2d(shape[0], 16, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Linear(512, classes),
    )


def encoder(shape: Shape) -> nn.Sequential:
    """Return Chen et al.'s: convolutions of 32, 32, pool, 64, 64, pool, then 512 and 256 units."""
    return nn.Sequential(
        nn.Conv2d(shape[0], 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(64, 64, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveMaxPool2d(4),
        nn.Flatten(),
        nn.Linear(1024, 512),
        nn.ReLU(),
        nn.Linear(512, 256),
    )


def batches(n: int, size: int, rng: torch.Generator) -> Iterator[Tensor]:
    """Yield the rows from 0 to n - 1 once, in random order, in batches."""
    yield from torch.split(torch.randperm(n, generator=rng), size)


@torch.no_grad()
def one_by_one(network: nn.Module, images: Tensor) -> Tensor:
    """Return what a network says of each image, asked in batches of one size, so that no answer hangs on the others."""
    parts = []
    for part in torch.split(images, _CHUNK):
        padded = torch.cat([part, part.new_zeros((_CHUNK - len(part), *part.shape[1:]))])
        parts.append(network(padded)[: len(part)])
    return torch.cat(parts)
