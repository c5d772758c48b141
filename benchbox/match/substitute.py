"""What the core asks of a substitute before it scores it; what is amiss is refused with its method's name."""

from __future__ import annotations

from itertools import chain

import torch
from torch import nn

from benchbox.errors import PluginError
from benchbox.match.game import LiveGame


def check_substitute(who: str, substitute: object, game: LiveGame) -> None:
    """Refuse what is no network, or a network that lies on another device than the game.

    Raises:
        PluginError: naming the method.
    """
    if not isinstance(substitute, nn.Module):
        raise PluginError(f"{who} offered {type(substitute).__name__} as its substitute; expected a torch.nn.Module")
    for tensor in chain(substitute.parameters(), substitute.buffers()):
        if tensor.device.type != game.device.type:
            raise PluginError(f"{who} offered a substitute on '{tensor.device}'; expected it on '{game.device}'")


@torch.no_grad()
def check_logits(who: str, substitute: nn.Module, game: LiveGame) -> None:
    """Refuse a substitute that does not give one logit a class; it is left in eval mode.

    Raises:
        PluginError: naming the method.
    """
    logits = substitute.eval()(torch.zeros((2, *game.shape), device=game.device))
    found = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
    if found != (2, game.classes):
        raise PluginError(f"{who} offered a substitute that gives {found} for 2 images; expected (2, {game.classes})")
