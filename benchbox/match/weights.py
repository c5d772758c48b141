"""An offer is weights: what the referee asks of them before it loads them into its own copy of the network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchbox.errors import PluginError
from benchbox.isolation.output import clean


def check_weights(who: str, network: nn.Module, weights: dict[str, Tensor]) -> None:
    """Refuse weights that are not those of the scenario's network, or are no numbers.

    Raises:
        PluginError: a tensor is missing, unknown, of another shape or type, or holds NaN or infinity; the sentence names
            plugin and tensor.
    """
    wanted = network.state_dict()
    for name in sorted(wanted.keys() | weights.keys()):
        expected, found = wanted.get(name), weights.get(name)
        if expected is None or found is None:
            what = "lacks" if found is None else "has besides"
            raise PluginError(
                f"{who} offered weights that are not those of the scenario's network: it {what} '{clean(name, 80)}'; expected "
                f"the network that game.new_substitute(), game.train() or fit() was given or returned"
            )
        if expected.shape != found.shape or expected.dtype != found.dtype:
            raise PluginError(
                f"{who} offered a tensor '{name}' of {found.dtype} and shape {tuple(found.shape)}; expected "
                f"{expected.dtype} and {tuple(expected.shape)}, as in the scenario's network"
            )
        if found.is_floating_point() and not bool(torch.isfinite(found).all()):
            raise PluginError(f"{who} offered a tensor '{name}' with NaN or infinity in it; expected finite weights")
