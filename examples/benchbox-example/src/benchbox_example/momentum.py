"""The attack 'momentum'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Attack, Threat
from benchbox.contracts import Options as BaseOptions
from pydantic import Field

if TYPE_CHECKING:
    from torch import Tensor, nn


class Options(BaseOptions):
    """Options of ``momentum``."""

    eps: float = Field(default=0.25, gt=0, description="largest change of a pixel, in grey levels of [0, 1]")
    steps: int = Field(default=5, ge=1, description="steps, each of 2 eps / steps")
    decay: float = Field(default=1.0, ge=0, description="share of the last direction that the next step keeps")


class Momentum(Attack):
    """Gradient steps with momentum, within a ball around the clean image.

    Dong et al., "Boosting adversarial attacks with momentum", CVPR 2018: gradients are divided by their mean absolute
    value and added up; each step follows the sign of the sum.
    """

    name: ClassVar[str] = "momentum"
    version: ClassVar[int] = 1
    Options: ClassVar[type[BaseOptions]] = Options

    def threat(self) -> Threat:
        """Return the ball that the examples stay in."""
        return Threat("inf", self.options.eps)

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples; see ``benchbox.contracts.Attack.perturb``."""
        import torch

        eps, step = self.options.eps, 2 * self.options.eps / self.options.steps
        examples, direction = images.clone(), torch.zeros_like(images)
        for _ in range(self.options.steps):
            point = examples.detach().requires_grad_(True)
            loss = torch.nn.functional.cross_entropy(substitute(point), labels, reduction="sum")
            gradient = torch.autograd.grad(-loss if targeted else loss, point)[0]
            size = gradient.abs().flatten(1).mean(1).clamp_min(1e-12)[:, None, None, None]
            direction = self.options.decay * direction + gradient / size
            moved = examples + step * direction.sign()
            examples = torch.min(torch.max(moved, images - eps), images + eps).clamp(0, 1)
        return examples
