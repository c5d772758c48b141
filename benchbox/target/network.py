"""An untrained network for the images of a game, and what it must give."""

from __future__ import annotations

from collections.abc import Callable
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
    if ends_in(logits) == "softmax":  # behind a log-softmax losses and answers are what they are without it
        raise PluginError(
            f"model '{name}' builds a network that ends in a softmax; expected logits, of which losses and answers make "
            f"probabilities themselves"
        )


def check_weights(name: str, build: Callable[[], nn.Module], *, trains: bool) -> None:
    """Refuse a model whose weights no seed decides: it brings trained ones, which a recipe would train over.

    Args:
        name: the model's.
        build: builds its network.
        trains: whether the recipe trains; one that does not takes nothing but such a model.

    Raises:
        PluginError: naming the model, and what to do.
    """
    import torch

    built = []
    for seed in (0, 1):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            built.append(list(build().state_dict().values()))
    if not built[0]:
        raise PluginError(
            f"model '{name}' builds a network without weights: nothing can be trained; give what answers in its place: "
            f"--target MODULE:FUNCTION, or --target URL"
        )
    ready = all(torch.equal(one, other) for one, other in zip(*built, strict=True))
    if ready and trains:
        raise PluginError(
            f"model '{name}' builds the same weights under every seed, so they are trained ones, which a recipe would train "
            f"over; take it as it is with recipe 'ready', or give it: --target WEIGHTS --model {name}, or --target "
            f"MODULE:FUNCTION"
        )
    if not ready and not trains:
        raise PluginError(f"model '{name}' brings no trained weights, and this recipe has 0 epochs: it trains nothing")


def ends_in(logits: Tensor, exact: float = _EXACT) -> str:
    """Return ``softmax`` or ``log-softmax`` where values (n, classes) are what one of these gives, else nothing.

    ``exact`` is how near to 1 the sums must be.
    """
    values = logits.double()
    if values.shape[1] < 2:
        return ""
    if bool((values >= 0).all()) and bool(((values.sum(1) - 1).abs() < exact).all()):
        return "softmax"
    return "log-softmax" if bool((values.logsumexp(1).abs() < _EXACT).all()) else ""
