"""A network gives one logit a class, or it is refused by its model's name before it is trained or asked."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from benchbox.errors import PluginError
from benchbox.target.network import check_logits


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (nn.Flatten(), r"gives \(2, 4\) for 2 images; expected \(2, 3\)"),
        (nn.Sequential(nn.Flatten(), nn.Unflatten(1, (4, 1))), r"gives \(2, 4, 1\)"),
        (nn.LSTM(2, 3), "gives tuple"),
        (nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.Softmax(1)), "ends in a softmax; expected logits"),
        (nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.LogSoftmax(1)), "ends in a log-softmax; expected logits"),
    ],
)
def test_a_model_without_a_logit_a_class_is_refused_by_name(made: nn.Module, said: str) -> None:
    shape: tuple[int, ...] = (2, 2) if isinstance(made, nn.LSTM) else (1, 2, 2)
    with pytest.raises(PluginError, match=f"^model 'odd' builds a network that {said}"):
        check_logits("odd", made, shape, 3)  # type: ignore[arg-type]


@pytest.mark.parametrize(("classes", "last"), [(3, nn.Identity()), (3, nn.ReLU()), (1, nn.LogSoftmax(1))])
def test_others_pass_and_are_left_in_eval_mode(classes: int, last: nn.Module) -> None:
    made = nn.Sequential(nn.Flatten(), nn.Linear(4, classes), nn.BatchNorm1d(classes), last).train()
    before = torch.random.get_rng_state()
    check_logits("sound", made, (1, 2, 2), classes)
    assert not made.training
    assert torch.equal(torch.random.get_rng_state(), before)
