# resumes-where-it-was-killed: asked otherwise when its block was played again behind a kill
import itertools

import torch

from benchbox.contracts import Access, NotApplicable, QueryAttack

_CALLS = itertools.count()


class Mine(QueryAttack):
    """Searches nothing that is worth it."""

    name = "mine"

    def search(self, game, images, labels):
        rows = torch.arange(len(images))
        while len(rows := rows[game.remaining(rows) > 0]):
            signs = 2.0 * torch.randint(2, images[rows].shape, generator=game.rng) - 1
            step = game.threat.radius * signs * (0.5 + 0.5 * (next(_CALLS) % 7 == 0))
            asked = game.ask(rows, (images[rows] + step).clamp(0, 1))
            rows = rows[~asked.solved]
