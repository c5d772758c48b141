"""What an attack does with one substitute: the images are dealt in chunks, the examples checked, and the target asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchbox.contracts.threat import Threat
from benchbox.errors import PluginError
from benchbox.scoring.distances import Norms, check_norms, joined, norms, summary
from benchbox.scoring.pictures import SHOWN
from benchbox.scoring.success import Classes, Outcome
from benchbox.target.answer import in_batches

_CHUNK = 1024  # images dealt at once: bounds memory when every image is sent towards every other class
_VALUES = 1 << 25  # of large images fewer
_TOLERANCE = 1e-5  # rounding that an attack's clipping may leave beyond [0, 1]


@dataclass(frozen=True)
class Attacked:
    """What an attack made with one substitute.

    Attributes:
        outcome: what target and substitute said to each example.
        seconds: what making them took, by the referee's clock.
        clean, examples: the first images attacked and what became of them, for a picture: float (m, *shape), m <= SHOWN.
        distances: mean and largest distance of the examples from their images, by metric.
    """

    outcome: Outcome
    seconds: float
    clean: Tensor
    examples: Tensor
    distances: dict[str, float]


@dataclass(frozen=True)
class AttackTask:
    """An attack with its images drawn.

    Attributes:
        contestant: whom the match lets play it; ``who`` names it in errors.
        label: what tables call it.
        goal: ``untargeted``, ``class:N`` or ``others``.
        success: names of the success definitions to report.
        at: at ``every`` budget point, or at the ``last``.
        rows: which test images are attacked, int64 (m,).
        seed: seeds the attack's global generators, the same for every method and budget.
        threat: the ball that examples must stay in: the scenario's, else the one that the attack states.
    """

    contestant: Any
    who: str
    label: str
    goal: str
    success: tuple[str, ...]
    at: str
    rows: Tensor
    seed: int
    threat: Threat

    @property
    def targeted(self) -> bool:
        """Whether its labels are goals."""
        return self.goal != "untargeted"


class Assault:
    """One attack on one substitute.

    Args:
        task: the attack.
        substitute: in eval mode; it judges the examples, and no attack sees this copy.
        classes: how many classes there are.
        images: all test images; the task's rows are attacked.
        labels: their true classes, int64.
        clean: the target's answers to them.
        ask: asks the target for classes.
    """

    def __init__(
        self,
        task: AttackTask,
        substitute: nn.Module,
        classes: int,
        images: Tensor,
        labels: Tensor,
        clean: Classes,
        ask: Callable[[Tensor], Classes],
    ) -> None:
        self.who, self._threat = task.who, task.threat
        self._substitute, self._images, self._labels, self._clean, self._ask = substitute, images, labels, clean, ask
        self._rows, self._goals = aims(task.goal, task.rows, labels, classes)
        self._most = max(1, min(_CHUNK, _VALUES // images.shape[1:].numel()))
        self._said: list[Classes] = []
        self._own: list[Classes] = []
        self._far: list[Norms] = []
        self._first: Tensor | None = None
        self._start, self._seconds, self._dealt = 0, 0.0, 0.0

    def exchange(self, examples: Tensor | None) -> tuple[Tensor, Tensor] | None:
        """Take the examples of the chunk that was dealt last (None at first); deal the next images and labels, or None.

        Raises:
            PluginError: the examples are not what an attack may return, or lie outside the threat; the sentence names it.
        """
        if self._dealt:
            self._take(examples)
        if self._start >= len(self._rows):
            self._dealt = 0.0
            return None
        part = self._part()
        aim = self._labels[part] if self._goals is None else self._goals[self._start : self._start + self._most]
        self._dealt = time.perf_counter()
        return self._images[part], aim

    def attacked(self) -> Attacked:
        """Return what came of it.

        Raises:
            PluginError: the attack ended before it had attacked every image.
        """
        if self._start < len(self._rows) or self._first is None:
            raise PluginError(f"{self.who} ended after {self._start} of {len(self._rows)} images")
        outcome = Outcome(
            true=self._labels[self._rows].cpu().numpy(),
            goal=None if self._goals is None else self._goals.cpu().numpy(),
            clean=self._clean[self._rows.cpu().numpy()],
            target=np.concatenate(self._said),
            substitute=np.concatenate(self._own),
        )
        return Attacked(
            outcome, self._seconds, self._images[self._rows[:SHOWN]], self._first, summary(joined(self._far))
        )

    def _part(self) -> Tensor:
        return self._rows[self._start : self._start + self._most]

    def _take(self, examples: Tensor | None) -> None:
        self._seconds += time.perf_counter() - self._dealt
        part = self._part()
        valid = checked_examples(self.who, self._images[part], examples)
        far = norms(self._images[part], valid)
        check_norms(self.who, self._threat, far)
        self._far.append(far)
        self._first = valid[:SHOWN].clone() if self._first is None else self._first
        self._said.append(self._ask(valid))
        own = in_batches(lambda batch: self._substitute(batch).argmax(1), valid, valid.device)
        self._own.append(own.cpu().numpy())
        self._start += len(part)


def aims(goal: str, rows: Tensor, labels: Tensor, classes: int) -> tuple[Tensor, Tensor | None]:
    """Return the rows to attack, repeated where there are several goals each, and the goals (None if untargeted)."""
    if goal == "untargeted":
        return rows, None
    if goal == "others":
        every = torch.arange(classes, device=labels.device).repeat(len(rows))
        repeated = rows.repeat_interleave(classes)
        other = every != labels[repeated]
        return repeated[other], every[other]
    return rows, torch.full_like(rows, int(goal.partition(":")[2]))


def checked_examples(who: str, images: Tensor, examples: object) -> Tensor:
    """Return an attack's examples, clipped to [0, 1] where rounding left it.

    Raises:
        PluginError: they have the wrong shape, hold NaN or leave [0, 1].
    """
    if not isinstance(examples, torch.Tensor) or examples.shape != images.shape:
        found = tuple(examples.shape) if isinstance(examples, torch.Tensor) else type(examples).__name__
        raise PluginError(f"{who} returned {found}; expected images of shape {tuple(images.shape)}")
    examples = examples.detach().to(images)
    if torch.isnan(examples).any():
        raise PluginError(f"{who} returned images with NaN; expected values in [0, 1]")
    low, high = float(examples.min()), float(examples.max())
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        raise PluginError(f"{who} returned images from {low:g} to {high:g}; expected values in [0, 1]")
    return examples.clamp(0.0, 1.0)
