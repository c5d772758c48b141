"""BIM."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from benchbox.contracts import Attack, Options, Threat
from benchbox_plugins.attacks._grey import check_reach

if TYPE_CHECKING:
    from torch import Tensor, nn


class BimOptions(Options):
    """Options of ``bim``."""

    eps: float = Field(default=0.25, gt=0, description="radius of the L-infinity ball, in grey levels of [0, 1]")
    step: float = Field(default=0.02, gt=0, description="size of one step, in grey levels of [0, 1]")
    steps: int = Field(default=5, ge=1, description="number of steps")

    @model_validator(mode="after")
    def _within_images(self) -> Self:
        check_reach("eps", self.eps)
        check_reach("step", self.step)
        return self


class Bim(Attack):
    """Small gradient steps within a ball, from the clean image (basic iterative).

    Source: Kurakin, Goodfellow, Bengio, "Adversarial examples in the physical world", 2016; ART's BasicIterativeMethod.
    The default is what the TandemGAN code uses: five steps of 0.02, so no pixel moves by more than
    0.10 although the ball allows 0.25. ``mega-mnist-converged`` takes 40 such steps, which is our reading of what the MEGA
    paper did: its BIM figures are out of reach of five (docs/papers.md).
    """

    name = "bim"
    version = 1
    Options = BimOptions
    profiles: ClassVar = {
        "mega-mnist": {"eps": 0.25, "step": 0.02, "steps": 5},
        "mega-mnist-converged": {"eps": 0.25, "step": 0.02, "steps": 40},
        "mega-fmnist": {"eps": 0.25, "step": 0.02, "steps": 5},
        "mega-cifar10": {"eps": 0.25, "step": 0.02, "steps": 5},
        "dast-mnist": {"eps": 0.25, "step": 0.02, "steps": 120},
        "dast-mnist-monitor": {"eps": 0.25, "step": 0.02, "steps": 200},
        "cifar10-8": {"eps": 8 / 255, "step": 2 / 255, "steps": 10},
    }

    def threat(self) -> Threat:
        """Return the ball that the examples stay in."""
        return Threat("inf", self.options.eps)

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples; see ``Attack.perturb``."""
        from art.attacks.evasion import BasicIterativeMethod

        from benchbox_plugins.attacks import _art

        attack = partial(
            BasicIterativeMethod,
            eps=self.options.eps,
            eps_step=self.options.step,
            max_iter=self.options.steps,
            targeted=targeted,
            batch_size=_art.BATCH,
            verbose=False,
        )
        return _art.perturb(attack, substitute, images, labels, classes, gradients_alone=True)
