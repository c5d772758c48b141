"""A generator that is taken up after a kill goes on as one that was not killed."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from benchbox.contracts import Game, Generator
from benchbox.match.players.lasting import restore, state_of
from benchbox.match.resume import packed, unpacked
from benchbox.testing.arena import House, toy_game


class Drawn(Generator):
    """Trains a convolution that lies channels last in memory, as the core lays out every substitute."""

    name = "drawn"
    fused = True

    def setup(self, game: Game) -> None:
        network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3), nn.Flatten())
        with torch.no_grad():
            for i, weight in enumerate(network.parameters()):
                weight.copy_(torch.linspace(-1, 1 + i, weight.numel()).reshape(weight.shape))
        self.substitute = network.to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.Adam(self.substitute.parameters(), lr=0.1, fused=self.fused)
        self.rounds = 0

    def round(self, game: Game) -> bool:
        self.optimiser.zero_grad()
        images = torch.rand(4, *game.shape, generator=game.rng)
        torch.autograd.backward(self.substitute(images).square().sum())
        self.optimiser.step()
        self.rounds += 1
        return True


@pytest.mark.parametrize("fused", [True, False])
def test_moments_stay_with_their_weights_though_layout_does_not_cross(fused: bool) -> None:
    whole, killed, resumed = Drawn(), Drawn(), Drawn()
    for each in (whole, killed, resumed):
        each.fused = fused
    games: list[Any] = [toy_game(House()) for _ in range(3)]
    whole.setup(games[0])
    for _ in range(4):
        whole.round(games[0])

    killed.setup(games[1])
    for _ in range(2):
        killed.round(games[1])
    state = unpacked(packed(state_of(killed, games[1])))
    assert state is not None
    resumed.setup(games[2])
    restore(resumed, games[2], state)
    for _ in range(2):
        resumed.round(games[2])

    assert resumed.rounds == 4
    for mine, theirs in zip(resumed.substitute.parameters(), whole.substitute.parameters(), strict=True):
        assert torch.equal(mine, theirs)
