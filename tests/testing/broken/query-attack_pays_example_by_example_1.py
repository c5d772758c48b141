# pays-example-by-example: asked nothing with a budget of 60
import torch

from benchbox.contracts import Access, NotApplicable, QueryAttack


class Mine(QueryAttack):
    """Searches nothing that is worth it."""

    name = "mine"

    def search(self, game, images, labels):
        return
