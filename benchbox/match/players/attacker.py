"""An attack at play: it is given a copy of the substitute and clean images in chunks, and returns examples."""

from __future__ import annotations

from torch import nn

from benchbox.contracts import Attack
from benchbox.errors import PluginError
from benchbox.match.players.brief import Brief
from benchbox.match.players.link import Link


def play_attack(attack: Attack, substitute: nn.Module, brief: Brief, link: Link) -> None:
    """Attack chunk after chunk, until the referee has no more images."""
    import torch

    examples: torch.Tensor | None = None
    while (chunk := link.call("examples", {"images": examples})) is not None:
        images, labels = (tensor.to(brief.device) for tensor in (chunk["images"], chunk["labels"]))
        made: object = attack.perturb(substitute, images, labels, classes=brief.classes, targeted=brief.targeted)
        if not isinstance(made, torch.Tensor):
            expected = f"expected images of shape {tuple(images.shape)}"
            raise PluginError(f"{brief.who} returned {type(made).__name__}; {expected}")
        examples = made.detach()
