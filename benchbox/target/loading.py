"""Loading a target: weights whose hash is the pinned one, into the network that it was trained as."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from benchbox.errors import TargetError
from benchbox.target.zoo.record import TargetRecord

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


def read_verified(record: TargetRecord) -> dict[str, torch.Tensor]:
    """Return a target's tensors by name, from bytes whose sha256 is the record's.

    Raises:
        TargetError: the file is missing, or is not what its hash says.
    """
    from safetensors.torch import load

    return dict(load(verified(record)))


def verified(record: TargetRecord) -> bytes:
    """Return a target's file. Imports no torch.

    Raises:
        TargetError: the file is missing, or is not what its hash says.
    """
    try:
        content = record.path.read_bytes()
    except OSError as error:
        if record.pinned and isinstance(error, FileNotFoundError):
            raise TargetError(
                f"target '{record.name}': its weights (sha256 {record.sha256[:12]}...) did not come with the package that pins "
                f"them, and are not at {record.path}; put them there, or train the target with "
                f"'benchbox targets --train {record.name}'"
            ) from None
        raise _unusable(record, f"cannot be read ({error.strerror})") from None
    found = hashlib.sha256(content).hexdigest()
    if found != record.sha256:
        raise _unusable(record, f"was changed: its sha256 is {found[:12]}..., and {record.sha256[:12]}... is pinned")
    return content


def _unusable(record: TargetRecord, why: str) -> TargetError:
    train = f"with 'benchbox targets --train {record.name}'"
    remedy = (
        f"restore the file, reinstall the package if that brought it, or remove it and train the target {train}"
        if record.pinned
        else f"train it again {train}"
    )
    return TargetError(f"target '{record.name}': its file {record.path} {why}; {remedy}")
