"""The selector ``medoids``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Game, Options, Selector

if TYPE_CHECKING:
    from torch import Tensor


class MedoidsOptions(Options):
    """Options of ``medoids``."""

    space: Literal["encoder", "pixel"] = Field(
        default="encoder", description="what is clustered: the features of the scenario's trainer, or pixels"
    )
    iterations: int = Field(default=50, ge=1, le=10_000, description="most iterations of K-means")


class Medoids(Selector):
    """Chooses the image nearest to each of k cluster centres, the largest cluster first.

    Our own, after the probe in which it chose 20 images of MNIST for Poisson learning. Asking a typical image of each group
    tells a trainer that spreads labels over a graph more than asking outliers does.

    Options (default):
        space (encoder): ``encoder``, the features that the scenario's trainer prepared, or ``pixel``.
        iterations (50): most iterations of K-means, from one k-means++ start.
    """

    name: ClassVar[str] = "medoids"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = MedoidsOptions
    nested = False

    def select(self, game: Game, k: int) -> Tensor:
        """Return k rows; no query is spent on the choice."""
        from benchbox_plugins._seeds import draw_seed
        from benchbox_plugins.selectors._kmeans import central_rows
        from benchbox_plugins.selectors._networks import encoded

        assert game.pool is not None
        vectors = encoded(game) if self.options.space == "encoder" else game.pool.images.flatten(1)
        return central_rows(vectors.cpu().numpy(), k, draw_seed(game.rng), self.options.iterations)
