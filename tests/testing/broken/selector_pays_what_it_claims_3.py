# pays-what-it-claims: swallowed BudgetExceeded
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    def select(self, game, k):
        import torch

        try:
            game.oracle.query(game.pool.images[[0] * 99])
        except Exception:
            pass
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
