"""DeepFool: how far an image is from where a network would say another class."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_BATCH = 256
_OVERSHOOT = 0.02


def deepfool_lengths(network: nn.Module, images: Tensor, steps: int) -> Tensor:
    """Return the Euclidean length of the change after which each image is of another class, float32 (n,).

    Moosavi-Dezfooli et al., CVPR 2016: each step goes to the nearest of the planes that the other classes would have if the
    network were linear, and a little beyond. After ``steps`` the length is what it is then.
    """
    return torch.cat([_lengths(network, part, steps) for part in torch.split(images, _BATCH)])


def _lengths(network: nn.Module, images: Tensor, steps: int) -> Tensor:
    moved = torch.zeros_like(images)
    with torch.no_grad():
        said = network(images).argmax(1)
    still = torch.arange(len(images), device=images.device)
    for _ in range(steps):
        here = images[still] + (1 + _OVERSHOOT) * moved[still]
        logits, slopes = _slopes(network, here)
        kept = logits.argmax(1) == said[still]
        still, logits, slopes = still[kept], logits[kept], slopes[kept]
        if not len(still):
            break
        moved[still] += _to_nearest(logits, slopes, said[still])
    lengths: Tensor = ((1 + _OVERSHOOT) * moved).flatten(1).norm(dim=1)
    return lengths


def _slopes(network: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return logits (n, classes) and the derivative of each by the pixels, (n, classes, *shape)."""
    images = images.detach().requires_grad_(True)
    logits = network(images)
    sums = logits.sum(0)
    slopes = [torch.autograd.grad(total, images, retain_graph=True)[0] for total in sums]
    return logits.detach(), torch.stack(slopes, 1)


def _to_nearest(logits: Tensor, slopes: Tensor, said: Tensor) -> Tensor:
    rows = torch.arange(len(said), device=said.device)
    across = slopes - slopes[rows, said][:, None]
    gap = (logits - logits[rows, said][:, None]).abs()
    squares = across.flatten(2).square().sum(2).clamp_min(1e-12)
    away = gap / squares.sqrt()
    away[rows, said] = torch.inf
    nearest = away.argmin(1)
    share = gap[rows, nearest] / squares[rows, nearest]
    step: Tensor = share.view(-1, *[1] * (across.ndim - 2)) * across[rows, nearest]
    return step
