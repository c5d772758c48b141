"""A trainer at play: it prepares once, or is given lessons, answered images, and returns weights for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from benchbox.contracts import Trainer
from benchbox.errors import PluginError
from benchbox.match.players.brief import Brief
from benchbox.match.players.game import fresh_substitute
from benchbox.match.players.generator import Turn
from benchbox.match.players.link import Link
from benchbox.match.players.training import PlayerTraining, fitted
from benchbox.seeds import reseed, stream_seed


def play_trainer(trainer: Trainer, build: Callable[[], nn.Module], brief: Brief, link: Link, turn: Turn) -> None:
    """Prepare where nothing is answered yet (a budget of 0); else learn lesson after lesson, each from fresh weights.

    Raises:
        PluginError: it returned something else than tensors, or than a network.
    """
    if not brief.budget:
        with turn():
            made = trainer.prepare(PlayerTraining(brief, link, "prepare"))
        link.call("prepared", {"tensors": _tensors(trainer, made)})
        return
    weights: dict[str, Tensor] | None = None
    while (lesson := link.call("lesson", {"weights": weights})) is not None:
        images, answers = (lesson[name].to(brief.device) for name in ("images", "answers"))
        game = PlayerTraining(brief, link, lesson["stream"])
        network = fresh_substitute(build, brief.seed, game.device)
        reseed(stream_seed(brief.seed, f"trainer/{lesson['stream']}"))  # whatever lessons went before
        with turn():
            weights = fitted(trainer, game, network, images, answers).state_dict()


def _tensors(trainer: Trainer, made: object) -> dict[str, Tensor]:
    if not isinstance(made, Mapping) or not all(isinstance(value, torch.Tensor) for value in made.values()):
        raise PluginError(f"trainer '{trainer.name}' prepared {type(made).__name__}; expected tensors by name")
    return {str(name): value.detach() for name, value in made.items()}
