"""A network of the owner's for 6x6 images of two classes, dark and bright, and its code."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

CODE = """
import numpy as np
from torch import nn


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(36, 2))


def labels(images):
    return (images.mean((1, 2, 3)) > {split}).astype(int)


def nothing(images):
    return np.full((len(images), 2), np.nan)


def words(images):
    return np.where(images.mean((1, 2, 3)) > 0.5, "bright", "dark")


def bytes_only(images):
    assert images.dtype == np.uint8
    return (images.mean((1, 2, 3)) > 127).astype(int)


def shares(images):
    bright = 1 / (1 + np.exp(-20 * (images.mean((1, 2, 3)) - 0.5)))
    return np.stack([1 - bright, bright], 1).round(2)


def fails(images):
    raise KeyError("no such layer")


def leaves(images=None):
    raise SystemExit("no licence")


def needs(argument):
    return Net()
"""


def write_code(folder: Path, module: str, split: float = 0.5) -> None:
    (folder / f"{module}.py").write_text(CODE.replace("{split}", str(split)))


def network() -> nn.Module:
    """Return one that tells bright from dark."""
    made = nn.Sequential(nn.Flatten(), nn.Linear(36, 2))
    with torch.no_grad():
        made[1].weight.copy_(torch.stack([-torch.ones(36), torch.ones(36)]))
        made[1].bias.copy_(torch.tensor([18.0, -18.0]))
    return made.eval()


class Squashed(nn.Module):
    """The same, ending in a softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = network()

    def forward(self, images: Tensor) -> Tensor:
        return self.inner(images).softmax(1)
