"""Trainers: how answered queries become a substitute."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts.game import TrainingGame
from benchbox.contracts.plugin import Plugin

if TYPE_CHECKING:
    from torch import Tensor, nn


class Trainer(Plugin):
    """Makes a substitute from answered queries. A subclass writes ``fit``.

    A scenario names its trainer, and a method may be paired with another. A trainer never sees the target. One that learns
    from the pool's images without asking says so: ``wants`` names ``Grant.UNLABELLED``.
    """

    kind: ClassVar[str] = "trainer"

    def prepare(self, game: TrainingGame) -> Mapping[str, Tensor]:
        """Return what can be learnt before the first answer; asked once a cell, of a trainer that wants unlabelled images.

        Every ``fit`` of the cell finds it in ``game.prepared``. ``features``, a row for each unlabelled image, float32
        (n, d), is shown to the selector too, as ``game.features``.
        """
        return {}

    @abstractmethod
    def fit(self, game: TrainingGame, network: nn.Module, images: Tensor, answers: Tensor) -> nn.Module:
        """Train a substitute.

        Args:
            game: what the scenario grants, and the random stream.
            network: an untrained network of the scenario's model, on ``game.device``; the same first weights for every
                method under one seed. It gives logits (n, classes).
            images: the asked images, float32 (n, channels, height, width) in [0, 1], n >= 1, read as ``Pool.images`` are.
            answers: the target's: classes, int64 (n,), or probabilities, float32 (n, classes).

        Returns:
            That network, trained in place, or another with its ``state_dict``'s names and shapes.
        """
