"""How a target is trained: plain data that a manifest keeps beside the weights. Imports no torch."""

from __future__ import annotations

from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Recipe(BaseModel):
    """A target's training, complete: with the data, the architecture and a seed it gives the weights.

    The number of epochs is fixed and the weights behind the last one are what ships; nothing is picked on test data.

    Attributes:
        optimizer: ``adam`` (AdamW, decoupled decay) or ``sgd`` (Nesterov momentum).
        lr: peak learning rate.
        momentum: of ``sgd``; ``adam`` ignores it.
        weight_decay: per step.
        epochs: passes over the training images; 0 trains nothing, and takes a model that brings trained weights.
        least_steps: as many more passes as it takes to make so many steps, for small data sets.
        batch: images per step.
        schedule: ``constant``, or ``cosine`` down to 0 over all steps.
        shift: every image is moved by up to so many pixels each way, anew each time, zeros coming in; 0 leaves it.
        flip: whether every image is mirrored left to right in every second epoch; which images begin so is drawn. Two epochs
            show both sides of each, where chance would take longer (Jordan, 94 % on CIFAR-10 in 3.29 seconds, 2024).
        precision: ``bf16`` computes in bfloat16 where the network allows it (autocast), on images that lie channels last: up to
            twice as fast on a CPU that has it, for networks that are large for their images.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    optimizer: Literal["adam", "sgd"] = "adam"
    lr: float = Field(default=1e-3, gt=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: float = Field(default=0.0, ge=0)
    epochs: int = Field(default=10, ge=0)
    least_steps: int = Field(default=0, ge=0)
    batch: int = Field(default=64, ge=2)
    schedule: Literal["constant", "cosine"] = "cosine"
    shift: int = Field(default=0, ge=0)
    flip: bool = False
    precision: Literal["float32", "bf16"] = "float32"

    def batches(self, n: int) -> int:
        """Return the steps of one pass over n images."""
        return ceil(n / self.batch)

    def passes(self, n: int) -> int:
        """Return the passes over n images."""
        return self.epochs and max(self.epochs, ceil(self.least_steps / self.batches(n)))
