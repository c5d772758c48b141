"""Forward passes of a target in micro-batches of one fixed size."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchbox.contracts import Access
from benchbox.devices import to_device

MICRO_BATCH = 128
"""Images per forward pass. The last batch is padded to it: numerics depend on a batch's size, answers must not."""
_SMALL = 3 * 64 * 64
_VALUES = 1 << 20
"""Of a batch of images larger than ``_SMALL``: what layers make of more is memory, and on a CPU more than caches hold."""


def micro_batch(values: int) -> int:
    """Return how many images a forward pass takes: ``MICRO_BATCH``, of images of many values fewer."""
    return MICRO_BATCH if values <= _SMALL else max(1, min(MICRO_BATCH, _VALUES // values))


class Answerer:
    """Answers images with one network: tensors in, tensors out, so that it may as well live in another process.

    Args:
        network: gives logits (n, classes); it is put into eval mode.
        device: where it runs.
    """

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        self._network = to_device(network, device).eval()
        self._device = device

    def __call__(self, images: Tensor, access: Access) -> Tensor:
        """Return classes int64 (n,) or probabilities float32 (n, classes) on the device of ``images``."""
        probabilities = softmax_in_batches(self._network, images, self._device)
        answers = probabilities.argmax(1) if access is Access.LABEL else probabilities
        return answers.to(images.device)


def softmax_in_batches(network: nn.Module, images: Tensor, device: torch.device) -> Tensor:
    """Return softmax outputs, float32 (n, classes) on ``device``; equal images give equal rows however n is batched."""
    return in_batches(lambda batch: network(batch).softmax(1), images, device)


@torch.no_grad()
def in_batches(function: Callable[[Tensor], Tensor], images: Tensor, device: torch.device) -> Tensor:
    """Apply a function of images to micro-batches of exactly ``micro_batch`` images and join what it gives.

    It computes in float32, whatever precision the caller's own networks have.
    """
    with torch.autocast(device.type, enabled=False):
        return _in_batches(function, images, device)


def _in_batches(function: Callable[[Tensor], Tensor], images: Tensor, device: torch.device) -> Tensor:
    parts, size = [], micro_batch(images.shape[1:].numel())
    for start in range(0, len(images), size):
        batch = images[start : start + size].to(device).contiguous(memory_format=torch.channels_last)
        n = len(batch)
        if n < size:
            batch = torch.cat([batch, batch.new_zeros((size - n, *batch.shape[1:]))])
        parts.append(function(batch)[:n])
    if not parts:
        return function(torch.zeros((size, *images.shape[1:]), device=device))[:0]
    return torch.cat(parts)
