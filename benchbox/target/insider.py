"""The target from within, for privileged methods: the referee's side."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchbox.errors import TargetError
from benchbox.target.answer import in_batches, softmax_in_batches


class TargetInsider:
    """Shows what the target computes, without a query."""

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        self._network, self._device = network, device

    def probabilities(self, images: Tensor) -> Tensor:
        """Return softmax outputs, float32 (n, classes)."""
        return softmax_in_batches(self._network, images, self._device)

    def activations(self, images: Tensor) -> Tensor:
        """Return ReLU outputs, one flat row per image, float32 (n, neurons); maps reduced to their maximum.

        Raises:
            TargetError: there are none.
        """
        return in_batches(self._fired, images, self._device)

    def _fired(self, batch: Tensor) -> Tensor:
        fired: list[Tensor] = []

        def keep(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            fired.append(output.flatten(2).amax(2) if output.ndim > 2 else output)

        handles = [m.register_forward_hook(keep) for m in self._network.modules() if isinstance(m, nn.ReLU)]
        try:
            self._network(batch)
        finally:
            for handle in handles:
                handle.remove()
        if not fired:
            raise TargetError("the target has no ReLU (nn.ReLU) whose neurons could be traced")
        return torch.cat(fired, 1)
