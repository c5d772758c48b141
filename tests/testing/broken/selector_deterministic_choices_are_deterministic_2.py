# deterministic-choices-are-deterministic: did more than choose
from benchbox.contracts import Selector


class Mine(Selector):
    """Writes down what would be missing where its choice is known."""

    name = "mine"
    deterministic = True

    def select(self, game, k):
        import torch

        game.log(chosen_first=0)
        return torch.arange(k)
