"""DI-FGSM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from benchbox_plugins.attacks._momentum import Momentum, MomentumOptions

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.attacks._momentum import Gradient


class DiOptions(MomentumOptions):
    """Options of ``di-fgsm``."""

    rate: float = Field(
        default=0.9, gt=0, le=1, description="the smallest share of its side that an image is shrunk to"
    )
    probability: float = Field(default=0.5, ge=0, le=1, description="how often a step changes its image")


class DiFgsm(Momentum):
    """Momentum steps whose gradient goes through a randomly shrunk and shifted image (diverse inputs).

    Source: Xie et al., "Improving transferability of adversarial examples with input diversity", CVPR 2019, with momentum
    (M-DI2-FGSM). The image is shrunk to a random share of its side and laid at random on black of its own size, as in the
    code of torchattacks; the authors enlarge 299 to 330 for networks that take any size.
    """

    name = "di-fgsm"
    version = 1
    Options = DiOptions

    def step_gradient(self, gradient: Gradient, examples: Tensor, gathered: Tensor, state: dict[str, Any]) -> Tensor:
        """Return the gradient through the changed image; see ``Momentum.step_gradient``."""
        import torch
        from torch.nn.functional import interpolate, pad

        height, width = examples.shape[2:]
        if torch.rand(()) >= self.options.probability:
            return gradient(examples)
        share = self.options.rate + (1 - self.options.rate) * float(torch.rand(()))
        small = max(1, round(share * height)), max(1, round(share * width))
        top, left = (int(torch.randint(0, free + 1, ())) for free in (height - small[0], width - small[1]))
        at = examples.detach().requires_grad_(True)
        shrunk = interpolate(at, size=small, mode="bilinear", align_corners=False)
        changed = pad(shrunk, (left, width - small[1] - left, top, height - small[0] - top))
        found: Tensor = torch.autograd.grad(changed, at, gradient(changed))[0]
        return found
