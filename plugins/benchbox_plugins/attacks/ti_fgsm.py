"""TI-FGSM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

from benchbox_plugins.attacks._momentum import Momentum, MomentumOptions

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.attacks._momentum import Gradient


class TiOptions(MomentumOptions):
    """Options of ``ti-fgsm``."""

    kernel: int = Field(default=7, ge=1, le=31, description="side of the smoothing window, in pixels; an odd number")
    sigma: float = Field(default=3.0, gt=0, description="width of its bell, in pixels")

    @field_validator("kernel")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError(f"should be odd, so that the window has a middle; {value - 1} and {value + 1} are")
        return value


class TiFgsm(Momentum):
    """Momentum steps along a gradient that is smoothed over neighbouring pixels (translation invariance).

    Source: Dong et al., "Evading defenses to transferable adversarial examples by translation-invariant attacks", CVPR 2019.
    Theirs is a Gaussian of 15 pixels on images of 299; the default here is 7, as in the code of VT, for images of 28 to 32.
    """

    name = "ti-fgsm"
    version = 1
    Options = TiOptions

    def step_gradient(self, gradient: Gradient, examples: Tensor, gathered: Tensor, state: dict[str, Any]) -> Tensor:
        """Return the smoothed gradient; see ``Momentum.step_gradient``."""
        import torch
        from torch.nn.functional import conv2d

        if "kernel" not in state:
            reach = self.options.kernel // 2
            bell = torch.exp(-0.5 * (torch.arange(-reach, reach + 1.0) / self.options.sigma) ** 2)
            plane = torch.outer(bell, bell) / bell.sum() ** 2
            state["kernel"] = plane.expand(examples.shape[1], 1, *plane.shape).to(examples)
        return conv2d(gradient(examples), state["kernel"], padding="same", groups=examples.shape[1])
