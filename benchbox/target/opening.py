"""Opening a target for a match, whether it was trained by a recipe or given by its owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from benchbox.contracts import Access
from benchbox.errors import TargetError
from benchbox.target.answer import Answerer
from benchbox.target.given.answers import AsLogits, answerer
from benchbox.target.given.opening import open_gift
from benchbox.target.given.record import GivenRecord
from benchbox.target.loading import load_target
from benchbox.target.zoo.record import TargetRecord


class OpenTarget(NamedTuple):
    """A target that can be asked.

    Attributes:
        answer: answers images.
        network: the same as a network that gives logits, for an insider's view.
    """

    answer: Callable[[Tensor, Access], Tensor]
    network: nn.Module


def open_target(
    record: TargetRecord | GivenRecord, build: Callable[[], nn.Module] | None, device: torch.device
) -> OpenTarget:
    """Open a target, and hold it against its record.

    Args:
        record: what is known of it.
        build: returns an untrained network of its model; None of a given target that no model plugin builds.
        device: where it shall lie.

    Raises:
        TargetError: it is missing, or is not what was pinned.
    """
    if isinstance(record, TargetRecord):
        assert build is not None
        network = load_target(record, build, device)
        return OpenTarget(Answerer(network, device), network)
    opened = open_gift(record.gift, build, device)
    if (opened.file_sha256, opened.source_sha256) != (record.file_sha256, record.source_sha256):
        raise TargetError(
            f"target '{record.name}': its file or its code changed since the run was planned; run it again"
        )
    asked = AsLogits(record.gift, opened, record.reading)
    return OpenTarget(answerer(record.gift, asked, device), asked)
