"""Knockoff Nets: images of another domain that anybody has."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Generator, NotApplicable, Options

if TYPE_CHECKING:
    from torch import Tensor


class KnockoffOptions(Options):
    """The authors' optimiser; the epochs are fewer, since every budget point is trained for."""

    epochs: int = Field(20, ge=1, description="epochs over all answers whenever a budget point is reached")
    optimiser: str = Field("sgd", pattern="^(sgd|adam)$", description="sgd: momentum 0.5, as published; or adam")
    lr: float = Field(0.01, gt=0, description="learning rate")
    batch: int = Field(64, ge=2, description="images a step; fewer where an epoch would have under 40 steps")


class Knockoff(Generator):
    """Knockoff Nets, random policy: asks public images of another domain in random order.

    Orekondy, Schiele and Fritz, CVPR 2019. SGD 0.01 with momentum 0.5, batch 64. The authors train once, for 100 epochs
    and more (``profile=authors``); here the substitute is trained on, not afresh, at every budget point. The adaptive
    policy is not in the authors' repository, and not here. It ends when the public images do.
    """

    name: ClassVar[str] = "knockoff"
    Options: ClassVar[type[Options]] = KnockoffOptions
    profiles: ClassVar = {"authors": {"epochs": 100}}
    options: KnockoffOptions

    def applicable(self, game: Game) -> None:
        """Refuse a scenario without fitting public images.

        Raises:
            NotApplicable: it names no public data set, or one of another image shape.
        """
        if game.public is None:
            raise NotApplicable(
                f"generator '{self.name}' asks public images, and the scenario names no public data set"
            )
        if tuple(game.public.shape[1:]) != tuple(game.shape):
            raise NotApplicable(
                f"generator '{self.name}' cannot ask public images of shape {tuple(game.public.shape[1:])} of a target "
                f"that takes {tuple(game.shape)}"
            )

    def setup(self, game: Game) -> None:
        """Build the substitute; draw the order of the public images."""
        import torch

        assert game.public is not None
        o = self.options
        self.substitute = game.new_substitute()
        weights = self.substitute.parameters()
        self.optimiser: torch.optim.Optimizer
        if o.optimiser == "sgd":
            self.optimiser = torch.optim.SGD(weights, lr=o.lr, momentum=0.5)
        else:
            self.optimiser = torch.optim.Adam(weights, lr=o.lr, fused=True)
        self.order = torch.randperm(len(game.public), generator=game.rng)
        self.answers: Tensor | None = None

    def round(self, game: Game) -> bool:
        """Ask public images up to the next budget point; learn from all answers."""
        import torch

        from benchbox_plugins.generators._training import batch_for, fit, report, room

        assert game.public is not None
        o, asked = self.options, game.oracle.spent
        rows = self.order[asked : asked + room(game)].to(game.device)
        if not len(rows):
            return False
        images = game.public[rows]
        answers = game.oracle.query(images)
        self.answers = answers if self.answers is None else torch.cat([self.answers, answers])
        known = game.public[self.order[: asked + len(rows)].to(game.device)]
        batch = batch_for(len(known), o.batch)
        seen = fit(self.substitute, self.optimiser, known, self.answers, o.epochs, batch, game.rng)
        report(game, answers, loss_s=seen.loss, agreement=seen.agreement, confidence=seen.confidence)
        game.picture("images", images)
        return True
