"""MEGA: the balanced noise set, the cost of a round, no collapse."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from benchbox_plugins.generators import _training
from generator_games import MakeGame, accuracy

from benchbox.contracts import Generator
from benchbox.errors import BenchboxError

Make = Callable[[str], Generator]


@pytest.mark.parametrize(
    "spec", ["mega[width=8,z=16]", "mega[width=8,z=16,output=sigmoid]", "mega[width=8,z=16,output=relu]"]
)
def test_no_class_swallows_the_others(spec: str, make: Make, game: MakeGame) -> None:
    table = game((1000, 3000))
    table.play(make(spec))
    shares = table.noted("commonest")
    assert len(shares) >= 3
    assert not any(min(three) > 0.95 for three in zip(shares, shares[1:], shares[2:], strict=False))


def test_the_search_for_balance_and_every_round_are_paid_for(make: Make, game: MakeGame) -> None:
    table = game((300, 900, 3000))
    method = make("mega[width=8,balance_share=0.4,rounds=6]")
    table.play(method)
    kept = int(table.noted("kept")[-1])
    rounds = [d.spent for d in table.notes.diagnostics if d.name == "commonest" and d.spent > 1200]
    assert table.phases() == {"balance": 1200, "main": 1800}
    assert kept <= (3000 - 1200) // 6
    sizes = [now - before for before, now in pairwise([1200, *rounds])]
    assert len(sizes) == -(-1800 // kept)  # as few rounds as hold all noise at most once
    assert max(sizes) - min(sizes) <= 1
    assert rounds[-1] == 3000


def test_images_beyond_the_range_are_clipped_and_counted(make: Make, game: MakeGame) -> None:
    table = game((400,))
    table.play(make("mega[width=8,output=relu]"))
    assert any(row.clipped for row in table.meter.ledger.rows(0))


@pytest.mark.parametrize("budgets", [(500, 1000, 2000, 5000), (1500, 2001), (667, 2000), (100, 2000, 2300)])
def test_rounds_end_at_budget_points_and_none_is_of_a_few_images(
    budgets: tuple[int, ...], make: Make, game: MakeGame
) -> None:
    table = game(budgets)
    points = [offer.spent for offer in table.play(make("mega[width=8,z=16,networks=3]"))]
    assert set(budgets) <= set(points)
    assert min(now - before for before, now in pairwise(points)) >= 50


def test_what_it_trains_on_is_what_the_target_saw(make: Make, game: MakeGame, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[torch.Tensor] = []
    real = _training.fit
    monkeypatch.setattr(_training, "fit", lambda *given: (trained.append(given[2].clone()), real(*given))[1])
    table = game((400,))
    table.play(make("mega[width=8,output=relu,replay=0]"))
    assert any(row.clipped for row in table.meter.ledger.rows(0))  # or the next line shows nothing
    assert all(images.min() >= 0 and images.max() <= 1 for images in trained)


def test_small_budget_points_are_scored_with_what_was_paid_by_then(make: Make, game: MakeGame) -> None:
    table = game((200, 400, 800, 4000))
    scores = {o.spent: accuracy(table.substitute(o)) for o in table.play(make("mega[width=16]"))}
    assert {0, 200, 400, 800, 4000} <= set(scores)
    assert scores[800] > scores[0] + 0.2


def test_depths_in_the_wrong_order_are_one_sentence(make: Make) -> None:
    with pytest.raises(BenchboxError, match="shallow=5 is more than deep=4"):
        make("mega[shallow=5]")


def test_the_authors_profile_plays_on_28x28_images() -> None:
    from benchbox_plugins.generators._networks import SmallGenerator, authors_generator, positive
    from torch import nn

    network = authors_generator(128, (1, 28, 28))
    positive(network)
    assert isinstance(network, SmallGenerator)
    assert network(torch.randn(2, 128)).shape == (2, 1, 28, 28)
    assert all(m.weight.min() >= 0 for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d))
