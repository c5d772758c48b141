# plays-with-surrogates: one substitute
import torch

from benchbox.contracts import Grant, QueryAttack


class Mine(QueryAttack):
    """Searches nothing that is worth it."""

    name = "mine"

    def wants(self):
        """It reads a substitute."""
        return {Grant.SUBSTITUTE}

    def search(self, game, images, labels):
        assert len(game.substitutes) == 1, "one substitute"
        game.ask(torch.arange(len(images)), images)
