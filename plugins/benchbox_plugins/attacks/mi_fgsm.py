"""MI-FGSM."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Attack, Threat
from benchbox_plugins.attacks._momentum import MomentumOptions

if TYPE_CHECKING:
    from torch import Tensor, nn


class MiFgsm(Attack):
    """Sign steps along a gradient that is gathered with momentum.

    Source: Dong et al., "Boosting adversarial attacks with momentum", CVPR 2018: ten steps of a tenth of the radius, all of
    the gathered gradient kept; ART's MomentumIterativeMethod.
    """

    name = "mi-fgsm"
    version = 1
    Options = MomentumOptions
    profiles: ClassVar = {"cifar10-8": {"eps": 8 / 255}}

    def threat(self) -> Threat:
        """Return the ball that the examples stay in."""
        return Threat("inf", self.options.eps)

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples; see ``Attack.perturb``."""
        from art.attacks.evasion import MomentumIterativeMethod

        from benchbox_plugins.attacks import _art

        attack = partial(
            MomentumIterativeMethod,
            eps=self.options.eps,
            eps_step=self.options.eps / self.options.steps,
            max_iter=self.options.steps,
            decay=self.options.decay,
            targeted=targeted,
            batch_size=_art.BATCH,
            verbose=False,
        )
        return _art.perturb(attack, substitute, images, labels, classes, gradients_alone=True)
