"""What the generators share: a loop over answered images, balance between classes, notes of a round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchbox.contracts import Game

OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "clip": lambda raw: raw.clamp(0, 1),
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "tanh": lambda raw: (torch.tanh(raw) + 1) / 2,
}
"""Output functions of a generator; what leaves [0, 1] under ``relu`` is clipped by the oracle."""


@dataclass(frozen=True)
class Fit:
    """What one pass over answered images saw, taken from the very outputs that the training steps used.

    Attributes:
        loss: mean loss.
        agreement: share of images whose top class in the substitute is the target's.
        confidence: mean of the substitute's highest probability.
    """

    loss: float
    agreement: float
    confidence: float


def fit(
    substitute: nn.Module,
    optimiser: torch.optim.Optimizer,
    images: Tensor,
    answers: Tensor,
    epochs: int,
    batch: int,
    rng: torch.Generator,
    stop: float = 0.0,
) -> Fit:
    """Train on answered images with cross-entropy, in a new order every epoch.

    ``answers`` are classes (n,) or probabilities (n, classes). With ``stop`` the training ends when an epoch's mean
    loss is not lower than the last one's by this share.

    Returns:
        What the last epoch saw. The substitute is left in eval mode.
    """
    substitute.train()
    seen = Fit(float("inf"), 0.0, 0.0)
    for _ in range(epochs):
        last = seen.loss
        seen = _epoch(substitute, optimiser, images, answers, batch, rng)
        if stop and seen.loss > last * (1 - stop):
            break
    substitute.eval()
    return seen


def _epoch(
    substitute: nn.Module,
    optimiser: torch.optim.Optimizer,
    images: Tensor,
    answers: Tensor,
    batch: int,
    rng: torch.Generator,
) -> Fit:
    order = torch.randperm(len(images), generator=rng).to(images.device)
    sums = torch.zeros(3, device=images.device)
    for rows in torch.split(order, batch):
        logits = substitute(images[rows])
        loss = F.cross_entropy(logits, answers[rows])
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        sums += _seen(loss, logits, answers[rows])
    return Fit(*(sums / len(images)).tolist())


@torch.no_grad()
def _seen(loss: Tensor, logits: Tensor, answers: Tensor) -> Tensor:
    top, classes = logits.softmax(1).max(1)
    return torch.stack([loss * len(logits), (classes == top_class(answers)).float().sum(), top.sum()])


def top_class(answers: Tensor) -> Tensor:
    """Return the class of each answer, (n,), whether the target gave classes or probabilities."""
    return answers if answers.ndim == 1 else answers.argmax(1)


def balanced(answers: Tensor, cap: int, classes: int) -> Tensor:
    """Return rows, ascending, that hold the first ``cap`` of every class and no more; rarer classes stay short."""
    hot = F.one_hot(top_class(answers), classes)
    rank = (hot.cumsum(0) * hot).sum(1)
    return (rank <= cap).nonzero().flatten()


def room(game: Game, least: int = 1) -> int:
    """Return the queries up to the first budget point that leaves at least ``least``; 0 where none does.

    Rounds that end at budget points are scored there with all that was paid for.
    """
    gaps = (point - game.oracle.spent for point in game.budgets)
    return next((gap for gap in gaps if gap >= least), 0)


def report(game: Game, answers: Tensor, **values: float) -> None:
    """Log the share of each class in a round's answers, the largest of them, and ``values``."""
    shares = (top_class(answers).bincount(minlength=game.classes).float() / max(len(answers), 1)).tolist()
    game.log(commonest=max(shares), **{f"share_{c}": share for c, share in enumerate(shares)}, **values)


def in_batches(n: int, size: int) -> Iterator[slice]:
    """Cut 0..n into slices of ``size``; the last may be shorter."""
    return (slice(start, min(start + size, n)) for start in range(0, n, size))
