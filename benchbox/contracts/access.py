"""What the oracle answers, and what a scenario may grant besides."""

from __future__ import annotations

from enum import StrEnum


class Access(StrEnum):
    """The form of an answer: what an attacker reads in it. ``topk:K`` and ``rounded:D`` are probabilities with less in them."""

    LABEL = "label"
    PROBABILITIES = "probabilities"

    def covers(self, needed: Access) -> bool:
        """Whether a scenario that answers in this form can serve a method that needs the other."""
        ladder = list(Access)
        return ladder.index(self) >= ladder.index(needed)


class Grant(StrEnum):
    """What a scenario may grant beyond answers and images. A plugin that uses it says so, and tables mark its numbers.

    Attributes:
        LABELS: the attacker's own labels of the pool.
        UNLABELLED: the pool's images to train on, without an answer.
        SUBSTITUTE: for a query attack to start from, a substitute that somebody trained with answers of the target, or
            surrogates: networks for the same task that never saw one.
        INSIDER: the target's probabilities and activations, more than a black box gives.
    """

    LABELS = "labels"
    UNLABELLED = "unlabelled"
    SUBSTITUTE = "substitute"
    INSIDER = "insider"

    @property
    def word(self) -> str:
        """What tables call it."""
        return "own labels" if self is Grant.LABELS else self.value
