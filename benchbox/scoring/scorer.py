"""Scores a substitute against the held-out test images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor, nn

from benchbox.contracts import Access
from benchbox.oracle import MeteredOracle
from benchbox.oracle.answer import in_batches
from benchbox.records import Confusion, Measurement
from benchbox.scoring.attacking import AttackTask, attack_outcome
from benchbox.scoring.success import Classes, Outcome, rate


@dataclass
class Scores:
    """What scoring one substitute gave."""

    measurements: list[Measurement] = field(default_factory=list)
    confusions: list[Confusion] = field(default_factory=list)


class Scorer:
    """Holds the test images, the target behind a meter of its own, and the attacks of a scenario.

    Args:
        images: float32 (n, *shape) in [0, 1], on ``device``.
        labels: int64 (n,), true classes.
        classes: how many classes there are.
        oracle: the core's own oracle, label access, with all the budget it needs.
        attacks: what to do with each substitute.
        last: the last budget point, where ``at = "last"`` attacks run and confusion matrices are kept.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        classes: int,
        oracle: MeteredOracle,
        attacks: Sequence[AttackTask],
        last: int,
    ) -> None:
        assert oracle.access is Access.LABEL
        self._images, self._labels, self._classes = images, labels, classes
        self._oracle, self._attacks, self._last = oracle, attacks, last
        self._true: Classes = labels.cpu().numpy()
        self._clean: Classes = oracle.query(images, phase="scoring").cpu().numpy()

    def score(self, substitute: nn.Module, budget: int, spent: int) -> Scores:
        """Return accuracy, fidelity and attack success of a substitute at a budget point; it is left in eval mode."""
        substitute.eval()
        said = classify(substitute, self._images)
        n = len(said)
        accuracy, fidelity = float((said == self._true).mean()), float((said == self._clean).mean())
        scores = Scores(
            [
                Measurement("accuracy", "", budget, spent, accuracy, n),
                Measurement("fidelity", "", budget, spent, fidelity, n),
            ]
        )
        if budget == self._last:
            scores.confusions.append(Confusion("", budget, confusion(self._true, said, self._classes)))
        for task in self._attacks:
            if task.at == "every" or budget == self._last:
                self._attack(scores, task, substitute, budget, spent)
        return scores

    def _attack(self, scores: Scores, task: AttackTask, substitute: nn.Module, budget: int, spent: int) -> None:
        outcome, seconds = attack_outcome(task, substitute, self._images, self._labels, self._clean, self._ask)
        label = task.label
        for name in task.success:
            value, n = rate(name, outcome)
            scores.measurements.append(Measurement(name, label, budget, spent, value, n))
        each = seconds / len(outcome.true)
        scores.measurements.append(Measurement("seconds_per_example", label, budget, spent, each, len(outcome.true)))
        if budget == self._last:
            scores.confusions.append(Confusion(label, budget, self._attack_confusion(outcome)))

    def _attack_confusion(self, outcome: Outcome) -> tuple[tuple[int, ...], ...]:
        """Rows are original classes, columns the target's answers; targeted examples count if they fool the substitute."""
        counts = np.ones(len(outcome.true), dtype=bool) if outcome.goal is None else outcome.substitute == outcome.goal
        return confusion(outcome.true[counts], outcome.target[counts], self._classes)

    def _ask(self, images: Tensor) -> Classes:
        answers: Classes = self._oracle.query(images, phase="scoring").cpu().numpy()
        return answers


def classify(network: nn.Module, images: Tensor) -> Classes:
    """Return the classes that a network gives images, int64 (n,)."""
    classes: Classes = in_batches(lambda batch: network(batch).argmax(1), images, images.device).cpu().numpy()
    return classes


def confusion(true: Classes, said: Classes, classes: int) -> tuple[tuple[int, ...], ...]:
    """Return the confusion matrix, rows true, columns said."""
    counts = np.bincount(true * classes + said, minlength=classes * classes).reshape(classes, classes)
    return tuple(tuple(int(count) for count in row) for row in counts)
