"""NI-FGSM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchbox_plugins.attacks._momentum import Momentum

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.attacks._momentum import Gradient


class NiFgsm(Momentum):
    """Momentum steps whose gradient is taken ahead, where the gathered one leads (Nesterov).

    Source: Lin et al., "Nesterov accelerated gradient and scale invariance for adversarial attacks", ICLR 2020.
    """

    name = "ni-fgsm"
    version = 1

    def step_gradient(self, gradient: Gradient, examples: Tensor, gathered: Tensor, state: dict[str, Any]) -> Tensor:
        """Return the gradient at the point ahead; see ``Momentum.step_gradient``."""
        return gradient(examples + self.step * self.options.decay * gathered)
