"""The one place that talks to ART: wraps a substitute as ART's classifier and runs an evasion attack on it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from art.estimators.classification import PyTorchClassifier
from torch import Tensor, nn

from benchbox_plugins._step import pooled_first
from benchbox_plugins.attacks._batches import BATCH as BATCH

logging.getLogger("art").setLevel(logging.WARNING)


def perturb(
    build: Callable[[Any], Any],
    substitute: nn.Module,
    images: Tensor,
    labels: Tensor,
    classes: int,
    *,
    gradients_alone: bool = False,
) -> Tensor:
    """Run an ART evasion attack.

    The labels are always passed: left to itself, ART would take the substitute's own predictions for them. No gradient of
    the weights is computed meanwhile: an attack needs that of the images alone.

    Args:
        build: makes the attack from ART's view of the substitute.
        substitute: gives logits for images in [0, 1].
        images: float32 (n, channels, height, width) in [0, 1].
        labels: int64 (n,), true classes or goals.
        classes: how many classes there are.
        gradients_alone: whether the attack asks for nothing but gradients. Then the substitute computes them, to the last bit,
            with less work, and ART's success rate, for which it predicts every image twice and which nobody reads, is made up.
    """
    one_hot = torch.nn.functional.one_hot(labels, classes).cpu().numpy()
    with _frozen(substitute):
        kind = _Gradients if gradients_alone else PyTorchClassifier
        network = pooled_first(substitute) if gradients_alone else substitute
        made = build(_classifier(kind, network, images, classes)).generate(x=images.cpu().numpy(), y=one_hot)
    return torch.from_numpy(made).to(images)


@contextmanager
def _frozen(substitute: nn.Module) -> Iterator[None]:
    trained = [parameter for parameter in substitute.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trained:
            parameter.requires_grad_(True)


class _Gradients(PyTorchClassifier):  # type: ignore[misc]
    """A substitute that predicts nothing."""

    def predict(self, x: Any, **_: Any) -> Any:
        """Return zeros, float32 (n, classes)."""
        return np.zeros((len(x), self.nb_classes), np.float32)


def _classifier(kind: type[Any], substitute: nn.Module, images: Tensor, classes: int) -> Any:
    return kind(
        model=substitute,
        loss=nn.CrossEntropyLoss(),
        input_shape=tuple(images.shape[1:]),
        nb_classes=classes,
        clip_values=(0.0, 1.0),
        device_type="gpu" if images.device.type == "cuda" else "cpu",
    )


def norm_of(name: str) -> Any:
    """Return ART's name of a norm."""
    return np.inf if name == "inf" else int(name)
