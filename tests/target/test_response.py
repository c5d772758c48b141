"""The response ladder: what each rung leaves of an answer."""

from __future__ import annotations

import pytest
import torch

from benchbox.contracts import Access
from benchbox.target.meter import MeteredOracle
from benchbox.target.response import Response

SAID = torch.tensor([[0.62, 0.24, 0.14, 0.0], [0.25, 0.25, 0.26, 0.24]])


@pytest.mark.parametrize(
    ("rung", "left"),
    [
        ("probabilities", SAID),
        ("topk:2", torch.tensor([[0.62 / 0.86, 0.24 / 0.86, 0, 0], [0.25 / 0.51, 0, 0.26 / 0.51, 0]])),
        ("topk:1", torch.tensor([[1.0, 0, 0, 0], [0, 0, 1.0, 0]])),
        ("topk:9", SAID),
        ("rounded:1", torch.tensor([[6 / 9, 2 / 9, 1 / 9, 0], [0.2 / 0.9, 0.2 / 0.9, 0.3 / 0.9, 0.2 / 0.9]])),
        ("rounded:4", SAID),
        ("label", torch.tensor([0, 2])),
    ],
)
def test_a_rung_leaves_what_it_says_and_what_is_left_sums_to_one(rung: str, left: torch.Tensor) -> None:
    oracle = MeteredOracle(
        lambda images, access: SAID if access == "probabilities" else SAID.argmax(1), rung, 2, (1, 1, 1), "me"
    )
    answers = oracle.query(torch.zeros(2, 1, 1, 1))
    assert oracle.access is (Access.LABEL if rung == "label" else Access.PROBABILITIES)
    assert answers.dtype == left.dtype
    torch.testing.assert_close(answers, left)


def test_where_rounding_leaves_nothing_the_answer_says_nothing() -> None:
    said = torch.full((1, 1000), 0.001)
    torch.testing.assert_close(Response("rounded:2").cut(said), said)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("tokp:3", "did you mean 'topk:K'"),
        ("topk", "did you mean 'topk:K'"),
        ("topk:0", "did you mean 'topk:K'"),
        ("rounded:7", "at most 6 decimals"),
        ("Probabilities", "did you mean 'probabilities'"),
        ("scores", "label, topk:K, rounded:D or probabilities"),
    ],
)
def test_an_unknown_rung_is_refused_with_the_nearest(written: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Response(written)
