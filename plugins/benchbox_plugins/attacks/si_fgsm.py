"""SI-NI-FGSM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from benchbox_plugins.attacks._momentum import Momentum, MomentumOptions

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.attacks._momentum import Gradient


class SiOptions(MomentumOptions):
    """Options of ``si-fgsm``."""

    copies: int = Field(default=5, ge=1, le=16, description="how many copies, each half as bright as the one before")


class SiFgsm(Momentum):
    """Momentum steps along the mean gradient over darker copies of the image, taken ahead (scale invariance, SI-NI-FGSM).

    Source: Lin et al., "Nesterov accelerated gradient and scale invariance for adversarial attacks", ICLR 2020: copies divided
    by 1, 2, 4, ... The gradient is that at each copy, as in their formula.
    """

    name = "si-fgsm"
    version = 1
    Options = SiOptions

    def step_gradient(self, gradient: Gradient, examples: Tensor, gathered: Tensor, state: dict[str, Any]) -> Tensor:
        """Return the mean gradient over the copies; see ``Momentum.step_gradient``."""
        import torch

        ahead = examples + self.step * self.options.decay * gathered
        return torch.stack([gradient(ahead / 2**i) for i in range(self.options.copies)]).mean(dim=0)
