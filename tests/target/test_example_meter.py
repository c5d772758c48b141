"""The meter of query attacks: a row over its budget is refused, the others of the batch are answered."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from benchbox.contracts import Access, Blocked, BudgetExceeded, Defence, PluginError, Told
from benchbox.target.example_meter import ExampleMeter
from benchbox.target.guard import Guard
from benchbox.target.meter import MeteredOracle

SHAPE = (1, 2, 2)
EXAMPLES, BUDGET = 4, 5


class Target:
    """Answers with the first value of each image, and counts."""

    def __init__(self) -> None:
        self.answered = 0

    def __call__(self, images: Tensor, access: Access) -> Tensor:
        self.answered += len(images)
        return images.flatten(1)[:, 0]


def meter(target: Target) -> ExampleMeter:
    oracle = MeteredOracle(target, Access.LABEL, EXAMPLES * BUDGET, SHAPE, "query-attack 'mine'")
    return ExampleMeter(oracle, EXAMPLES, BUDGET)


@given(st.lists(st.lists(st.integers(0, EXAMPLES - 1), max_size=12), max_size=8))
@settings(max_examples=50, deadline=None)
def test_every_row_is_answered_up_to_its_budget_in_the_order_in_which_it_is_asked(requests: list[list[int]]) -> None:
    target, left, number = Target(), [BUDGET] * EXAMPLES, 0
    counted = meter(target)
    for rows in requests:
        images = (torch.arange(number, number + len(rows)).float() / 1000).view(-1, 1, 1, 1).expand(-1, *SHAPE)
        number += len(rows)
        wanted = []
        for row in rows:
            wanted.append(left[row] > 0)
            left[row] -= wanted[-1]
        if rows and not any(wanted):
            with pytest.raises(BudgetExceeded):
                counted.ask(torch.tensor(rows), images, "main")
            continue
        found = counted.ask(torch.tensor(rows, dtype=torch.int64), images, "main")
        assert found.kept.tolist() == wanted
        assert torch.equal(found.answers, images[found.kept].flatten(1)[:, 0])
        assert len(found.places) == sum(wanted)
    assert counted.counts.tolist() == [BUDGET - n for n in left]
    assert sum(counted.counts.tolist()) == counted.oracle.spent == target.answered
    assert sum(row.queries for row in counted.oracle.ledger.rows(BUDGET)) == target.answered


class Wall(Defence):
    """Blocks every image."""

    name = "wall"
    version = 1

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        return Told(probabilities, blocked=torch.ones(len(images), dtype=torch.bool))


def test_what_is_asked_behind_the_block_that_ended_the_game_costs_no_row() -> None:
    def even(images: Tensor, access: Access) -> Tensor:
        return torch.full((len(images), 2), 0.5)

    oracle = MeteredOracle(even, Access.PROBABILITIES, 20, SHAPE, "query-attack 'mine'", Guard(Wall(), 0, ends=True))
    counted = ExampleMeter(oracle, EXAMPLES, BUDGET)
    counted.ask(torch.tensor([0, 1]), torch.zeros(2, *SHAPE), "main")
    before = counted.counts.tolist()
    with pytest.raises(Blocked):
        counted.ask(torch.tensor([2, 3, 3]), torch.zeros(3, *SHAPE), "main")
    assert counted.counts.tolist() == before


def test_a_place_says_which_query_of_its_row_an_image_was() -> None:
    counted = meter(Target())
    rows = torch.tensor([2, 0, 2, 2])
    assert counted.ask(rows, torch.zeros(4, *SHAPE), "main").places.tolist() == [1, 1, 2, 3]
    assert counted.ask(rows, torch.zeros(4, *SHAPE), "main").places.tolist() == [4, 2, 5]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (torch.tensor([0.0]), "a whole number for each image"),
        (torch.tensor([True]), "a whole number for each image"),
        (torch.tensor([0, 1]), "a whole number for each image"),
        (torch.tensor([[0]]), "a whole number for each image"),
        (torch.tensor([4]), "asked for row 4; its examples are rows 0 to 3"),
        (torch.tensor([-1]), "asked for row -1; its examples are rows 0 to 3"),
    ],
)
def test_what_are_no_rows_is_refused(rows: Tensor, said: str) -> None:
    target = Target()
    with pytest.raises(PluginError, match=f"query-attack 'mine' .*{said}"):
        meter(target).ask(rows, torch.zeros(1, *SHAPE), "main")
    assert not target.answered
