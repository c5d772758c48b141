"""Training that stops when images that were held back are classified no better."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from benchbox_plugins.selectors._networks import probabilities


@dataclass(frozen=True)
class Answered:
    """Images (n, *shape) and what the target said to them, classes (n,) or probabilities (n, classes)."""

    images: Tensor
    answers: Tensor

    @property
    def classes(self) -> Tensor:
        """The class of each answer, int64 (n,)."""
        return self.answers if self.answers.ndim == 1 else self.answers.argmax(1)


@dataclass(frozen=True)
class Schedule:
    """How to train: ``epochs`` at most, ``patience`` of them without progress; ``batch`` images a step; Adam's ``rate``."""

    epochs: int
    patience: int
    batch: int
    rate: float


def train_validated(
    network: nn.Module, known: Answered, held: Answered, plan: Schedule, rng: torch.Generator
) -> nn.Module:
    """Train a network, and return it, in eval mode, as it was after the epoch with the best F1 on the images held back.

    Without any, it is trained for ``patience`` epochs.
    """
    optimiser = torch.optim.Adam(network.parameters(), lr=plan.rate, fused=True)
    best, weights, since = -1.0, deepcopy(network.state_dict()), 0
    for _ in range(plan.epochs if len(held.images) else min(plan.epochs, plan.patience)):
        _epoch(network.train(), optimiser, known, plan.batch, rng)
        if not len(held.images):
            continue
        score, since = macro_f1(probabilities(network.eval(), held.images), held.classes), since + 1
        if score > best:
            best, weights, since = score, deepcopy(network.state_dict()), 0
        if since == plan.patience:
            break
    if len(held.images):
        network.load_state_dict(weights)
    return network.eval()


def _epoch(
    network: nn.Module, optimiser: torch.optim.Optimizer, known: Answered, batch: int, rng: torch.Generator
) -> None:
    order = torch.randperm(len(known.images), generator=rng).to(known.images.device)
    for rows in order.tensor_split(ceil(len(order) / batch)):  # evened out: batch norm cannot take a single image
        optimiser.zero_grad()
        torch.autograd.backward(cross_entropy(network(known.images[rows]), known.answers[rows]))
        optimiser.step()


def macro_f1(said: Tensor, classes: Tensor) -> float:
    """Return the mean, over the classes that either names, of F1, the harmonic mean of precision and recall.

    Args:
        said: probabilities (n, classes).
        classes: what is right, int64 (n,).
    """
    guess, truth = one_hot(said.argmax(1), said.shape[1]), one_hot(classes, said.shape[1])
    both, either = (guess * truth).sum(0), (guess + truth).sum(0)
    return float((2 * both[either > 0] / either[either > 0]).mean())
