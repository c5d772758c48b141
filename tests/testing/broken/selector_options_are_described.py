# options-are-described: option 'step'
from benchbox.contracts import Options as BaseOptions
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    class Options(BaseOptions):
        step: int = 1

    def select(self, game, k):
        import torch

        return torch.randperm(len(game.pool), generator=game.rng)[:k]
