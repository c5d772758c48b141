"""The selector 'contrast'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Game, Selector
from benchbox.contracts import Options as BaseOptions
from pydantic import Field

if TYPE_CHECKING:
    from torch import Tensor


class Options(BaseOptions):
    """Options of ``contrast``."""

    share: float = Field(default=0.5, ge=0, le=1, description="share of the pool with most contrast, to choose from")


class Contrast(Selector):
    """Chooses at random among the images with the highest contrast.

    Contrast is the standard deviation of an image's pixels. A choice of k is drawn from the ``share`` of the pool with
    most of it, and goes on in falling contrast where that share is smaller than k. It asks nothing while it chooses.
    """

    name: ClassVar[str] = "contrast"
    version: ClassVar[int] = 1
    Options: ClassVar[type[BaseOptions]] = Options

    def select(self, game: Game, k: int) -> Tensor:
        """Return k distinct rows of the pool, the most wanted first; see ``benchbox.contracts.Selector.select``."""
        import torch

        assert game.pool is not None
        contrast = game.pool.images.flatten(1).std(1)
        falling = contrast.argsort(descending=True, stable=True).cpu()
        best = max(1, round(self.options.share * len(falling)))
        shuffled = torch.randperm(best, generator=game.rng)
        return torch.cat([falling[:best][shuffled], falling[best:]])[:k]
