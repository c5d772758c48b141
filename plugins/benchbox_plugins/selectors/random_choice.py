"""The selector ``random``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Game, Selector

if TYPE_CHECKING:
    from torch import Tensor


class Random(Selector):
    """Uniform choice without replacement: the baseline of every selector.

    It has no options.
    """

    name: ClassVar[str] = "random"
    version: ClassVar[int] = 1

    def select(self, game: Game, k: int) -> Tensor:
        """Return the first k rows of a random order of the pool."""
        import torch

        assert game.pool is not None
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
