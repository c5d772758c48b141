"""Supervised training on the answers: how long it trains, and what it learns."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from benchbox_plugins.trainers.standard import Standard, StandardOptions
from torch import Tensor, nn


def blobs(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Two classes that a linear network can tell apart."""
    rng = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 2
    images = torch.rand(n, 1, 4, 4, generator=rng) * 0.5 + labels[:, None, None, None] * 0.4
    return images, labels


def trained(images: Tensor, answers: Tensor, seed: int = 0, **options: object) -> nn.Module:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(16), nn.Linear(16, 2))
    game = SimpleNamespace(rng=torch.Generator().manual_seed(seed), device=torch.device("cpu"))
    chosen = StandardOptions.model_validate({"updates": 90, **options})
    return Standard(chosen).fit(game, network, images, answers).eval()  # type: ignore[arg-type]


def weights(model: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.parametrize(
    ("k", "passes"), [(1, 1800), (50, 360), (100, 180), (150, 120), (300, 60), (600, 30), (6000, 30)]
)
def test_few_images_are_passed_as_often_as_it_takes_to_make_as_many_steps(k: int, passes: int) -> None:
    assert Standard().passes(k) == passes


@pytest.mark.parametrize(("k", "epochs"), [(150, 15), (300, 20), (600, 30), (6000, 30), (50, 12)])
def test_the_papers_profile_has_the_epochs_of_its_table(k: int, epochs: int) -> None:
    assert Standard(StandardOptions.model_validate(Standard.profiles["drmi-paper"])).passes(k) == epochs


@pytest.mark.parametrize("soft", [False, True], ids=["labels", "probabilities"])
def test_a_substitute_learns_its_answers(soft: bool) -> None:
    images, labels = blobs(60)
    answers = nn.functional.one_hot(labels, 2) * 0.9 + 0.05 if soft else labels
    model = trained(images, answers, updates=200)
    x, y = blobs(100, seed=1)
    assert (model(x).argmax(1) == y).float().mean() > 0.95
    if soft:
        assert model(x).softmax(1).max() < 0.995, "soft answers keep it from certainty"


def test_the_same_stream_gives_the_same_substitute() -> None:
    images, labels = blobs(40)
    assert torch.equal(weights(trained(images, labels)), weights(trained(images, labels)))
    assert not torch.equal(weights(trained(images, labels)), weights(trained(images, labels, seed=1)))


def test_no_batch_is_left_with_a_single_image() -> None:
    trained(*blobs(21))  # batch norm refuses a batch of one
