# deterministic-choices-are-deterministic: under one seed
from benchbox.contracts import Selector


class Mine(Selector):
    """Draws rows, and says that no seed changes them."""

    name = "mine"
    deterministic = True

    def select(self, game, k):
        import torch

        return torch.randperm(len(game.pool), generator=game.rng)[:k]
