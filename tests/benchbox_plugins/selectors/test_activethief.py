"""ActiveThief: its validation, its strategies, and the parts that they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from benchbox_plugins.selectors._deepfool import deepfool_lengths
from benchbox_plugins.selectors._farthest import farthest_first
from benchbox_plugins.selectors._validated import Answered, Schedule, macro_f1, train_validated
from sklearn.metrics import f1_score
from test_selector_contract import selector
from torch import Tensor, nn

from benchbox.contracts import Access

STRATEGIES = ["k-centre", "uncertainty", "adversarial", "adversarial+k-centre", "random"]


@pytest.mark.parametrize("access", list(Access))
def test_a_fifth_is_paid_for_validation_and_the_rest_in_rounds(access: Access, match: Any) -> None:
    played = match(selector("activethief[rounds=4,epochs=3]"), 80, access=access)
    assert played.spent() == [80]
    assert played.phases(80) == {
        "validation": 16,
        "seed": 10,
        "round 1": 13,
        "round 2": 14,
        "round 3": 13,
        "round 4": 14,
    }
    assert played.trained == [64]


def test_validation_has_a_most(match: Any) -> None:
    assert match(selector("activethief[validation=5,epochs=2]"), 80).phases(80)["validation"] == 5


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_is_validated_on_is_not_among_the_choice(strategy: str, game: Any) -> None:
    made = game(budget=60)
    rows = selector(f"activethief[strategy={strategy},rounds=2,epochs=3]").select(made, 48)
    validation, chosen = made.oracle.asked[0], made.pool.images[rows]
    assert len(validation) == 12
    assert (torch.cdist(validation.flatten(1), chosen.flatten(1)).min() > 0).item()
    assert torch.equal(torch.cat(made.oracle.asked[1:]), chosen)


def test_strategies_ask_different_images(game: Any) -> None:
    choices = {
        tuple(selector(f"activethief[strategy={s},rounds=2,epochs=3]").select(game(budget=60), 48).tolist())
        for s in STRATEGIES
    }
    assert len(choices) == len(STRATEGIES)


def test_rows_that_are_there_already_are_kept_away_from_and_not_chosen() -> None:
    vectors = torch.rand((60, 3), generator=torch.Generator().manual_seed(0))
    there = torch.tensor([4, 9, 30])
    rows = there.tolist()
    for row in farthest_first(vectors, 10, there).tolist():
        distances = torch.cdist(vectors, vectors[rows]).min(1).values
        assert row not in rows
        assert distances[row] == pytest.approx(float(distances.max()), abs=1e-5)
        rows.append(row)


def test_deepfool_finds_the_distance_to_a_linear_networks_nearest_plane() -> None:
    images = torch.rand((50, 1, 4, 4), generator=torch.Generator().manual_seed(0))
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 5))
    weight, logits = network[1].weight.detach(), network(images).detach()
    said = logits.argmax(1)
    planes = (weight[None] - weight[said][:, None]).norm(dim=2)
    away = (logits.max(1).values[:, None] - logits) / planes
    away[torch.arange(50), said] = torch.inf
    torch.testing.assert_close(deepfool_lengths(network, images, 10), 1.02 * away.min(1).values, rtol=1e-3, atol=1e-5)


def test_deepfools_changes_are_enough_on_a_curved_network(digits: Any, target: nn.Sequential) -> None:
    images = digits[0][:40]
    few, many = (deepfool_lengths(target, images, steps) for steps in (1, 30))
    assert (many >= few - 1e-5).all()
    assert (many > few + 1e-4).any()


def test_macro_f1_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    said, classes = rng.random((80, 6)), rng.integers(0, 4, 80)
    said[:, 5] = 0
    ours = macro_f1(torch.from_numpy(said), torch.from_numpy(classes))
    assert ours == pytest.approx(f1_score(classes, said.argmax(1), average="macro"))


class Counting(nn.Sequential):
    """Counts its passes in training."""

    passes = 0

    def forward(self, images: Tensor) -> Tensor:
        self.passes += self.training
        return super().forward(images)  # type: ignore[no-any-return]


@pytest.mark.parametrize(("held", "passes"), [(0, 4), (40, 7)])
def test_training_stops_when_validation_no_longer_rises_and_takes_the_best(held: int, passes: int, digits: Any) -> None:
    images, labels = digits
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Counting(nn.Flatten(), nn.Linear(64, 10))
    known = Answered(images[:30], labels[:30])
    validation = Answered(images[100 : 100 + held], labels[100 : 100 + held])
    scores: list[float] = []
    network.register_forward_hook(
        lambda net, _, out: None if net.training else scores.append(macro_f1(out, validation.classes))
    )
    plan = Schedule(epochs=1000, patience=4, batch=30, rate=0.3)
    train_validated(network, known, validation, plan, torch.Generator().manual_seed(0))
    if held:
        best = int(np.argmax(scores))
        assert network.passes == len(scores) == best + 1 + 4
        assert macro_f1(network(validation.images), validation.classes) == pytest.approx(scores[best])
    else:
        assert network.passes == passes
