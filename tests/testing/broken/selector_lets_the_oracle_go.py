# lets-the-oracle-go: in self.game
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    def select(self, game, k):
        import torch

        self.game = game
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
