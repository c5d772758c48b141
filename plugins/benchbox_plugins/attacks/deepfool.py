"""DeepFool."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field

from benchbox.contracts import Attack, Options, Threat
from benchbox_plugins.attacks._ball import into_ball

if TYPE_CHECKING:
    from torch import Tensor, nn


class DeepfoolOptions(Options):
    """Options of ``deepfool``."""

    eps: float = Field(default=1.5, gt=0, description="radius of the L2 ball that examples are brought back into")
    steps: int = Field(default=50, ge=1, description="the most steps of an example")
    overshoot: float = Field(
        default=0.02, ge=0, description="how far beyond the boundary it goes, as a share of the way"
    )
    rivals: int = Field(default=10, ge=2, description="how many of the likeliest classes' boundaries it looks at")


class Deepfool(Attack):
    """The shortest way over the nearest boundary of the substitute, step by step along its linear picture.

    Source: Moosavi-Dezfooli et al., "DeepFool: a simple and accurate method to fool deep neural networks", CVPR 2016; ART's
    DeepFool. It seeks the smallest change and knows no radius: what ends outside the ball is brought back onto its rim. So
    near to the boundary few examples transfer. It has no goal class, and knows no true one: it starts from what the substitute
    says, so an image that the substitute gets wrong may be moved towards its class.
    """

    name = "deepfool"
    version = 1
    Options = DeepfoolOptions
    targeted = False

    def threat(self) -> Threat:
        """Return the ball that the examples stay in."""
        return Threat("2", self.options.eps)

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples; see ``Attack.perturb``."""
        from art.attacks.evasion import DeepFool

        from benchbox_plugins.attacks import _art

        attack = partial(
            DeepFool,
            max_iter=self.options.steps,
            epsilon=self.options.overshoot,
            nb_grads=min(self.options.rivals, classes),
            batch_size=_art.BATCH,
            verbose=False,
        )
        found = _art.perturb(attack, substitute, images, labels, classes)
        return into_ball(found, images, "2", self.options.eps)
