# says-what-it-uses: wants Grant.UNLABELLED, which no selector is given
from benchbox.contracts import Grant, Selector


class Mine(Selector):
    """Takes rows at random, and wants what no selector is given."""

    name = "mine"

    def wants(self):
        return {Grant.UNLABELLED}

    def select(self, game, k):
        import torch

        return torch.randperm(len(game.pool), generator=game.rng)[:k]
