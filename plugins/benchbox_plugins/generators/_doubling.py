"""What JBDA and PRADA share: a small seed set of real images, doubled by moving every image it holds."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Generator, NotApplicable, Options

if TYPE_CHECKING:
    from torch import Tensor, nn


class DoublingOptions(Options):
    """What every doubling method has."""

    seeds: int = Field(150, ge=1, description="real images to start from, drawn from the pool")
    epochs: int = Field(10, ge=1, description="epochs of the substitute, which is trained on, whenever images came in")
    lr: float = Field(1e-3, gt=0, description="learning rate (Adam)")
    batch: int = Field(128, ge=2, description="images a step; fewer where an epoch would have under 40 steps")


class Doubling(Generator):
    """Asks a seed set, then doubles it again and again: the i-th new image of a doubling is made from the i-th image.

    A doubling that goes beyond a budget point pauses there for the substitute to learn, and goes on in the next round. A
    subclass writes ``moved``.
    """

    Options: ClassVar[type[Options]] = DoublingOptions

    def applicable(self, game: Game) -> None:
        """Refuse a scenario without real images.

        Raises:
            NotApplicable: there is no pool.
        """
        if game.pool is None:
            raise NotApplicable(f"generator '{self.name}' starts from real images, and the scenario has no pool")

    def setup(self, game: Game) -> None:
        """Build the substitute and its optimiser."""
        import torch

        self.substitute = game.new_substitute()
        self.optimiser = torch.optim.Adam(self.substitute.parameters(), lr=self.options.lr, fused=True)
        self.images = torch.empty(0, *game.shape, device=game.device)
        self.answers: Tensor | None = None
        assert game.pool is not None
        self.seed_rows = torch.randperm(len(game.pool), generator=game.rng)[: self.options.seeds].to(game.device)
        self.base = len(self.seed_rows)

    def round(self, game: Game) -> bool:
        """Ask seeds, or images moved from those held, up to the next budget point; learn from all answers."""
        import torch

        from benchbox_plugins.generators._training import batch_for, fit, report, room

        o = self.options
        fresh, phase = self._fresh(game, room(game))
        answers = game.oracle.query(fresh, phase=phase)
        self.images = torch.cat([self.images, fresh.clamp(0, 1)])
        self.answers = answers if self.answers is None else torch.cat([self.answers, answers])
        batch = batch_for(len(self.images), o.batch)
        seen = fit(self.substitute, self.optimiser, self.images, self.answers, o.epochs, batch, game.rng)
        report(game, answers, loss_s=seen.loss, agreement=seen.agreement, confidence=seen.confidence)
        game.picture("images", fresh)
        return True

    def _fresh(self, game: Game, most: int) -> tuple[Tensor, str]:
        assert game.pool is not None
        held = len(self.images)
        if held < len(self.seed_rows):
            return game.pool.images[self.seed_rows[held : held + most]], "seeds"
        if held >= 2 * self.base:
            self.base *= 2
        start = held - self.base
        return self._in_parts(game, start, min(start + most, self.base)), "main"

    def _in_parts(self, game: Game, start: int, stop: int) -> Tensor:
        import torch

        assert self.answers is not None
        parts = []
        for rows in torch.split(torch.arange(start, stop, device=game.device), 256):
            parts.append(self.moved(game, self.images[rows], self.answers[rows]))
        return torch.cat(parts)

    @abstractmethod
    def moved(self, game: Game, images: Tensor, answers: Tensor) -> Tensor:
        """Return new images made from ``images`` (n, channels, height, width) and the target's answers to them."""


def logit_gradient(substitute: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
    """Return the derivative by the pixels of the logit of each image's class, shaped like ``images``."""
    import torch

    images = images.detach().requires_grad_(True)
    return torch.autograd.grad(substitute(images).gather(1, classes[:, None]).sum(), images)[0]


def loss_gradient(substitute: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
    """Return the derivative by the pixels of the cross-entropy with each image's class, shaped like ``images``."""
    import torch
    from torch.nn.functional import cross_entropy

    images = images.detach().requires_grad_(True)
    return torch.autograd.grad(cross_entropy(substitute(images), classes, reduction="sum"), images)[0]
