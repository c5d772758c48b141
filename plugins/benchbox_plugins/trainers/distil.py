"""The trainer ``distil``: long training on changed copies of the answered images."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Options, Trainer, TrainingGame
from benchbox_plugins.trainers._options import Augment

if TYPE_CHECKING:
    from torch import Tensor, nn


class DistilOptions(Options):
    """Options of ``distil``."""

    updates: int = Field(default=6000, ge=1, le=10**7, description="steps")
    batch: int = Field(default=64, ge=1, le=10**5, description="images a step, drawn with replacement")
    rate: float = Field(default=1e-3, gt=0, le=10, description="Adam's learning rate")
    augment: Augment = "auto"
    strength: float = Field(default=1.0, ge=0, le=4, description="of the changes")


class Distil(Trainer):
    """Long training on changed copies of the answered images, supervised only.

    Sources: Hinton, Vinyals and Dean, Distilling the knowledge in a neural network (2015), for learning from a network's
    probabilities; Beyer et al., Knowledge distillation: a good teacher is patient and consistent (CVPR 2022), for long
    training.

    Our reading: a changed copy keeps the answer to the image that was asked; asking it would cost a query. The learning rate
    falls to a fifth; the last weights are their running mean.
    """

    name: ClassVar[str] = "distil"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = DistilOptions
    options: DistilOptions

    def fit(self, game: TrainingGame, network: nn.Module, images: Tensor, answers: Tensor) -> nn.Module:
        """Train on random answered images; the loss is cross-entropy with classes or probabilities."""
        from benchbox_plugins.trainers._augment import augmented
        from benchbox_plugins.trainers._learner import Learner, drawn

        o = self.options
        learner = Learner(network, o.rate, steps=o.updates)
        for _ in range(o.updates):
            rows = drawn(len(images), o.batch, game.rng, game.device)
            learner.learn(augmented(images[rows], o.augment, o.strength, game.rng), answers[rows])
        return learner.finished()
