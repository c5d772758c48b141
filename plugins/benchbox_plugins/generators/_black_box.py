"""What DFME and MAZE share: gradients of the target estimated from differences of its answers."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchbox.contracts import Game

FLOOR = 1e-7
"""Probabilities are raised to it before the logarithm."""

Disagreement = Callable[[Tensor, Tensor], Tensor]
"""Maps logits of the substitute and probabilities of the target, (n, classes) each, to a value per image, (n,)."""


def logits_of(probabilities: Tensor) -> Tensor:
    """Return logits up to the constant that a softmax loses, set so that each row's mean is 0 (DFME)."""
    logs = probabilities.clamp_min(FLOOR).log()
    return logs - logs.mean(1, keepdim=True)


def squash(raw: Tensor) -> Tensor:
    """Map a generator's output before its tanh to an image in [0, 1], float32 under mixed precision too."""
    return (torch.tanh(raw.float()) + 1) / 2


class Seen:
    """Images asked in a generator step, with their answers and the mean disagreement on them."""

    def __init__(self, images: Tensor, answers: Tensor, disagreement: float) -> None:
        self.images, self.answers, self.disagreement = images, answers, disagreement


def climb(
    game: Game,
    generator: nn.Module,
    substitute: nn.Module,
    optimiser: torch.optim.Optimizer,
    noise: Tensor,
    disagreement: Disagreement,
    directions: int,
    step: float,
) -> Seen:
    """Move the generator towards images on which target and substitute disagree: (directions + 1) queries an image.

    The gradient is taken before the tanh: the mean over random unit vectors u of d (L(x + step u) - L(x)) / step u.
    """
    substitute.eval()
    raw = generator(noise).float()  # under mixed precision, steps of a thousandth would be lost
    images = squash(raw.detach())
    with torch.no_grad():
        answers = game.oracle.query(images, phase="generator")
        base = disagreement(substitute(images), answers)
        estimate = torch.zeros_like(raw)
        for _ in range(directions):
            u = torch.randn(raw.shape, generator=game.rng).to(raw.device)
            u /= u.flatten(1).norm(dim=1).clamp_min(FLOOR).view(-1, 1, 1, 1)
            moved = squash(raw + step * u)
            there = disagreement(substitute(moved), game.oracle.query(moved, phase="generator"))
            estimate += u * ((there - base) * raw[0].numel() / step).view(-1, 1, 1, 1)
    optimiser.zero_grad()
    raw.backward(-estimate / (directions * len(noise)))
    optimiser.step()
    substitute.train()
    return Seen(images, answers, float(base.mean()))
