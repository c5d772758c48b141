"""What trainers for few answers are for: they beat ``standard`` at twenty answers, by more than seeds can make."""

from __future__ import annotations

from functools import cache
from statistics import fmean
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from benchbox_plugins.trainers.distil import Distil, DistilOptions
from benchbox_plugins.trainers.fixmatch import Fixmatch, FixmatchOptions
from benchbox_plugins.trainers.mixmatch import Mixmatch, MixmatchOptions
from benchbox_plugins.trainers.poisson import Poisson, PoissonOptions
from benchbox_plugins.trainers.standard import Standard, StandardOptions
from sklearn.datasets import load_digits
from torch import nn

from benchbox.contracts import Trainer
from benchbox.devices import computing
from benchbox.testing.arena import House, play
from benchbox.testing.keeper import Keeper, Killed
from benchbox.testing.toys import FirstRows

DRAWS = range(3)

SHORT = {
    "standard": Standard(StandardOptions(updates=3, epochs=1)),
    "distil": Distil(DistilOptions(updates=3)),
    "fixmatch": Fixmatch(FixmatchOptions(updates=3)),
    "mixmatch": Mixmatch(MixmatchOptions(updates=3)),
    "poisson": Poisson(PoissonOptions(rounds=2, epochs=1, updates=1)),
}


def accuracy(trainer: Trainer, draw: int, start: int) -> float:
    """Return what a small network learns from 20 of 1,300 digits, drawn by one seed, with weights of another, on 497 others."""
    data = load_digits()
    images, classes = torch.from_numpy(data.images).float()[:, None] / 16, torch.from_numpy(data.target).long()
    game: Any = SimpleNamespace(rng=torch.Generator().manual_seed(start), classes=10, device=torch.device("cpu"))
    game.unlabelled, test = images[:1300], slice(1300, None)
    game.prepared = trainer.prepare(game)
    rows = torch.randperm(1300, generator=torch.Generator().manual_seed(draw))[:20]
    torch.manual_seed(start)
    network = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(108, 10))
    trained = trainer.fit(game, network, images[rows], classes[rows]).eval()
    with torch.no_grad():
        return float((trained(images[test]).argmax(1) == classes[test]).float().mean())


@cache
def best_of_standard() -> float:
    """Return the mean over draws of what ``standard`` comes to from its best start of four."""
    return fmean(max(accuracy(Standard(), draw, start) for start in range(4)) for draw in DRAWS)


@pytest.mark.parametrize(
    "trainer",
    [
        Poisson(PoissonOptions(rounds=4, updates=1500)),
        Fixmatch(FixmatchOptions(updates=1000)),
        Mixmatch(MixmatchOptions(updates=1000)),
        Distil(),
    ],
    ids=lambda trainer: trainer.name,
)
def test_twenty_answers_are_worth_more_than_to_standard(trainer: Trainer) -> None:
    worst = fmean(min(accuracy(trainer, draw, start) for start in range(2)) for draw in DRAWS)
    assert worst > best_of_standard() + 0.02, "its worse starts are ahead of the best of standard, on the same images"


@pytest.mark.parametrize("trainer", SHORT.values(), ids=SHORT)
def test_a_killed_run_goes_on_behind_its_first_budget_to_the_same_substitute(trainer: Trainer) -> None:
    house = House(uses=trainer.wants())
    whole, keeper = play(FirstRows(), house, train=lambda: trainer), Keeper(kill_after=2)
    with pytest.raises(Killed):  # in the second lesson: what the first came to is kept, and what was prepared
        play(FirstRows(), house, keeper, train=lambda: trainer)
    state = keeper.load()
    assert state is not None
    assert state["state"]["open"] == [house.budgets[-1]]
    assert play(FirstRows(), house, Keeper(kept=keeper.kept), train=lambda: trainer).trace == whole.trace


@pytest.mark.parametrize("trainer", SHORT.values(), ids=SHORT)
def test_it_trains_in_mixed_precision_and_prepares_in_full(trainer: Trainer) -> None:
    with computing("bf16", torch.device("cpu")):
        assert 0 <= accuracy(trainer, 0, 0) <= 1
    images = torch.from_numpy(load_digits().images[:200]).float()[:, None] / 16
    prepared = []
    for precision in ("float32", "bf16"):
        game: Any = SimpleNamespace(rng=torch.Generator().manual_seed(0), device=torch.device("cpu"), unlabelled=images)
        with computing(precision, torch.device("cpu")):
            prepared.append(trainer.prepare(game))
    assert all(torch.equal(prepared[1][name], value) for name, value in prepared[0].items())
