# pays-what-it-claims: queries remaining
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"
    nested = False

    def select(self, game, k):
        import torch

        game.oracle.query(torch.rand(5, *game.shape, generator=game.rng))
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
