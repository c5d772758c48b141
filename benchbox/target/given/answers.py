"""A given target as the referee asks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from benchbox.contracts import Access
from benchbox.errors import BenchboxError, TargetError, described
from benchbox.target.answer import Answerer
from benchbox.target.given.endpoint import BATCH
from benchbox.target.given.gift import Gift
from benchbox.target.given.opening import Ask, Opened
from benchbox.target.given.reading import as_logits
from benchbox.target.given.record import Reading


class AsLogits(nn.Module):
    """A given target as a network: float images (n, *shape) to logits (n, classes) on their device.

    Args:
        gift: what it is.
        opened: the same, ready to be asked.
        reading: how its answers are read.

    Attributes:
        classes: how many classes the data set has.
    """

    def __init__(self, gift: Gift, opened: Opened, reading: Reading) -> None:
        super().__init__()
        self.classes = reading.classes
        self.inside = opened.network  # so that an insider's view finds its layers
        self._ask, self._reading, self._who = guarded(gift, opened), reading, f"target '{gift.name}'"

    def forward(self, images: Tensor) -> Tensor:
        """Ask."""
        return as_logits(self._ask(images), self._reading, self._who).to(images.device)


class Asked:
    """Answers images as ``Answerer`` does, and asks no image more than once: none is padded, since each may cost.

    Args:
        network: the target.
    """

    def __init__(self, network: AsLogits) -> None:
        self._network = network

    def __call__(self, images: Tensor, access: Access) -> Tensor:
        """Return classes int64 (n,) or probabilities float32 (n, classes) on the device of ``images``."""
        if not len(images):  # a service would take such a request for a mistake
            logits = images.new_zeros((0, self._network.classes))
        else:
            logits = torch.cat([self._network(batch) for batch in torch.split(images, BATCH)])
        return logits.argmax(1) if access is Access.LABEL else logits.softmax(1)


def answerer(gift: Gift, network: AsLogits, device: torch.device) -> Callable[[Tensor, Access], Tensor]:
    """Return what answers for a target: networks compute in batches of one size, others are asked image by image."""
    return Asked(network) if gift.form in ("function", "endpoint") else Answerer(network, device)


def guarded(gift: Gift, opened: Opened) -> Ask:
    """Return what asks a target and says in one sentence how it failed; it sends so many images as it takes at a time."""
    who = f"target '{gift.name}'"

    def ask(images: Tensor) -> Any:
        try:
            return opened.ask(images) if opened.batch is None else _in_parts(opened.ask, images, opened.batch)
        except BenchboxError:
            raise
        except (Exception, SystemExit) as error:  # the owner's code may fail in any way, and wants to know which
            said = " ".join(described(error).split())[:300]
            raise TargetError(f"{who} cannot take images of shape {tuple(images.shape[1:])}: {said}") from None

    return ask


def _in_parts(ask: Ask, images: Tensor, size: int) -> Tensor:
    parts = []
    for part in torch.split(images, size):
        padded = torch.cat([part, part.new_zeros((size - len(part), *part.shape[1:]))])
        parts.append(torch.as_tensor(ask(padded))[: len(part)])
    return torch.cat(parts)
