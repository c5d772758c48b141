"""Playing one game as a contestant, in whatever process: the one way, behind the wall and without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import nn

from benchbox.contracts import Attack, Generator, Method, Model, QueryAttack, Selector, Trainer
from benchbox.devices import computing, to_device
from benchbox.errors import BudgetExceeded, PluginError
from benchbox.match.players.attacker import play_attack
from benchbox.match.players.brief import Brief, Ready
from benchbox.match.players.game import Create, PlayerGame, fresh_substitute
from benchbox.match.players.generator import play_generator
from benchbox.match.players.link import Link
from benchbox.match.players.searcher import play_query_attack
from benchbox.match.players.selector import play_selector
from benchbox.match.players.trainer import play_trainer
from benchbox.seeds import reseed, seeding_noticed
from benchbox.target.network import build_network


def play(create: Create, build: Callable[[], nn.Module], brief: Brief, link: Link) -> None:
    """Play the game of a brief to its end.

    Args:
        create: makes a contestant.
        build: returns an untrained network of the scenario's model.
        brief: the game.
        link: leads to the referee.

    Raises:
        NotApplicable: the contestant cannot play under these rules.
        PluginError: it broke its contract.
    """
    reseed(brief.stream)
    try:
        _play(create, build, brief, link)
    except BudgetExceeded as error:
        raise PluginError(f"{brief.who} {error}; expected no more than game.oracle.remaining") from error
    except PluginError as error:
        if brief.who in str(error):
            raise
        raise PluginError(f"{brief.who}: {error}") from error


def _play(create: Create, build: Callable[[], nn.Module], brief: Brief, link: Link) -> None:
    contestant, turn = create(brief.contestant), partial(_turn, brief)
    if isinstance(contestant, Attack):
        with turn():
            play_attack(contestant, _given(build, brief), brief, link)
        return
    if isinstance(contestant, Trainer):
        play_trainer(contestant, build, brief, link, turn)
        return
    if isinstance(contestant, QueryAttack):
        made = [] if brief.weights is None else [_given(build, brief)]
        substitutes = (*made, *(_ready(create, each, brief) for each in brief.surrogates))
        with turn():
            play_query_attack(contestant, substitutes, brief, link)
        return
    assert isinstance(contestant, Method)
    game = PlayerGame.of(brief, link, build, create)
    contestant.applicable(game)
    if isinstance(contestant, Selector):
        with turn():
            play_selector(contestant, game, link)
    elif isinstance(contestant, Generator):
        play_generator(contestant, game, link, turn)


@contextmanager
def _turn(brief: Brief) -> Iterator[None]:
    """The contestant moves: in the scenario's precision, and without seeding a global generator."""
    attack = brief.contestant.kind == "attack"
    with seeding_noticed() as seeded, computing("float32" if attack else brief.precision, torch.device(brief.device)):
        yield
    if seeded:
        wanted = "draws that follow the core's seed" if attack else "draws from game.rng alone"
        raise PluginError(f"{brief.who} seeded the global generator of {seeded[0]}; expected {wanted}")


def _given(build: Callable[[], nn.Module], brief: Brief) -> nn.Module:
    """Return a network with the weights of the substitute to attack, in eval mode."""
    assert brief.weights is not None
    substitute = fresh_substitute(build, brief.seed, torch.device(brief.device))
    substitute.load_state_dict(brief.weights)
    return substitute.eval()


def _ready(create: Create, given: Ready, brief: Brief) -> nn.Module:
    """Return a network that is given ready, in eval mode."""
    model = create(given.model)
    assert isinstance(model, Model)
    network = build_network(model, brief.shape, brief.classes)
    network.load_state_dict(given.weights)
    return to_device(network, torch.device(brief.device)).eval()
