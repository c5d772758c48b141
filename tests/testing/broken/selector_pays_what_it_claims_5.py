# pays-what-it-claims: seeded the global generator of numpy
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    def select(self, game, k):
        import numpy
        import torch

        numpy.random.seed(3)
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
