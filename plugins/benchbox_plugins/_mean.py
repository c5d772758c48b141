"""The running mean of a network's weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RunningMean:
    """Lets one network's weights follow another's, as the mean teacher's do.

    Tarvainen and Valpola, Mean teachers are better role models (NeurIPS 2017). The mean does what a falling learning rate
    does for the last weights, at any time, and predicts more steadily meanwhile.

    Args:
        mean: follows; a network of the same kind.
        network: is trained by somebody else; both stay the same tensors.
        share: of the way that the mean goes at each step.
    """

    def __init__(self, mean: nn.Module, network: nn.Module, share: float) -> None:
        self._means, self._weights, self._share = _numbers(mean), _numbers(network), share

    @torch.no_grad()
    def follow(self) -> None:
        """Take a step."""
        torch._foreach_lerp_(self._means, self._weights, self._share)


def _numbers(network: nn.Module) -> list[Tensor]:
    return [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]
