# pickles: cannot be pickled
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    def __init__(self, options=None):
        super().__init__(options)
        self.f = lambda: 1

    def select(self, game, k):
        import torch

        return torch.randperm(len(game.pool), generator=game.rng)[:k]
