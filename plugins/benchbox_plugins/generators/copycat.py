"""Copycat CNN: random natural images and the labels that the target gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Options
from benchbox_plugins.generators._public import PublicAsker

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.generators._training import Fit


class CopycatOptions(Options):
    """The authors' optimiser, but for the rate."""

    epochs: int = Field(10, ge=1, description="epochs over all answers whenever a budget point is reached")
    lr: float = Field(0.01, gt=0, description="learning rate: SGD, momentum 0.9")
    batch: int = Field(32, ge=2, description="images a step; fewer where an epoch would have under 40 steps")


class Copycat(PublicAsker):
    """Copycat CNN: asks public images of another domain in random order, and learns the labels alone.

    Correia-Silva et al., "Copycat CNN: Stealing Knowledge by Persuading Confession with Random Non-Labeled Data", IJCNN 2018,
    after the authors' code: SGD with momentum 0.9, batches of 32, ten epochs. Of probabilities the highest is its label. What
    tells it from ``knockoff`` is this training; both ask the same images under one seed.

    The authors fine-tune a network that knows ImageNet, with a rate of 1e-4 (``profile=authors``), on up to three million
    images; ours has no weights to start from, and takes a hundred times that rate. It ends when the public images do.
    """

    name: ClassVar[str] = "copycat"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = CopycatOptions
    profiles: ClassVar = {"authors": {"lr": 1e-4}}
    options: CopycatOptions

    def learnt(self, game: Game, images: Tensor, answers: Tensor) -> Fit:
        """Train on the labels with a new optimiser."""
        import torch

        from benchbox_plugins.generators._training import batch_for, fit, top_class

        o = self.options
        optimiser = torch.optim.SGD(self.substitute.parameters(), lr=o.lr, momentum=0.9)
        batch = batch_for(len(images), o.batch)
        return fit(self.substitute, optimiser, images, top_class(answers), o.epochs, batch, game.rng)
