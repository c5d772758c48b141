"""Attacks: adversarial examples made on the substitute."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts.plugin import Plugin

if TYPE_CHECKING:
    from torch import Tensor, nn


class Attack(Plugin):
    """Turns a substitute and clean images into adversarial examples. A subclass writes ``perturb``.

    An attack sees the substitute, never the target; the core asks the target what it says to the examples, on a meter of
    its own. Random starts draw from the global generators, which the core seeds before every call.
    """

    kind: ClassVar[str] = "attack"

    @abstractmethod
    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples.

        Args:
            substitute: a network in eval mode that gives logits (n, classes).
            images: clean images, float32 (n, channels, height, width) in [0, 1].
            labels: int64 (n,); the true classes, or with ``targeted`` the classes to be reached.
            classes: how many classes there are.
            targeted: whether ``labels`` are goals.

        Returns:
            Images of the same shape, in [0, 1], without NaN; the core refuses anything else by name.
        """
