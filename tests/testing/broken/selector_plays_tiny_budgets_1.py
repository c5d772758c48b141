# plays-tiny-budgets: ZeroDivisionError
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    def select(self, game, k):
        import torch

        10 // (k // 2)
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
