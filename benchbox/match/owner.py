"""The target's owner, as a defence sees it: see ``benchbox.contracts.Owner`` for what it may rely on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from benchbox.contracts import Array, Defence, Shape
from benchbox.images.images import as_float
from benchbox.match.lineup import create
from benchbox.seeds import reseed, stream_seed
from benchbox.suites.cell import PluginRef


@dataclass(frozen=True)
class TargetOwner:
    """Training images and the random stream of what is learnt of them.

    Args:
        images: the training images, as they were read.
        labels: their classes, (n,).
    """

    shape: Shape
    classes: int
    device: torch.device
    rng: torch.Generator
    images: Array
    labels: Array

    def draw(self, most: int) -> tuple[Tensor, Tensor]:
        """Return up to so many training images and their classes, on ``device``."""
        rows = torch.randperm(len(self.labels), generator=self.rng)[:most].numpy()
        images, labels = torch.from_numpy(as_float(self.images[rows])), torch.from_numpy(self.labels[rows])
        return images.to(self.device), labels.to(self.device)


def prepared(
    ref: PluginRef, shape: Shape, classes: int, device: torch.device, images: Array, labels: Array, seed: int
) -> Defence:
    """Return a defence that has learnt what it needs of the owner's images.

    Args:
        ref: the defence.
        shape, classes, device: of the game.
        images, labels: the training images and their classes.
        seed: the suite's.
    """
    defence = create(ref)
    assert isinstance(defence, Defence)
    reseed(stream_seed(seed, "defence"))
    rng = torch.Generator().manual_seed(stream_seed(seed, "defence/owner"))
    defence.prepare(TargetOwner(shape, classes, device, rng, images, labels))
    return defence
