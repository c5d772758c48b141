"""The target's owner, as a defence sees it: see ``benchbox.contracts.Owner`` for what it may rely on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from benchbox.contracts import Defence, Images, Shape
from benchbox.images.row_tensor import as_tensor
from benchbox.match.lineup import create
from benchbox.seeds import reseed, stream_seed
from benchbox.suites.cell import PluginRef


@dataclass(frozen=True)
class TargetOwner:
    """Training images and the random stream of what is learnt of them.

    Args:
        images: the training images.
    """

    shape: Shape
    classes: int
    device: torch.device
    rng: torch.Generator
    images: Images

    def draw(self, most: int) -> tuple[Tensor, Tensor]:
        """Return up to so many training images and their classes, on ``device``."""
        rows = torch.randperm(len(self.images), generator=self.rng)[:most].numpy()
        labels = torch.from_numpy(self.images.labels[rows]).to(self.device)
        return as_tensor(self.images, self.device, rows), labels


def prepared(ref: PluginRef, images: Images, classes: int, device: torch.device, seed: int) -> Defence:
    """Return a defence that has learnt what it needs of the owner's images.

    Args:
        ref: the defence.
        images: the training images.
        classes, device: of the game.
        seed: the suite's.
    """
    defence = create(ref)
    assert isinstance(defence, Defence)
    reseed(stream_seed(seed, "defence"))
    rng = torch.Generator().manual_seed(stream_seed(seed, "defence/owner"))
    defence.prepare(TargetOwner(images.shape, classes, device, rng, images))
    return defence
