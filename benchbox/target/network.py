"""An untrained network for the images of a game."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchbox.contracts import Model, Shape
from benchbox.errors import NotApplicable, PluginError

if TYPE_CHECKING:
    from torch import nn


def build_network(model: Model, shape: Shape, classes: int) -> nn.Module:
    """Return a fresh network; its weights come from torch's global state.

    Raises:
        NotApplicable: the architecture cannot take images of this shape; the reason is the model's own.
    """
    try:
        return model.build(shape, classes)
    except PluginError as reason:
        raise NotApplicable(str(reason)) from None
