"""The meter: what is paid for, what is refused, and what an answer depends on."""

from __future__ import annotations

import itertools
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from benchbox.contracts import Access, BudgetExceeded, PluginError
from benchbox.target.answer import Answerer
from benchbox.target.meter import MeteredOracle

SHAPE = (1, 6, 6)
CPU = torch.device("cpu")


class CountingNet(nn.Module):
    """A small random network that counts its forward passes."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 5))
        self.passes = 0

    def forward(self, images: Tensor) -> Tensor:
        self.passes += 1
        return self.layers(images)


class Flipped(CountingNet):
    """Says of the classes in reverse what the other says of them."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images).flip(1)


def oracle(budget: int, access: Access = Access.PROBABILITIES, net: nn.Module | None = None) -> MeteredOracle:
    return MeteredOracle(Answerer(net or CountingNet(), CPU), access, budget, SHAPE, "selector 'mine'")


@given(budget=st.integers(0, 60), requests=st.lists(st.integers(0, 25), max_size=12))
@settings(max_examples=60, deadline=None)
def test_spent_and_remaining_always_add_up_and_a_refusal_costs_nothing(budget: int, requests: list[int]) -> None:
    net = CountingNet()
    asked = oracle(budget, net=net)
    for n in requests:
        before, passes = asked.spent, net.passes
        if n > asked.remaining:
            with pytest.raises(BudgetExceeded) as refusal:
                asked.query(torch.rand(n, *SHAPE))
            assert (refusal.value.asked, refusal.value.remaining) == (n, budget - before)
            assert asked.spent == before
            assert net.passes == passes, "a refused request reached a forward pass"
        else:
            assert len(asked.query(torch.rand(n, *SHAPE))) == n
            assert asked.spent == before + n
        assert asked.spent + asked.remaining == budget
        assert sum(row.queries for row in asked.ledger.rows(budget)) == asked.spent


@given(cuts=st.lists(st.integers(1, 299), max_size=6), access=st.sampled_from(list(Access)))
@settings(max_examples=40, deadline=None)
def test_answers_do_not_depend_on_how_the_caller_batches(cuts: list[int], access: Access) -> None:
    images = torch.rand(300, *SHAPE, generator=torch.Generator().manual_seed(1))
    whole = oracle(300, access).query(images)
    bounds = [0, *sorted(set(cuts)), 300]
    parts = oracle(300, access)
    pieces = [parts.query(images[a:b]) for a, b in itertools.pairwise(bounds)]
    assert torch.equal(torch.cat(pieces), whole)


def test_label_access_says_the_likeliest_class_and_nothing_else() -> None:
    images = torch.rand(40, *SHAPE)
    labels, probabilities = oracle(40, Access.LABEL).query(images), oracle(40).query(images)
    assert labels.dtype == torch.int64
    assert labels.shape == (40,)
    assert torch.equal(labels, probabilities.argmax(1))
    assert torch.allclose(probabilities.sum(1), torch.ones(40))


def test_duplicates_are_paid_for() -> None:
    asked = oracle(10)
    image = torch.rand(1, *SHAPE)
    asked.query(image.repeat(5, 1, 1, 1))
    asked.query(image)
    assert asked.spent == 6


def test_images_outside_the_unit_range_are_clipped_and_counted() -> None:
    asked, reference = oracle(10), oracle(10)
    images = torch.rand(4, *SHAPE)
    wild = images.clone()
    wild[0, 0, 0, 0], images[0, 0, 0, 0] = 7.0, 1.0
    wild[2, 0, 1, 1], images[2, 0, 1, 1] = -0.5, 0.0
    assert torch.equal(asked.query(wild), reference.query(images))
    assert [row.clipped for row in asked.ledger.rows(10)] == [2]


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (torch.full((2, *SHAPE), float("nan")), "NaN"),
        (torch.rand(2, 1, 5, 6), r"shape \(2, 1, 5, 6\)"),
        (torch.zeros(2, *SHAPE, dtype=torch.int64), "int64"),
        ([[1.0]], "list"),
    ],
)
def test_images_that_break_the_contract_are_refused_by_name_and_cost_nothing(images: Tensor, said: str) -> None:
    asked = oracle(10)
    with pytest.raises(PluginError, match=said) as error:
        asked.query(images)
    assert "selector 'mine'" in str(error.value)
    assert asked.spent == 0


def test_the_ledger_keeps_phases_apart_and_its_digest_follows_images_and_answers() -> None:
    images = torch.rand(6, *SHAPE, generator=torch.Generator().manual_seed(2))
    first, same, other = oracle(20), oracle(20), oracle(20)
    for asked, batch in ((first, images), (same, images), (other, images.flip(0))):
        asked.query(batch[:2], phase="seed")
        asked.query(batch[2:], phase="main")
    assert [(row.phase, row.queries) for row in first.ledger.rows(20)] == [("seed", 2), ("main", 4)]
    assert first.ledger.rows(20) == same.ledger.rows(20)
    assert first.ledger.rows(20)[0].digest != other.ledger.rows(20)[0].digest


def test_a_digest_tells_requests_apart_that_differ_in_an_earlier_one_or_in_an_answer_alone() -> None:
    images, same = torch.rand(4, *SHAPE), torch.rand(3, *SHAPE)
    asked = [oracle(20), oracle(20), oracle(20, net=Flipped())]
    for each, first in zip(asked, (images[:2], images[2:], images[:2]), strict=True):
        each.query(first)
        each.query(same)
    assert len({each.ledger.rows(20)[0].digest for each in asked}) == 3


def test_clipped_images_add_up_over_the_requests_of_a_phase() -> None:
    asked, wild = oracle(20), torch.rand(3, *SHAPE) + 1
    for phase, n in (("seed", 2), ("main", 3), ("main", 1)):
        asked.query(wild[:n], phase=phase)
    asked.query(torch.rand(2, *SHAPE))
    assert [(row.phase, row.clipped) for row in asked.ledger.rows(20)] == [("seed", 2), ("main", 4)]


def test_a_resumed_meter_goes_on_where_it_stood() -> None:
    images = torch.rand(9, *SHAPE)
    whole, before, after = oracle(20), oracle(20), oracle(20)
    whole.query(images[:4])
    whole.query(images[4:])
    before.query(images[:4])
    after.load_state_dict(pickle.loads(pickle.dumps(before.state_dict())))
    after.query(images[4:])
    assert (after.spent, after.ledger.rows(20)) == (whole.spent, whole.ledger.rows(20))


def test_budget_exceeded_survives_the_way_from_a_worker() -> None:
    error = pickle.loads(pickle.dumps(BudgetExceeded(5, 3)))
    assert (error.asked, error.remaining) == (5, 3)


def test_a_request_is_paid_for_before_it_is_answered_and_none_is_made_within_another() -> None:
    seen: list[tuple[int, int]] = []

    def answer(images: Tensor, access: Access) -> Tensor:
        seen.append((asked.spent, asked.remaining))
        with pytest.raises(PluginError, match="selector 'mine' asked the oracle while it was being answered"):
            asked.query(images)
        return images.flatten(1).sum(1).long()

    asked = MeteredOracle(answer, Access.LABEL, 10, SHAPE, "selector 'mine'")
    asked.query(torch.rand(4, *SHAPE))
    assert seen == [(4, 6)]
    assert asked.spent == 4
    assert [row.queries for row in asked.ledger.rows(10)] == [4]


def test_a_request_whose_answer_fails_stays_paid_and_the_next_one_is_answered() -> None:
    fails = [True]

    def answer(images: Tensor, access: Access) -> Tensor:
        if fails.pop():
            raise RuntimeError("no memory")
        return torch.zeros(len(images), dtype=torch.int64)

    asked = MeteredOracle(answer, Access.LABEL, 10, SHAPE, "selector 'mine'")
    with pytest.raises(RuntimeError, match="no memory"):
        asked.query(torch.rand(4, *SHAPE))
    fails.append(False)
    asked.query(torch.rand(4, *SHAPE))
    assert asked.spent == 8


def test_what_was_refused_is_remembered() -> None:
    asked = oracle(3)
    assert asked.refused is None
    with pytest.raises(BudgetExceeded):
        asked.query(torch.rand(4, *SHAPE))
    asked.query(torch.rand(3, *SHAPE))
    assert str(asked.refused) == "asked for 4 answers with 3 queries remaining"


def test_nothing_asked_is_nothing_paid_and_enters_no_phase() -> None:
    asked = oracle(3)
    assert asked.query(torch.rand(0, *SHAPE), phase="empty").shape == (0, 5)
    assert (asked.spent, asked.ledger.rows(3)) == (0, [])
