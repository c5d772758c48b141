"""What was asked, kept to be learnt again."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from benchbox_plugins.generators._ring import Ring
from benchbox_plugins.generators._training import top_class

_PART = 1024
"""Images that are rounded at once, which takes a copy of them."""


class Memory:
    """Images asked before, a byte a pixel, with their answers; the oldest make way.

    Args:
        most: how many it holds.
    """

    def __init__(self, most: int) -> None:
        self._images, self._answers = Ring(most), Ring(most)

    def __len__(self) -> int:
        return len(self._answers)

    def state_dict(self) -> dict[str, Any]:
        """Return all that it holds."""
        return {"images": self._images.state_dict(), "answers": self._answers.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Hold what ``state_dict`` returned."""
        self._images.load_state_dict(state["images"])
        self._answers.load_state_dict(state["answers"])

    def add(self, images: Tensor, answers: Tensor) -> None:
        """Keep images (clipped to [0, 1], rounded to 256 grey levels) and their answers."""
        for part in torch.split(images, _PART):
            self._images.add(part.clamp(0, 1).mul_(255).round_().to(torch.uint8))
        self._answers.add(answers)

    def draw(self, n: int, rng: torch.Generator) -> Tensor:
        """Return which ``n`` images to replay, with replacement.

        Every class is as likely as another; those of under 1 % of the images are as likely as if they were 1 %.
        """
        answers = self._answers.all()
        said = top_class(answers).cpu()
        weights = 1 / said.bincount().clamp(min=len(self) / 100)
        return torch.multinomial(weights[said], n, replacement=True, generator=rng).to(answers.device)

    def images(self, rows: Tensor) -> Tensor:
        """Return the images of these rows, float in [0, 1]."""
        return self._images[rows].float().div_(255)

    def answers(self, rows: Tensor) -> Tensor:
        """Return what the target said to the images of these rows."""
        return self._answers[rows]


class Beside:
    """Images with replayed ones behind them. A batch is put together when it is asked for: both sets in one tensor, and
    the replayed ones a float a pixel, would be MEGA's largest.

    Args:
        images: a round's own.
        memory: holds the others.
        rows: which of them.
    """

    def __init__(self, images: Tensor, memory: Memory, rows: Tensor) -> None:
        self._images, self._memory, self._rows = images, memory, rows

    def __len__(self) -> int:
        return len(self._images) + len(self._rows)

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Return the images at ``rows``, (n, channels, height, width)."""
        old = rows >= len(self._images)
        batch = self._images.new_empty(len(rows), *self._images.shape[1:])
        batch[~old] = self._images[rows[~old]]
        batch[old] = self._memory.images(self._rows[rows[old] - len(self._images)])
        return batch
