"""Few answers spread over a pool: the graph's parts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from benchbox_plugins.trainers._graph import Graph, balanced, neighbours
from benchbox_plugins.trainers.poisson import Poisson
from torch import Tensor, nn

from benchbox.contracts import NotApplicable


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


@pytest.mark.parametrize(
    ("pool", "said"),
    [(torch.rand(1, 1, 8, 8), "the attacker has a single one"), (torch.zeros(30, 1, 8, 8), "images are blank")],
)
def test_a_pool_that_no_graph_can_be_made_of_is_told_in_a_sentence(pool: Tensor, said: str) -> None:
    game: Any = SimpleNamespace(unlabelled=pool, device=torch.device("cpu"), rng=torch.Generator())
    with pytest.raises(NotApplicable, match=said):
        Poisson().prepare(game)


def test_balancing_makes_classes_equally_frequent_and_leaves_the_missing_out() -> None:
    belief = torch.rand((200, 4), generator=torch.Generator().manual_seed(0)) * torch.tensor([4.0, 1.0, 0.5, 0.0])
    even = balanced(belief / belief.sum(1, keepdim=True))
    assert even.mean(0) == pytest.approx(torch.tensor([1 / 3, 1 / 3, 1 / 3, 0.0]), abs=0.01)
