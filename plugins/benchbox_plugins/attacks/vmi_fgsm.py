"""VMI-FGSM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from benchbox_plugins.attacks._momentum import Momentum, MomentumOptions

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.attacks._momentum import Gradient


class VmiOptions(MomentumOptions):
    """Options of ``vmi-fgsm``."""

    neighbours: int = Field(default=20, ge=1, description="gradients that are taken around each point")
    beta: float = Field(default=1.5, gt=0, description="how far around it, in radii")


class VmiFgsm(Momentum):
    """Momentum steps, each corrected by how the gradient varied around the last (variance tuning).

    Source: Wang and He, "Enhancing the transferability of adversarial attacks through variance tuning", CVPR 2021: 20
    neighbours within 1.5 radii. A step costs as many gradients and one more.
    """

    name = "vmi-fgsm"
    version = 1
    Options = VmiOptions

    def step_gradient(self, gradient: Gradient, examples: Tensor, gathered: Tensor, state: dict[str, Any]) -> Tensor:
        """Return the tuned gradient; see ``Momentum.step_gradient``."""
        import torch

        found = gradient(examples)
        tuned: Tensor = found + state.get("variance", torch.zeros_like(found))
        around, reach = torch.zeros_like(found), self.options.beta * self.options.eps
        for _ in range(self.options.neighbours):
            around += gradient(examples + torch.empty_like(examples).uniform_(-reach, reach))
        state["variance"] = around / self.options.neighbours - found
        return tuned
