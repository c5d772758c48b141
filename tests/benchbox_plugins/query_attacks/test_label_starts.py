"""Where label-only searches start when a defence blocks some of what they ask."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import torch
from benchbox_plugins.query_attacks._boundary import starts
from benchbox_plugins.query_attacks._crowd import Crowd
from torch import Tensor

from benchbox.contracts import Asked, SearchGame, Threat


class Pool:
    def __init__(self, images: Tensor) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)


def bright(images: Tensor) -> Tensor:
    """Return what the target says: whether an image is bright."""
    return (images.flatten(1).mean(1) > 0.5).long()


def ask(rows: Tensor, images: Tensor, **_: Any) -> Asked:
    """Answer every second image; a defence blocks the others."""
    kept = torch.arange(len(rows)) % 2 == 0
    answers = bright(images[kept])
    return Asked(kept, answers, torch.zeros(len(answers), dtype=torch.bool))


def test_an_image_that_was_blocked_is_nobodys_start() -> None:
    rng = torch.Generator().manual_seed(2)
    images, pool = torch.rand(40, 1, 2, 2, generator=rng), torch.rand(200, 1, 2, 2, generator=rng)
    game = cast(
        SearchGame,
        SimpleNamespace(
            pool=Pool(pool),
            shape=(1, 2, 2),
            device=torch.device("cpu"),
            rng=rng,
            threat=Threat("inf", 0.1),
            goals=None,
            ask=ask,
            remaining=lambda rows: torch.full((len(rows),), 100),
        ),
    )
    labels = bright(images)
    start, found = starts(game, Crowd(game, images, labels))
    assert bool(found.all())
    assert bool((bright(start) != labels).all())
