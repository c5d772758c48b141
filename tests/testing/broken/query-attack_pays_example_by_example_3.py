# pays-example-by-example: asked for row 60; its examples are rows 0 to 59
import torch

from benchbox.contracts import Access, NotApplicable, QueryAttack


class Mine(QueryAttack):
    """Searches nothing that is worth it."""

    name = "mine"

    def search(self, game, images, labels):
        game.ask(torch.arange(len(images)) + 1, images)
