"""Contrastive learning as SwiftThief has it: SimSiam, and the same on answered images by how alike the answers are."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, normalize

Read = Callable[[Tensor], Tensor]
"""From images to features."""


class Projected(NamedTuple):
    """A view's projection, through which no gradient passes, and what is predicted of the other view's; both (n, width)."""

    projected: Tensor
    predicted: Tensor


class Heads(nn.Module):
    """What stands on the features while they learn: a projector of two layers, and a predictor with a waist.

    Chen and He, Exploring simple Siamese representation learning (CVPR 2021).
    """

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.project = nn.Sequential(
            *(nn.Linear(features, width), nn.BatchNorm1d(width), nn.ReLU()),
            *(nn.Linear(width, width), nn.BatchNorm1d(width, affine=False)),
        )
        waist = max(width // 4, 1)
        self.predict = nn.Sequential(nn.Linear(width, waist), nn.BatchNorm1d(waist), nn.ReLU(), nn.Linear(waist, width))

    def forward(self, features: Tensor) -> Projected:
        """Return the projection of features (n, d), and the prediction of the other view's."""
        projected = self.project(features)
        return Projected(projected.detach(), self.predict(projected))


def siamese(one: Projected, other: Projected, weights: Tensor | None = None) -> Tensor:
    """Return how unlike each view's prediction is to the other view, -1 to 1: the mean, of each image times its weight (n,)."""
    likeness = cosine_similarity(one.predicted, other.projected) + cosine_similarity(other.predicted, one.projected)
    return -0.5 * (likeness if weights is None else likeness * weights).mean()


def answered_alike(one: Projected, other: Projected, answers: Tensor) -> Tensor:
    """Return the loss that draws images of like answers together: each prediction to every other view.

    A pair weighs as much as both answers are sure (1 less the entropy's share of its most) and alike (their cosine).

    Args:
        one, other: two views of the answered images.
        answers: probabilities, float32 (n, classes).
    """
    predicted = normalize(torch.cat([one.predicted, other.predicted]))
    projected = normalize(torch.cat([one.projected, other.projected]))
    said = torch.cat([answers, answers])
    sure = 1 - torch.special.entr(said).sum(1) / log(said.shape[1])
    direction = normalize(said)
    weights = (sure.outer(sure) * (direction @ direction.T)).fill_diagonal_(0)
    loss: Tensor = -(weights * (predicted @ projected.T)).sum() / (weights > 0).sum().clamp_min(1)
    return loss


def moved_apart(read: Read, heads: Heads, one: Tensor, other: Tensor, radius: float) -> Tensor:
    """Return ``one``, views (n, *shape), each pixel moved by ``radius`` so that it is less like ``other``: one step of FGSM."""
    one = one.detach().requires_grad_(True)
    loss = siamese(heads(read(one)), heads(read(other)))
    return (one + radius * torch.autograd.grad(loss, one)[0].sign()).detach()
