"""Scores a substitute against the held-out test images."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from benchbox.contracts import Access
from benchbox.images.row_tensor import in_parts
from benchbox.records import SCORING, Confusion, Measurement, Picture
from benchbox.scoring.attacking import Assault, AttackTask
from benchbox.scoring.pictures import pairs_png
from benchbox.scoring.success import Classes, Outcome, rate
from benchbox.target.answer import in_batches
from benchbox.target.meter import MeteredOracle

Assail = Callable[[AttackTask, nn.Module, Assault], None]
"""Lets an attack play: it is given a copy of the substitute, and its examples go through the assault."""

_MANY, _TOP = 100, 5  # with so many classes a second look is worth reporting: ImageNet's papers print it


@dataclass
class Scores:
    """What scoring one substitute gave."""

    measurements: list[Measurement] = field(default_factory=list)
    confusions: list[Confusion] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


class Scorer:
    """Holds the test images, the target behind a meter of its own, and the attacks of a scenario.

    Args:
        images: float32 (n, *shape) in [0, 1], on ``device``.
        labels: int64 (n,), true classes.
        classes: how many classes there are.
        oracle: the core's own oracle, label access, with all the budget it needs.
        attacks: what to do with each substitute.
        assail: lets one of them play.
        last: the last budget point, where ``at = "last"`` attacks run, and where the substitute's confusion matrix and a
            picture of each attack's first examples are kept.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        classes: int,
        oracle: MeteredOracle,
        attacks: Sequence[AttackTask],
        assail: Assail,
        last: int,
    ) -> None:
        assert oracle.access is Access.LABEL
        self._images, self._labels, self._classes = images, labels, classes
        self._oracle, self._attacks, self._assail, self._last = oracle, attacks, assail, last
        self._true: Classes = labels.cpu().numpy()
        said = [oracle.query(part, phase=SCORING).cpu() for part in in_parts(images)]
        self._clean: Classes = torch.cat(said).numpy()

    def score(self, substitute: nn.Module, budget: int, spent: int) -> Scores:
        """Return accuracy, fidelity and test loss of a substitute at a budget point, and of many classes the top-5 accuracy.

        The loss is the mean cross-entropy with the true classes, in nats; None where the weights have run away. The
        substitute is left in eval mode.
        """
        substitute.eval()
        log_p = in_batches(lambda batch: substitute(batch).log_softmax(1), self._images, self._images.device)
        said: Classes = log_p.argmax(1).cpu().numpy()
        values: dict[str, float | None] = {
            "accuracy": float((said == self._true).mean()),
            "fidelity": float((said == self._clean).mean()),
            "test_loss": self._loss(log_p),
        }
        if self._classes >= _MANY:
            among = log_p.topk(_TOP, 1).indices == self._labels[:, None]
            values["top5_accuracy"] = float(among.any(1).double().mean())
        scores = Scores([Measurement(name, "", budget, spent, value, len(said)) for name, value in values.items()])
        if budget == self._last:
            scores.confusions.append(Confusion("", budget, confusion(self._true, said, self._classes)))
        return scores

    def attacks_at(self, budget: int) -> list[AttackTask]:
        """Return the attacks that are made at a budget point."""
        return [task for task in self._attacks if task.at == "every" or budget == self._last]

    def attack(self, substitute: nn.Module, budget: int, spent: int) -> Scores:
        """Return the success of all attacks that are made with a substitute at a budget point; it is in eval mode."""
        scores = Scores()
        for task in self.attacks_at(budget):
            self._attack(scores, task, substitute, budget, spent)
        return scores

    def _attack(self, scores: Scores, task: AttackTask, substitute: nn.Module, budget: int, spent: int) -> None:
        assault = Assault(task, substitute, self._classes, self._images, self._labels, self._clean, self._ask)
        self._assail(task, substitute, assault)
        attacked = assault.attacked()
        outcome, label = attacked.outcome, task.label
        for name in task.success:
            value, n = rate(name, outcome)
            scores.measurements.append(Measurement(name, label, budget, spent, value, n))
        details = {"seconds_per_example": attacked.seconds / len(outcome.true), **attacked.distances}
        for name, value in details.items():
            scores.measurements.append(Measurement(name, label, budget, spent, value, len(outcome.true)))
        scores.confusions.append(Confusion(label, budget, self._attack_confusion(outcome)))
        if budget == self._last:
            scores.pictures.append(Picture(f"attack/{label}", pairs_png(attacked.clean, attacked.examples)))

    def _attack_confusion(self, outcome: Outcome) -> tuple[tuple[int, ...], ...]:
        """Rows are original classes, columns the target's answers; targeted examples count if they fool the substitute."""
        counts = np.ones(len(outcome.true), dtype=bool) if outcome.goal is None else outcome.substitute == outcome.goal
        return confusion(outcome.true[counts], outcome.target[counts], self._classes)

    def _loss(self, log_p: Tensor) -> float | None:
        """Return the mean loss on the test images, where that is a number."""
        loss = float(-log_p.gather(1, self._labels[:, None]).double().mean())
        return loss if math.isfinite(loss) else None

    def _ask(self, images: Tensor) -> Classes:
        answers: Classes = self._oracle.query(images, phase=SCORING).cpu().numpy()
        return answers


def confusion(true: Classes, said: Classes, classes: int) -> tuple[tuple[int, ...], ...]:
    """Return the confusion matrix, rows true, columns said."""
    counts = np.bincount(true * classes + said, minlength=classes * classes).reshape(classes, classes)
    return tuple(tuple(int(count) for count in row) for row in counts)
