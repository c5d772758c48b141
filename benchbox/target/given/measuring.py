"""Pinning a given target: it is opened, asked a probe, and measured on the owner's test images."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from benchbox.contracts import Access
from benchbox.errors import TargetError
from benchbox.images.images import ImageSet
from benchbox.images.row_tensor import as_tensor
from benchbox.target.given.answers import AsLogits, answerer, guarded
from benchbox.target.given.gift import FILES, Gift
from benchbox.target.given.opening import Opened, open_gift
from benchbox.target.given.reading import as_logits, told_apart
from benchbox.target.given.record import GivenRecord, Probe, Reading

PROBED = 64
"""Test images that the probe holds."""
_SAME = 1e-3
"""How far probabilities of one model may lie apart: services round, and machines add in other orders."""


class Measured:
    """A given target that was opened to be pinned.

    Args:
        gift: the target.
        images: the owner's data.
        build: of weights whose network is a model plugin, builds that.
        device: where networks run.

    Attributes:
        opened: it, ready to be asked.
        reading: how its answers are read.
        probe: what it says to the first images.

    Raises:
        TargetError: it cannot be opened, or does not fit these images and classes.
    """

    def __init__(
        self, gift: Gift, images: ImageSet, build: Callable[[], nn.Module] | None, device: torch.device
    ) -> None:
        self.gift, self._images, self._device = gift, images, device
        self.opened: Opened = open_gift(gift, build, device)
        test = as_tensor(images.test, torch.device("cpu"), _rows(len(images.test)))
        raw = guarded(gift, self.opened)(test)
        who = f"target '{gift.name}'"
        self.reading: Reading = told_apart(raw, who, f"data set '{images.name}'", images.classes, gift.classes)
        logits = as_logits(raw, self.reading, who)
        if len(logits) != len(test):
            raise TargetError(f"{who} answers {len(test)} images with {len(logits)} answers")
        said = [] if self.reading.scale == "labels" else np.round(logits.softmax(1).double().numpy(), 4).tolist()
        self.probe = Probe(labels=tuple(logits.argmax(1).tolist()), probabilities=tuple(map(tuple, said)))

    def record(self, model_version: int, since: str = "") -> GivenRecord:
        """Return its record, with the accuracy on all test images.

        Args:
            model_version: of its model plugin; 0 where there is none.
            since: the day since which it is known; today where it is empty.
        """
        images, opened, since = self._images, self.opened, since or datetime.date.today().isoformat()
        network = AsLogits(self.gift, opened, self.reading)
        test = as_tensor(images.test, torch.device("cpu"))
        said = answerer(self.gift, network, self._device)(test, Access.LABEL)
        return GivenRecord(
            gift=self.gift,
            dataset=images.name,
            dataset_hash=images.digest,
            sha256=pin(self.gift, images.digest, opened, model_version, since, self.probe),
            file_sha256=opened.file_sha256,
            source=opened.source,
            source_sha256=opened.source_sha256,
            model_version=model_version,
            reading=self.reading,
            since=since,
            probe=self.probe,
            accuracy=float((said.cpu() == torch.from_numpy(images.test.labels)).double().mean()),
            n_test=len(images.test),
            shape=images.shape,
        )


def pin(gift: Gift, dataset_hash: str, opened: Opened, model_version: int, since: str, probe: Probe) -> str:
    """Return what a cell's identity holds of a given target: sha256, hex."""
    known: dict[str, Any] = {
        "form": gift.form,
        "sends": gift.sends,
        "classes": gift.classes,
        "dataset": dataset_hash,
    }
    if gift.form in FILES:
        known |= {
            "file": opened.file_sha256,
            "model": gift.model,
            "version": model_version,
            "source": opened.source_sha256,
        }
    else:
        known |= {"place": gift.place, "since": since, "probe": probe.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def changed(before: Probe, now: Probe) -> int:
    """Return how many images of a probe are answered otherwise than before; rounding is no change."""
    count = len(before.labels)
    other = np.not_equal(before.labels, now.labels) if count == len(now.labels) else np.ones(count, dtype=bool)
    values = [np.array(probe.probabilities) for probe in (before, now)]
    if values[0].shape != values[1].shape:
        return count
    if values[0].size:
        other |= np.abs(values[0] - values[1]).max(1) > _SAME
    return int(other.sum())


def _rows(total: int) -> Any:
    return np.linspace(0, total - 1, min(PROBED, total)).round().astype(int)
