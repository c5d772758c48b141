"""The selector ``random-stratified``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Game, Grant, Selector

if TYPE_CHECKING:
    from torch import Tensor


class RandomStratified(Selector):
    """Random choice of equally many images per class of the attacker's own labels.

    The baseline of every selector that uses the attacker's labels. Classes are served in turn, in random order; a class
    that runs out is passed over. It has no options.
    """

    name: ClassVar[str] = "random-stratified"
    version: ClassVar[int] = 1

    def wants(self) -> Collection[Grant]:
        """Return the attacker's own labels."""
        return {Grant.LABELS}

    def select(self, game: Game, k: int) -> Tensor:
        """Return k rows, the classes in turn."""
        import torch

        from benchbox_plugins.selectors._strata import by_group, interleave, shuffled

        assert game.pool is not None
        order = torch.randperm(len(game.pool), generator=game.rng)
        parts = by_group(game.pool.labels.cpu()[order])
        return order[torch.from_numpy(interleave(shuffled(parts, game.rng))[:k])]
