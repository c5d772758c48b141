"""The game that a trainer is given: see ``benchbox.contracts.TrainingGame`` for what it may rely on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import torch
from torch import Tensor, nn

from benchbox.contracts import Access, Shape, Trainer
from benchbox.errors import PluginError
from benchbox.match.players.brief import Brief
from benchbox.match.players.link import Link
from benchbox.seeds import stream_seed


class PlayerTraining:
    """One training of a substitute.

    Args:
        brief: what the player was told.
        link: where ``log`` goes.
        stream: names the random stream.
    """

    def __init__(self, brief: Brief, link: Link, stream: str) -> None:
        self._brief, self._link = brief, link
        self.access: Access = brief.access
        self.shape: Shape = brief.shape
        self.classes: int = brief.classes
        self.device: torch.device = torch.device(brief.device)
        self.rng: torch.Generator = torch.Generator().manual_seed(stream_seed(brief.seed, f"batch order/{stream}"))

    @cached_property
    def unlabelled(self) -> Tensor:
        """The pool's images.

        Raises:
            PluginError: the trainer does not say that it learns from them.
        """
        return unlabelled(self._brief, (self._brief.trainer or self._brief.contestant).who)

    @cached_property
    def prepared(self) -> Mapping[str, Tensor]:
        """What the trainer prepared."""
        return {name: tensor.to(self.device) for name, tensor in self._brief.prepared.items()}

    def log(self, **values: float) -> None:
        """Record diagnostics at the present number of queries."""
        noted(self._link, values)


def unlabelled(brief: Brief, who: str) -> Tensor:
    """Return the pool's images, on the game's device, to whom they are granted to learn from.

    Raises:
        PluginError: they are not: ``who`` does not say that it uses them.
    """
    if brief.pool is None or not brief.unlabelled:
        raise PluginError(f"{who} read game.unlabelled and does not say so; expected wants() to name Grant.UNLABELLED")
    return brief.pool.to(brief.device)


def fitted(trainer: Trainer, game: PlayerTraining, network: nn.Module, images: Tensor, answers: Tensor) -> nn.Module:
    """Return the substitute that a trainer makes, in eval mode.

    Raises:
        PluginError: it returned no network.
    """
    made: object = trainer.fit(game, network, images, answers)
    if not isinstance(made, nn.Module):
        raise PluginError(
            f"trainer '{trainer.name}' returned {type(made).__name__}; expected the network that it was given, trained"
        )
    return made.eval()


def noted(link: Link, values: Mapping[str, float]) -> None:
    """Write numbers down at the present number of queries."""
    link.tell("note", {"values": {name: float(value) for name, value in values.items()}})
