"""What trainers for few answers are for: they beat ``standard`` at twenty answers, by more than seeds differ."""

from __future__ import annotations

from functools import cache
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

SEEDS = range(3)


SHORT = {
    "standard": Standard(StandardOptions(updates=3, epochs=1)),
    "distil": Distil(DistilOptions(updates=3)),
    "fixmatch": Fixmatch(FixmatchOptions(updates=3)),
    "mixmatch": Mixmatch(MixmatchOptions(updates=3)),
    "poisson": Poisson(PoissonOptions(rounds=2, epochs=1, updates=1)),
}


def accuracy(trainer: Trainer, seed: int) -> float:
    """Return what a small network learns from 20 of 1,300 digits, on the other 497."""
    data = load_digits()
    images, classes = torch.from_numpy(data.images).float()[:, None] / 16, torch.from_numpy(data.target).long()
    game: Any = SimpleNamespace(rng=torch.Generator().manual_seed(seed), classes=10, device=torch.device("cpu"))
    game.unlabelled, test = images[:1300], slice(1300, None)
    game.prepared = trainer.prepare(game)
    rows = torch.randperm(1300, generator=torch.Generator().manual_seed(seed))[:20]
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(108, 10))
    trained = trainer.fit(game, network, images[rows], classes[rows]).eval()
    with torch.no_grad():
        return float((trained(images[test]).argmax(1) == classes[test]).float().mean())


@cache
def standard(seed: int) -> float:
    return accuracy(Standard(), seed)


@pytest.mark.parametrize(
    "trainer",
    [
        Poisson(PoissonOptions(rounds=4, updates=1500)),
        Fixmatch(FixmatchOptions(updates=1000)),
        Mixmatch(MixmatchOptions(updates=1000)),
        Distil(DistilOptions(updates=1500)),
    ],
    ids=lambda trainer: trainer.name,
)
def test_twenty_answers_are_worth_more_than_to_standard(trainer: Trainer) -> None:
    gains = [accuracy(trainer, seed) - standard(seed) for seed in SEEDS]
    assert min(gains) > 0.05, gains


@pytest.mark.parametrize("trainer", SHORT.values(), ids=SHORT)
def test_it_trains_in_mixed_precision_and_prepares_in_full(trainer: Trainer) -> None:
    with computing("bf16", torch.device("cpu")):
        assert 0 <= accuracy(trainer, 0) <= 1
    images = torch.from_numpy(load_digits().images[:200]).float()[:, None] / 16
    prepared = []
    for precision in ("float32", "bf16"):
        game: Any = SimpleNamespace(rng=torch.Generator().manual_seed(0), device=torch.device("cpu"), unlabelled=images)
        with computing(precision, torch.device("cpu")):
            prepared.append(trainer.prepare(game))
    assert all(torch.equal(prepared[1][name], value) for name, value in prepared[0].items())
