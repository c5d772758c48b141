# pays-example-by-example: went on asking after a request of which nothing could be answered
import torch

from benchbox.contracts import Access, NotApplicable, QueryAttack


class Mine(QueryAttack):
    """Searches nothing that is worth it."""

    name = "mine"

    def search(self, game, images, labels):
        rows = torch.arange(len(images))
        while True:
            try:
                game.ask(rows, images)
            except Exception:
                game.ask(rows, images)
