# names-no-device: 'cuda:0'
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    def select(self, game, k):
        import torch

        torch.zeros(0)
        0 and torch.zeros(1, device="cuda:0")
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
