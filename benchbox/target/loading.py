"""Loading a target: weights whose hash is the pinned one, into the network that it was trained as."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from benchbox.errors import TargetError
from benchbox.target.zoo.record import TargetRecord
from benchbox.target.zoo.zoo import read_verified

if TYPE_CHECKING:
    import torch
    from torch import nn


def load_target(record: TargetRecord, build: Callable[[], nn.Module], device: torch.device) -> nn.Module:
    """Load a target and verify its weights.

    Args:
        record: what its manifest says of it.
        build: returns an untrained network of its model.
        device: where it shall lie.

    Returns:
        The network in eval mode.

    Raises:
        TargetError: its file is missing, its content is not what its hash says, or it does not fit the model.
    """
    import torch

    weights = read_verified(record)
    with torch.random.fork_rng(devices=[]):
        network = build()
    try:
        network.load_state_dict(weights)
    except RuntimeError:
        raise TargetError(
            f"target '{record.name}': the weights in {record.path} do not fit model '{record.model}'; "
            f"is another version of it installed?"
        ) from None
    return network.eval().to(device)
