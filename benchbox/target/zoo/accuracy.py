"""A target's accuracy on held-out test images."""

from __future__ import annotations

import torch
from torch import nn

from benchbox.images.images import Images, as_float
from benchbox.target.answer import in_batches


def test_accuracy(network: nn.Module, images: Images, device: torch.device) -> float:
    """Return the share of the held-out test images that ``network`` classifies as labelled."""
    x = torch.from_numpy(as_float(images.x_test))
    predicted = in_batches(lambda batch: network(batch).argmax(1), x, device).cpu()
    return float((predicted == torch.from_numpy(images.y_test)).double().mean())
