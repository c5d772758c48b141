"""The small networks as torch modules. Imported inside ``build`` only, since it imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import nn

from benchbox.contracts import PluginError, Shape


def conv(inputs: int, outputs: int, kernel: int, padding: int = 0) -> list[nn.Module]:
    """Return convolution, ReLU and 2x2 max-pooling."""
    return [nn.Conv2d(inputs, outputs, kernel, padding=padding), nn.ReLU(), nn.MaxPool2d(2)]


def dense(widths: Sequence[int]) -> list[nn.Module]:
    """Return dense layers of these widths, with ReLU between them and none behind the last."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return layers[:-1]


def convnet(name: str, features: Sequence[nn.Module], hidden: Sequence[int], shape: Shape, classes: int) -> nn.Module:
    """Return convolution blocks and a dense head whose first width follows from the image's shape.

    Raises:
        PluginError: nothing is left of an image of this shape behind the convolutions.
    """
    stem = nn.Sequential(*features)
    try:
        with torch.no_grad():
            flat = stem(torch.zeros(1, *shape)).numel()
    except RuntimeError:
        raise too_small(name, shape) from None
    return nn.Sequential(stem, nn.Flatten(), *dense([flat, *hidden, classes]))


def mlp(hidden: Sequence[int], shape: Shape, classes: int) -> nn.Module:
    """Return dense layers on the flattened image."""
    return nn.Sequential(nn.Flatten(), *dense([prod(shape), *hidden, classes]))


def too_small(name: str, shape: Shape) -> PluginError:
    """Return the error of a model that cannot take images of this shape."""
    return PluginError(
        f"model '{name}' cannot take images of shape {shape}: they are too small for its layers; "
        f"choose 'dnn5', which takes any size, or larger images"
    )
