"""Makes adversarial examples on a substitute and asks the target what it says to them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from benchbox.contracts import Attack
from benchbox.contracts.threat import Threat
from benchbox.errors import PluginError
from benchbox.scoring.distances import Norms, check_norms, joined, norms, summary
from benchbox.scoring.success import Classes, Outcome
from benchbox.seeds import seeding_noticed
from benchbox.target.answer import in_batches

_CHUNK = 1024  # examples made at once: bounds memory when every image is sent towards every other class
SHOWN = 6  # the first so many examples are kept for a picture, whether or not they fool anybody
_TOLERANCE = 1e-5  # rounding that an attack's clipping may leave beyond [0, 1]


@dataclass(frozen=True)
class Attacked:
    """What an attack made with one substitute.

    Attributes:
        outcome: what target and substitute said to each example.
        seconds: what making them took.
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
        attack: the plugin.
        label: what tables call it.
        goal: ``untargeted``, ``class:N`` or ``others``.
        success: names of the success definitions to report.
        at: at ``every`` budget point, or at the ``last``.
        rows: which test images are attacked, int64 (m,).
        seed: seeds the global generators before the attack, the same for every method and budget.
        threat: the ball that examples must stay in; None where the scenario leaves that to the attack.
    """

    attack: Attack
    label: str
    goal: str
    success: tuple[str, ...]
    at: str
    rows: Tensor
    seed: int
    threat: Threat | None = None


def attack_outcome(
    task: AttackTask,
    substitute: nn.Module,
    images: Tensor,
    labels: Tensor,
    clean: Classes,
    ask: Callable[[Tensor], Classes],
) -> Attacked:
    """Attack with one substitute.

    Args:
        task: the attack.
        substitute: in eval mode.
        images: all test images; the task's rows are attacked.
        labels: their true classes, int64.
        clean: the target's answers to them.
        ask: asks the target for classes.

    Raises:
        PluginError: the attack returned what is no image, or an example outside the task's threat.
    """
    classes = _classes(substitute, images)
    rows, goals = aims(task.goal, task.rows, labels, classes)
    reseed(task.seed)
    said: list[Classes] = []
    own: list[Classes] = []
    far: list[Norms] = []
    first: Tensor | None = None
    seconds = 0.0
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        aim = labels[part] if goals is None else goals[start : start + _CHUNK]
        began = time.perf_counter()
        examples = make_examples(task.attack, substitute, images[part], aim, classes, targeted=goals is not None)
        seconds += time.perf_counter() - began
        far.append(_measured(task, images[part], examples))
        first = examples[:SHOWN].clone() if first is None else first
        said.append(ask(examples))
        own.append(in_batches(lambda batch: substitute(batch).argmax(1), examples, examples.device).cpu().numpy())
    outcome = Outcome(
        true=labels[rows].cpu().numpy(),
        goal=None if goals is None else goals.cpu().numpy(),
        clean=clean[rows.cpu().numpy()],
        target=np.concatenate(said),
        substitute=np.concatenate(own),
    )
    assert first is not None
    return Attacked(outcome, seconds, images[rows[:SHOWN]], first, summary(joined(far)))


def _measured(task: AttackTask, clean: Tensor, examples: Tensor) -> Norms:
    """Return how far examples lie from their images, after checking them against the task's threat."""
    found = norms(clean, examples)
    if task.threat is not None:
        check_norms(f"attack '{task.label}'", task.threat, found)
    return found


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


def make_examples(
    attack: Attack, substitute: nn.Module, images: Tensor, labels: Tensor, classes: int, *, targeted: bool
) -> Tensor:
    """Return an attack's examples, checked.

    Raises:
        PluginError: they have the wrong shape, hold NaN or leave [0, 1], or a global generator was seeded.
    """
    with seeding_noticed() as seeded:
        examples = attack.perturb(substitute, images, labels, classes=classes, targeted=targeted)
    if seeded:
        raise PluginError(f"attack '{attack.name}' seeded the global generator of {seeded[0]}; the core has seeded it")
    who = f"attack '{attack.name}' returned"
    if not isinstance(examples, torch.Tensor) or examples.shape != images.shape:
        found = tuple(examples.shape) if isinstance(examples, torch.Tensor) else type(examples).__name__
        raise PluginError(f"{who} {found}; expected images of shape {tuple(images.shape)}")
    examples = examples.detach().to(images)
    if torch.isnan(examples).any():
        raise PluginError(f"{who} images with NaN; expected values in [0, 1]")
    low, high = float(examples.min()), float(examples.max())
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        raise PluginError(f"{who} images from {low:g} to {high:g}; expected values in [0, 1]")
    return examples.clamp(0.0, 1.0)


def reseed(seed: int) -> None:
    """Seed the global generators of torch, numpy and Python."""
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def _classes(substitute: nn.Module, images: Tensor) -> int:
    with torch.no_grad():
        return int(substitute(images[:1]).shape[1])
