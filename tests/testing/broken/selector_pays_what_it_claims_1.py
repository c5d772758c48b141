# pays-what-it-claims: expected nested = False where a choice needs answers
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    def select(self, game, k):
        import torch

        game.oracle.query(game.pool.images[:5])
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
