"""Few answers spread over a pool: the graph's parts, and that they are worth more than answers alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from benchbox_plugins.trainers._augment import augmented
from benchbox_plugins.trainers._graph import Graph, balanced, neighbours
from benchbox_plugins.trainers.poisson import Poisson, PoissonOptions
from benchbox_plugins.trainers.standard import Standard
from sklearn.datasets import load_digits
from torch import Tensor, nn


def clusters(n: int = 60) -> tuple[Tensor, Tensor]:
    """Three groups of points, and which is whose."""
    classes = torch.arange(n) % 3
    centres = torch.tensor([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    return centres[classes] + 0.3 * torch.randn((n, 2), generator=torch.Generator().manual_seed(0)), classes


def test_neighbours_are_the_nearest_others() -> None:
    rows, _ = clusters()
    near, squares = neighbours(rows, 5)
    distances = torch.cdist(rows, rows).fill_diagonal_(torch.inf)
    expected = distances.topk(5, largest=False)
    assert torch.equal(near, expected.indices)
    assert torch.allclose(squares, expected.values.square(), atol=1e-4)


def test_one_answer_a_group_names_the_group_and_an_unasked_class_gets_nothing() -> None:
    rows, classes = clusters()
    graph = Graph(*neighbours(rows, 8))
    answers = nn.functional.one_hot(torch.tensor([0, 1, 2]), 4).float()
    belief = graph.spread(torch.tensor([0, 1, 2]), answers)
    assert torch.equal(belief.argmax(1), classes)
    assert belief[:, 3].max() == 0
    assert torch.allclose(belief.sum(1), torch.ones(len(rows)))


def test_balancing_makes_classes_equally_frequent_and_leaves_the_missing_out() -> None:
    belief = torch.rand((200, 4), generator=torch.Generator().manual_seed(0)) * torch.tensor([4.0, 1.0, 0.5, 0.0])
    even = balanced(belief / belief.sum(1, keepdim=True))
    assert even.mean(0) == pytest.approx(torch.tensor([1 / 3, 1 / 3, 1 / 3, 0.0]), abs=0.01)


def test_changes_of_no_strength_change_nothing_and_others_are_drawn_for_each_image() -> None:
    image = torch.rand((1, 1, 28, 28), generator=torch.Generator().manual_seed(0)).expand(2, -1, -1, -1)
    rng = torch.Generator().manual_seed(1)
    assert torch.equal(augmented(image, "affine", 0, rng), image)
    for how in ("affine", "crop"):
        first, second = augmented(image, how, 1, rng)  # type: ignore[arg-type]
        assert not torch.equal(first, second)


def test_on_digits_twenty_answers_are_worth_far_more_with_the_unlabelled_pool() -> None:
    data = load_digits()
    images, classes = torch.from_numpy(data.images).float()[:, None] / 16, torch.from_numpy(data.target).long()
    pool, test = slice(0, 1300), slice(1300, None)
    scores: dict[str, list[float]] = {"poisson": [], "standard": []}
    for seed in range(3):
        game: Any = SimpleNamespace(rng=torch.Generator().manual_seed(seed), classes=10, device=torch.device("cpu"))
        game.unlabelled = images[pool]
        rows = torch.randperm(1300, generator=torch.Generator().manual_seed(seed))[:20]
        for trainer in (Poisson(PoissonOptions(rounds=4, updates=1500)), Standard()):
            torch.manual_seed(seed)
            network = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(108, 10))
            game.prepared = trainer.prepare(game) if trainer.name == "poisson" else {}
            network = trainer.fit(game, network, images[rows], classes[rows]).eval()  # type: ignore[assignment]
            with torch.no_grad():
                scores[trainer.name].append(float((network(images[test]).argmax(1) == classes[test]).float().mean()))
    gains = [p - s for p, s in zip(scores["poisson"], scores["standard"], strict=True)]
    assert min(gains) > 0.05, scores
