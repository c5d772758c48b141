"""The selector ``k-centre``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Game, Grant, Options, Selector

if TYPE_CHECKING:
    from torch import Tensor


class KCentreOptions(Options):
    """Options of ``k-centre``."""

    space: Literal["pixel", "substitute", "encoder"] = Field(
        default="pixel",
        description="where distance is measured: between pixels, between features of a substitute trained with the "
        "attacker's own labels, or between the features of the scenario's trainer",
    )
    proxy_images: int = Field(
        default=1000, ge=1, description="images of the pool, drawn at random, that the substitute is trained on"
    )


class KCentre(Selector):
    """Chooses each image farthest from those before it, in pixels or in features.

    Farthest-first traversal (Gonzalez, 1985), the greedy core-set of Sener and Savarese (ICLR 2018), from a random
    start.

    Options (default):
        space (pixel): Euclidean distance between ``pixel`` vectors, or between what the last dense layer of a
            ``substitute`` reads. That network is trained once, before the first query, with the attacker's own labels.
            ``encoder``: between the features that the scenario's trainer prepared.
        proxy_images (1000): how many images of the pool, drawn at random, it is trained on.
    """

    name: ClassVar[str] = "k-centre"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = KCentreOptions

    def wants(self) -> Collection[Grant]:
        """Return the attacker's own labels, where a substitute is trained with them."""
        return {Grant.LABELS} if self.options.space == "substitute" else set()

    def select(self, game: Game, k: int) -> Tensor:
        """Return k rows, nested."""
        import torch

        from benchbox_plugins.selectors._farthest import farthest_first
        from benchbox_plugins.selectors._networks import encoded, features, train_proxy

        assert game.pool is not None
        start = int(torch.randint(len(game.pool), (1,), generator=game.rng))
        vectors = game.pool.images.flatten(1)
        if self.options.space == "substitute":
            vectors = features(train_proxy(game, self.options.proxy_images), game.pool.images)
        elif self.options.space == "encoder":
            vectors = encoded(game)
        return farthest_first(vectors, k, start)
