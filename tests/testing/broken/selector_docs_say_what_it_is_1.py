# docs-say-what-it-is: no docstring
from benchbox.contracts import Selector


class Mine(Selector):
    name = "mine"

    def select(self, game, k):
        import torch

        return torch.randperm(len(game.pool), generator=game.rng)[:k]
