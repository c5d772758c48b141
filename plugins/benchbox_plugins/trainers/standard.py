"""Supervised training on the answered images alone."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Options, Trainer, TrainingGame

if TYPE_CHECKING:
    from torch import Tensor, nn


class StandardOptions(Options):
    """Options of ``standard``: how long, and in what steps."""

    schedule: Literal["updates", "drmi-paper"] = Field(
        default="updates",
        description="``updates``: by the next two options; ``drmi-paper``: 10 + k/30 epochs for k images, at most 30",
    )
    updates: int = Field(default=1800, ge=1, le=10**7, description="the least number of steps")
    epochs: int = Field(default=30, ge=1, le=10**5, description="the least number of passes over the images")
    batch: int = Field(default=10, ge=1, le=10**5, description="images a step")
    rate: float = Field(default=1e-3, gt=0, le=10, description="Adam's learning rate")


class Standard(Trainer):
    """Supervised training on the answers: Adam, small batches.

    Source: the DRMI paper trains for 15, 20 and 30 epochs at 150, 300 and 600 images (Table 11).

    Our choice: Adam and batches of 10, which the paper leaves open; as many passes as make ``updates`` steps, and at least
    ``epochs``. Few images then do not mean few steps, so that a curve over budgets shows what the images are worth. 1,800
    updates are what 600 images get in the paper. Profile ``drmi-paper`` is the paper's schedule.

    Batches are evened out (601 images make 61 batches of 9 or 10), so that none has the single image that batch norm cannot
    take. The batch size decides the figures at small budgets more than any selector does.
    """

    name: ClassVar[str] = "standard"
    version: ClassVar[int] = 2
    Options: ClassVar[type[Options]] = StandardOptions
    profiles: ClassVar[Mapping[str, Mapping[str, Any]]] = {"drmi-paper": {"schedule": "drmi-paper"}}

    def passes(self, images: int) -> int:
        """Return the number of passes over so many images."""
        if self.options.schedule == "drmi-paper":
            return min(round(10 + images / 30), 30)
        options = self.options
        return int(max(options.epochs, ceil(options.updates / ceil(images / options.batch))))

    def fit(self, game: TrainingGame, network: nn.Module, images: Tensor, answers: Tensor) -> nn.Module:
        """Train on shuffled batches; the loss is cross-entropy with classes or probabilities."""
        import torch

        from benchbox_plugins._step import Stepper

        network.train()
        images = images.contiguous(memory_format=torch.channels_last)
        batches = ceil(len(images) / self.options.batch)
        step = Stepper(network, torch.optim.Adam(network.parameters(), lr=self.options.rate, fused=True))
        for _ in range(self.passes(len(images))):
            order = torch.randperm(len(images), generator=game.rng).to(game.device)
            for rows, y in zip(order.tensor_split(batches), answers[order].tensor_split(batches), strict=True):
                step(images[rows].contiguous(memory_format=torch.channels_last), y)
        return network
