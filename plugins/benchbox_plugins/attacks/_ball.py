"""Bringing examples back into the ball around the clean images."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def into_ball(examples: Tensor, images: Tensor, norm: str, eps: float) -> Tensor:
    """Return the nearest examples within ``eps`` of the clean images (n, ...), in [0, 1]."""
    change = examples - images
    if norm == "inf":
        change = change.clamp(-eps, eps)
    else:
        length = change.flatten(1).norm(dim=1).clamp_min(1e-12)
        change = change * (eps / length).clamp_max(1).view(-1, *[1] * (change.ndim - 1))
    return (images + change).clamp(0, 1)
