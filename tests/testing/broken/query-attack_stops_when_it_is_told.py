# stops-when-it-is-told: queries on examples that it had been told to be solved
import torch

from benchbox.contracts import Access, NotApplicable, QueryAttack


class Mine(QueryAttack):
    """Searches nothing that is worth it."""

    name = "mine"

    def search(self, game, images, labels):
        rows = torch.arange(len(images))
        while len(rows := rows[game.remaining(rows) > 0]):
            signs = 2.0 * torch.randint(2, images[rows].shape, generator=game.rng) - 1
            step = game.threat.radius * signs
            asked = game.ask(rows, (images[rows] + step).clamp(0, 1))
            rows = rows[asked.kept]
