"""A target's accuracy on held-out test images."""

from __future__ import annotations

import torch
from torch import nn

from benchbox.images.images import ImageSet
from benchbox.images.row_tensor import as_tensor
from benchbox.target.answer import in_batches


def test_accuracy(network: nn.Module, images: ImageSet, device: torch.device) -> float:
    """Return the share of the held-out test images that ``network`` classifies as labelled."""
    x = as_tensor(images.test, torch.device("cpu"))
    predicted = in_batches(lambda batch: network(batch).argmax(1), x, device).cpu()
    return float((predicted == torch.from_numpy(images.test.labels)).double().mean())
