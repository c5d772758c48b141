# name-is-easy-to-type: hard to type
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "Mine_"

    def select(self, game, k):
        import torch

        return torch.randperm(len(game.pool), generator=game.rng)[:k]
