"""A generator at play: it sets itself up, then plays rounds and offers its substitute after each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from torch import Tensor, nn

from benchbox.contracts import Generator
from benchbox.errors import BudgetExceeded, PluginError
from benchbox.match.players.game import PlayerGame
from benchbox.match.players.lasting import restore, state_of
from benchbox.match.players.link import Link

Turn = Callable[[], AbstractContextManager[object]]


def play_generator(generator: Generator, game: PlayerGame, link: Link, turn: Turn) -> None:
    """Offer the untrained substitute, take up a killed run's state if there is one, play until the budget is spent.

    Raises:
        PluginError: a round asked nothing and wants to go on, or the substitute is no network.
    """
    with turn():
        generator.setup(game)
    reply = link.call("offer", {"weights": _weights(generator, game), "spent": game.oracle.spent})
    if reply.get("state") is not None:
        restore(generator, game, reply["state"])
        game.oracle.resume(reply["spent"])
    more, refused = True, False
    while more and game.oracle.remaining > 0:
        before = game.oracle.spent
        try:
            with turn():
                more = generator.round(game)
        except BudgetExceeded:
            more, refused = False, True
        if more and game.oracle.spent == before:
            raise PluginError(f"generator '{generator.name}' played a round without a query and wants to go on")
        offer = {"weights": _weights(generator, game), "spent": game.oracle.spent, "refused": refused}
        if link.call("offer", offer).get("save"):
            link.call("state", {"state": state_of(generator, game)})


def _weights(generator: Generator, game: PlayerGame) -> dict[str, Tensor]:
    who, substitute = f"generator '{generator.name}'", getattr(generator, "substitute", None)
    if not isinstance(substitute, nn.Module):
        raise PluginError(f"{who} offered {type(substitute).__name__} as its substitute; expected a torch.nn.Module")
    weights: dict[str, Tensor] = substitute.state_dict()
    for tensor in weights.values():
        if tensor.device.type != game.device.type:
            raise PluginError(f"{who} offered a substitute on '{tensor.device}'; expected it on '{game.device}'")
    return weights
