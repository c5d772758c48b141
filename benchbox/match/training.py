"""The one standard recipe for a selector's substitute, fixed once for all selectors."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING

from benchbox.devices import to_device

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    Train = Callable[[nn.Module, Tensor, Tensor, torch.Generator, torch.device], nn.Module]
    """Trains a fresh network in place on images (n, *shape) and their answers, and returns it in eval mode."""

BATCH = 10
LEARNING_RATE = 1e-3
LEAST_UPDATES = 225  # what 150 images get: 15 epochs of 15 batches


def substitute_epochs(k: int) -> int:
    """Return the passes over k labelled queries: 15, 20 and 30 at 150, 300 and 600 (DRMI, Table 11).

    Between and beyond, 10 + k/30, at most 30. Below 150 images as many more as it takes to make no fewer updates than
    at 150: a budget's curve should show what the images are worth, not that few images mean few steps.
    """
    return max(min(round(10 + k / 30), 30), ceil(LEAST_UPDATES / ceil(k / BATCH)))


def train_substitute(
    network: nn.Module, images: Tensor, answers: Tensor, generator: torch.Generator, device: torch.device
) -> nn.Module:
    """Train ``network`` in place on labelled queries: Adam 1e-3, batches of 10, no augmentation.

    The batch size decides the figures at small budgets more than any selector does, so it is no option. Batches are
    evened out (601 images make 61 batches of 9 or 10), so that none has the single image that batch norm cannot take.

    Args:
        network: gives logits (n, classes).
        images: float32 (n, channels, height, width) in [0, 1], n >= 1.
        answers: classes, int64 (n,), or probabilities, float (n, classes); the loss is cross-entropy with either.
        generator: the stream of the batch order, on the CPU.
        device: where to train.

    Returns:
        The same network, in eval mode, on ``device``.
    """
    import torch
    from torch import autograd
    from torch.nn.functional import cross_entropy

    network = to_device(network, device).train()
    images = images.to(device).contiguous(memory_format=torch.channels_last)
    answers = answers.to(device)
    batches = ceil(len(images) / BATCH)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    for _ in range(substitute_epochs(len(images))):
        order = torch.randperm(len(images), generator=generator).to(device)
        for x, y in zip(images[order].tensor_split(batches), answers[order].tensor_split(batches), strict=True):
            optimizer.zero_grad(set_to_none=True)
            autograd.backward(cross_entropy(network(x), y))
            optimizer.step()
    return network.eval()
