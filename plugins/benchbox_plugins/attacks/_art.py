"""The one place that talks to ART: wraps a substitute as ART's classifier and runs an evasion attack on it."""

from __future__ import annotations

import logging
from typing import Any

import torch
from art.estimators.classification import PyTorchClassifier
from torch import Tensor, nn

logging.getLogger("art").setLevel(logging.WARNING)

BATCH = 256


def classifier(substitute: nn.Module, images: Tensor, classes: int) -> Any:
    """Return ART's view of a substitute that gives logits for images in [0, 1]."""
    return PyTorchClassifier(
        model=substitute,
        loss=nn.CrossEntropyLoss(),
        input_shape=tuple(images.shape[1:]),
        nb_classes=classes,
        clip_values=(0.0, 1.0),
        device_type="gpu" if images.device.type == "cuda" else "cpu",
    )


def generate(attack: Any, images: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Run an ART evasion attack.

    The labels are always passed: left to itself, ART would take the substitute's own predictions for them.

    Args:
        attack: an ART evasion attack.
        images: float32 (n, channels, height, width) in [0, 1].
        labels: int64 (n,), true classes or goals.
        classes: how many classes there are.
    """
    one_hot = torch.nn.functional.one_hot(labels, classes).cpu().numpy()
    made = attack.generate(x=images.cpu().numpy(), y=one_hot)
    return torch.from_numpy(made).to(images)


def norm_of(name: str) -> Any:
    """Return ART's name of a norm."""
    import numpy as np

    return np.inf if name == "inf" else int(name)
