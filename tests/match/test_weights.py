"""An offer is weights of the scenario's network, and nothing else is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from benchbox.errors import PluginError
from benchbox.match.weights import check_weights

WHO = "generator 'mine'"


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))


def offered(change: Callable[[dict[str, Any]], object]) -> dict[str, Tensor]:
    weights = dict(network().state_dict())
    change(weights)
    return weights


def test_a_networks_own_weights_pass_in_any_order() -> None:
    weights = offered(lambda w: w["0.weight"].fill_(3e38))
    check_weights(WHO, network(), dict(reversed(weights.items())))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w.pop("0.bias"), "it lacks '0.bias'"),
        (lambda w: w.clear(), "it lacks '0.bias'"),
        (lambda w: w.update(extra=torch.ones(1)), "it has besides 'extra'"),
        (lambda w: w.update({"x" * 500: torch.ones(1)}), "it has besides '" + "x" * 77 + r"\.\.\.'"),
        (lambda w: w.update({"0.bias": torch.ones(4)}), r"'0.bias' of torch.float32 and shape \(4,\); expected .* \(3,\)"),
        (lambda w: w.update({"0.bias": torch.ones(1, 3)}), r"shape \(1, 3\)"),
        (lambda w: w.update({"0.bias": torch.ones(3).double()}), "of torch.float64"),
        (lambda w: w["0.bias"].fill_(float("nan")), "'0.bias' with NaN or infinity"),
        (lambda w: w["1.running_var"].fill_(float("inf")), "'1.running_var' with NaN or infinity"),
        (lambda w: w.update({"1.num_batches_tracked": torch.tensor(1.0)}), "expected torch.int64"),
    ],
)  # fmt: skip
def test_what_is_not_the_networks_is_refused_by_name(change: Callable[[dict[str, Any]], object], said: str) -> None:
    with pytest.raises(PluginError, match=f"^{WHO} offered .*{said}"):
        check_weights(WHO, network(), offered(change))
