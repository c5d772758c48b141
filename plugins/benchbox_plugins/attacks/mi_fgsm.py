"""MI-FGSM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchbox_plugins.attacks._momentum import Momentum

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.attacks._momentum import Gradient


class MiFgsm(Momentum):
    """Sign steps along a gradient that is gathered with momentum.

    Source: Dong et al., "Boosting adversarial attacks with momentum", CVPR 2018: ten steps of a tenth of the radius, all of
    the gathered gradient kept.
    """

    name = "mi-fgsm"
    version = 2

    def step_gradient(self, gradient: Gradient, examples: Tensor, gathered: Tensor, state: dict[str, Any]) -> Tensor:
        """Return the gradient where the steps have come to; see ``Momentum.step_gradient``."""
        return gradient(examples)
