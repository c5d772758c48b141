"""Attacks: adversarial examples made on the substitute."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts.plugin import Plugin
from benchbox.contracts.threat import Threat

if TYPE_CHECKING:
    from torch import Tensor, nn


class Attack(Plugin):
    """Turns a substitute and clean images into adversarial examples. A subclass writes ``threat`` and ``perturb``.

    An attack plays in a process of its own. It sees a copy of the substitute, never the target; the referee measures how far
    the examples lie from the clean images, and asks the target what it says to them. Random starts draw from the global
    generators, which are seeded before the first call.

    Attributes:
        targeted: whether it can bring examples to a goal class. A scenario with a goal refuses one that cannot.
    """

    kind: ClassVar[str] = "attack"
    targeted: ClassVar[bool] = True

    def threat(self) -> Threat:
        """Return the ball around the clean image that its examples stay in, with these options. Every attack writes it."""
        # Not abstract, so that a class without it is refused with the sentence that says what to write.
        raise NotImplementedError

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
            Images of the same shape, in [0, 1], without NaN, within ``threat``; the referee refuses anything else by name.
        """
