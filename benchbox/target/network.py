"""An untrained network for the images of a game, and what it must give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchbox.contracts import Model, Shape
from benchbox.errors import NotApplicable, PluginError

if TYPE_CHECKING:
    from torch import Tensor, nn

_EXACT = 1e-5
"""How near to 1 probabilities in float32 sum."""


def build_network(model: Model, shape: Shape, classes: int) -> nn.Module:
    """Return a fresh network; its weights come from torch's global state.

    Raises:
        NotApplicable: the architecture cannot take images of this shape; the reason is the model's own.
    """
    try:
        return model.build(shape, classes)
    except PluginError as reason:
        raise NotApplicable(str(reason)) from None


def check_logits(name: str, network: nn.Module, shape: Shape, classes: int) -> None:
    """Refuse a network that does not give one logit a class. It is left in eval mode.

    Raises:
        PluginError: naming the model.
    """
    import torch

    device = next((weight.device for weight in network.parameters()), None)
    images = torch.rand((2, *shape), generator=torch.Generator().manual_seed(0)).to(device)
    with torch.no_grad():
        logits = network.eval()(images)
    found = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
    if found != (2, classes):
        raise PluginError(f"model '{name}' builds a network that gives {found} for 2 images; expected (2, {classes})")
    if end := ends_in(logits):
        raise PluginError(
            f"model '{name}' builds a network that ends in a {end}; expected logits, of which losses and answers make "
            f"probabilities themselves"
        )


def ends_in(logits: Tensor) -> str:
    """Return ``softmax`` or ``log-softmax`` where values (n, classes) are what one of these gives, else nothing."""
    values = logits.double()
    if values.shape[1] < 2:
        return ""
    if bool((values >= 0).all()) and bool(((values.sum(1) - 1).abs() < _EXACT).all()):
        return "softmax"
    return "log-softmax" if bool((values.logsumexp(1).abs() < _EXACT).all()) else ""
