# pays-what-it-claims: has paid for 0
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    def select(self, game, k):
        import torch

        return torch.randperm(len(game.pool), generator=game.rng)[:k]

    nested = False

    def known(self):
        import torch

        return torch.arange(60), torch.zeros(60, dtype=torch.long)
