"""What a search learns from the scenario's substitute: gradients, and examples made on it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

_BATCH = 256


def gradient(network: nn.Module, images: Tensor, value: Callable[[Tensor, slice], Tensor]) -> Tensor:
    """Return the gradient of a value a row with respect to the images, float (n, *shape).

    Args:
        network: gives logits (n, classes).
        images: float (n, *shape).
        value: of the logits of some rows, and which rows they are, (m,).
    """
    parts = []
    for start in range(0, len(images), _BATCH):
        part = slice(start, start + _BATCH)
        point = images[part].detach().clone().requires_grad_(True)
        total = value(network(point), part).sum()
        parts.append(torch.autograd.grad(total, point)[0])
    return torch.cat(parts)


def margins(logits: Tensor, labels: Tensor, goals: Tensor | None) -> Tensor:
    """Return the margin of logits that an attack lowers: the true class's less the best other's, or that's less the goal's."""
    wanted = (labels if goals is None else goals)[:, None]
    own = logits.gather(1, wanted)[:, 0]
    other = logits.scatter(1, wanted, -torch.inf).amax(1)
    return own - other if goals is None else other - own
