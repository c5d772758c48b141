# repeats-under-one-seed: two different games
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    def select(self, game, k):
        import secrets

        import torch

        game.rng.manual_seed(secrets.randbelow(2**40))
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
