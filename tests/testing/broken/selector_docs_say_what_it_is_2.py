# docs-say-what-it-is: 'Takes rows'
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows"""

    name = "mine"

    def select(self, game, k):
        import torch

        return torch.randperm(len(game.pool), generator=game.rng)[:k]
