"""FGSM."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from benchbox.contracts import Attack, Options, Threat
from benchbox_plugins.attacks._grey import check_reach

if TYPE_CHECKING:
    from torch import Tensor, nn


class FgsmOptions(Options):
    """Options of ``fgsm``."""

    eps: float = Field(default=0.26, gt=0, description="size of the step, in grey levels of [0, 1] under norm inf")
    norm: Literal["inf", "2"] = Field(default="inf", description="norm of the step")

    @model_validator(mode="after")
    def _within_images(self) -> Self:
        check_reach("eps", self.eps, self.norm)
        return self


class Fgsm(Attack):
    """One step along the sign of the gradient (fast gradient sign method).

    Source: Goodfellow, Shlens, Szegedy, "Explaining and harnessing adversarial examples", ICLR 2015; ART's
    FastGradientMethod. The default is what the TandemGAN and DaST code use on MNIST.
    """

    name = "fgsm"
    version = 1
    Options = FgsmOptions
    profiles: ClassVar = {
        "mega-mnist": {"eps": 0.26},
        "mega-fmnist": {"eps": 0.26},
        "mega-cifar10": {"eps": 0.26},
        "dast-mnist": {"eps": 0.26},
        "dast-mnist-l2": {"eps": 0.2},
        "cifar10-8": {"eps": 8 / 255},
    }

    def threat(self) -> Threat:
        """Return the ball that the examples stay in."""
        return Threat(self.options.norm, self.options.eps)

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples; see ``Attack.perturb``."""
        from art.attacks.evasion import FastGradientMethod

        from benchbox_plugins.attacks import _art

        attack = partial(
            FastGradientMethod,
            norm=_art.norm_of(self.options.norm),
            eps=self.options.eps,
            targeted=targeted,
            batch_size=_art.BATCH,
        )
        return _art.perturb(attack, substitute, images, labels, classes, gradients_alone=True)
