"""Knockoff Nets: images of another domain that anybody has."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Options
from benchbox_plugins.generators._public import PublicAsker

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from benchbox_plugins.generators._training import Fit


class KnockoffOptions(Options):
    """The authors' optimiser; the epochs are fewer, and without a fall of the rate, since every budget point is trained for."""

    epochs: int = Field(20, ge=1, description="epochs over all answers whenever a budget point is reached")
    optimiser: str = Field("sgd", pattern="^(sgd|adam)$", description="sgd: momentum 0.5, as published; or adam")
    lr: float = Field(0.01, gt=0, description="learning rate")
    lr_step: int = Field(0, ge=0, description="the rate falls to a tenth behind every so many epochs; 0: never")
    decay: float = Field(0.0, ge=0, description="weight decay (sgd)")
    batch: int = Field(64, ge=2, description="images a step; fewer where an epoch would have under 40 steps")


class Knockoff(PublicAsker):
    """Knockoff Nets, random policy: asks public images of another domain in random order.

    Orekondy, Schiele and Fritz, CVPR 2019, after the authors' code (tribhuvanesh/knockoffnets: utils/model.py of b830985,
    adversary/train.py of e3655be). SGD 0.01 with momentum 0.5, batch 64, without weight decay: train_model has one of 5e-4,
    which the optimiser that train.py hands it does not. The authors train for 100 epochs, the last 40 with a tenth of the
    rate (``profile=authors``). As in their code the substitute is trained on at every budget point, not afresh, with a new
    optimiser. The adaptive policy is not in the authors' repository, and not here. It ends when the public images do.
    """

    name: ClassVar[str] = "knockoff"
    version: ClassVar[int] = 3
    Options: ClassVar[type[Options]] = KnockoffOptions
    profiles: ClassVar = {"authors": {"epochs": 100, "lr_step": 60}}
    options: KnockoffOptions

    def learnt(self, game: Game, images: Tensor, answers: Tensor) -> Fit:
        """Train with a new optimiser, whose rate falls in stages."""
        from benchbox_plugins.generators._training import batch_for, fit, set_rate

        o, optimiser = self.options, self._optimiser()
        batch = batch_for(len(images), o.batch)
        stages = Counter(epoch // o.lr_step if o.lr_step else 0 for epoch in range(o.epochs))
        for falls, epochs in stages.items():
            set_rate(optimiser, o.lr * 0.1**falls)
            seen = fit(self.substitute, optimiser, images, answers, epochs, batch, game.rng)
        return seen

    def _optimiser(self) -> torch.optim.Optimizer:
        import torch

        o, weights = self.options, self.substitute.parameters()
        if o.optimiser == "sgd":
            return torch.optim.SGD(weights, lr=o.lr, momentum=0.5, weight_decay=o.decay)
        return torch.optim.Adam(weights, lr=o.lr, fused=True)
