"""What the generators share: a loop over answered images, balance between classes, notes of a round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchbox.contracts import Game
from benchbox_plugins._step import pooled_first

STEPS_AN_EPOCH = 40
"""Steps of an epoch over 10,000 images in batches of 256; smaller sets are cut into smaller batches to take as many."""

MILESTONES = (0.5, 0.8)
"""Shares of the budget at which a learning rate falls to 0.3 of itself: DFME's for all but CIFAR-10, and TandemGAN's."""

OUTPUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "clip": lambda raw: raw.clamp(0, 1),
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "tanh": lambda raw: (torch.tanh(raw) + 1) / 2,
}
"""Output functions of a generator; what leaves [0, 1] under ``relu`` is clipped by the oracle before the target sees it."""


class Rows(Protocol):
    """Images that are read by their numbers, as a tensor of them is."""

    def __getitem__(self, rows: Tensor, /) -> Tensor: ...


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
    images: Rows,
    answers: Tensor,
    epochs: int,
    batch: int,
    rng: torch.Generator,
    stop: float = 0.0,
) -> Fit:
    """Train on answered images with cross-entropy, in a new order every epoch.

    ``images`` are a tensor (n, channels, height, width), or give the images of the rows that they are asked for; ``answers``
    are classes (n,) or probabilities (n, classes). With ``stop`` the training ends when an epoch's mean loss is not lower
    than the last one's by this share.

    Returns:
        What the last epoch saw. The substitute is left in eval mode.
    """
    substitute.train()
    seen, network = Fit(float("inf"), 0.0, 0.0), pooled_first(substitute)
    for _ in range(epochs):
        last = seen.loss
        seen = _epoch(network, optimiser, images, answers, batch, rng)
        if stop and seen.loss > last * (1 - stop):
            break
    substitute.eval()
    return seen


def _epoch(
    substitute: nn.Module,
    optimiser: torch.optim.Optimizer,
    images: Rows,
    answers: Tensor,
    batch: int,
    rng: torch.Generator,
) -> Fit:
    order = torch.randperm(len(answers), generator=rng).to(answers.device)
    tally = Tally()
    for rows in order.tensor_split(ceil(len(order) / batch)):  # evened out: batch norm cannot take a single image
        logits = substitute(images[rows])
        loss = F.cross_entropy(logits, answers[rows])
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        tally.add(loss, logits, answers[rows])
    return tally.fit()


class Tally:
    """Adds up what training steps saw."""

    def __init__(self) -> None:
        self._sums: list[Tensor] = []
        self._classes: list[Tensor] = []

    @torch.no_grad()
    def add(self, loss: Tensor, logits: Tensor, answers: Tensor) -> None:
        """Add one step: its mean loss, the substitute's logits, the target's answers."""
        top, classes = logits.softmax(1).max(1)
        said = top_class(answers)
        self._sums.append(torch.stack([loss * len(logits), (classes == said).float().sum(), top.sum()]))
        self._classes.append(said)

    def fit(self) -> Fit:
        """Return means over all images."""
        n = sum(map(len, self._classes))
        return Fit(*(torch.stack(self._sums).sum(0) / max(n, 1)).tolist())

    def report(self, game: Game, **values: float) -> None:
        """Log the means, the share of each class in the answers, and ``values``."""
        seen = self.fit()
        answers = torch.cat(self._classes)
        report(game, answers, loss_s=seen.loss, agreement=seen.agreement, confidence=seen.confidence, **values)


def batch_for(n: int, batch: int) -> int:
    """Return ``batch``, or fewer where an epoch over ``n`` images would have under 40 steps; at least 16."""
    return min(batch, max(16, n // STEPS_AN_EPOCH))


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


def even_share(gap: int, most: int) -> int:
    """Return how many of ``gap`` queries to ask now, so that they take as few turns of at most ``most`` as can be, all alike.

    Turns of ``most`` each would leave a last one of any size, of a single image even.
    """
    return ceil(gap / ceil(gap / most))


def affordable(game: Game, batch: int, cost: int) -> int:
    """Return how many images an iteration may hold that asks ``cost`` queries for each: ``batch``, or fewer at the end.

    It is 0 where not even two images can be paid for (batch norm needs two) before the last budget point.
    """
    return min(batch, room(game, 2 * cost) // cost)


def at_point(game: Game, cost: int) -> bool:
    """Return whether the round ends: at a budget point, or where an iteration of two images would go beyond the next."""
    return game.oracle.spent in game.budgets or room(game) < 2 * cost


def report(game: Game, answers: Tensor, **values: float) -> None:
    """Log the share of each class in a round's answers, the largest of them, and ``values``."""
    shares = (top_class(answers).bincount(minlength=game.classes).float() / max(len(answers), 1)).tolist()
    game.log(commonest=max(shares), **{f"share_{c}": share for c, share in enumerate(shares)}, **values)


def in_batches(n: int, size: int) -> Iterator[slice]:
    """Cut 0..n into slices of ``size``; the last may be shorter."""
    return (slice(start, min(start + size, n)) for start in range(0, n, size))


def fallen(progress: float, milestones: Sequence[float] = MILESTONES) -> float:
    """Return what share is left of a learning rate that falls to 0.3 of itself at these shares of what was planned."""
    return float(0.3 ** sum(progress >= mark for mark in milestones))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameters."""
    for group in optimiser.param_groups:
        group["lr"] = rate
