"""Distances against examples whose changes are known, and the edge of a threat."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from benchbox.contracts import PluginError
from benchbox.contracts.threat import Norm, Threat
from benchbox.scoring.distances import check_threat, halfway, joined, norms, summary

CLEAN = torch.full((3, 1, 2, 2), 0.5)


def moved(*changes: tuple[float, ...]) -> Tensor:
    return CLEAN + torch.tensor(changes).reshape(3, 1, 2, 2)


EXAMPLES = moved((0.3, 0.0, 0.0, 0.4), (0.1, 0.1, 0.1, 0.1), (0.0, 0.0, 0.0, 0.0))


def test_mean_and_largest_of_each_distance() -> None:
    found = summary(norms(CLEAN, EXAMPLES))
    assert found == pytest.approx(
        {
            "linf_mean": 0.5 / 3,
            "linf_max": 0.4,
            "l2_mean": (0.5 + 0.2) / 3,
            "l2_max": 0.5,
            "l0_mean": 2.0,
            "l0_max": 4.0,
        }
    )


@pytest.mark.parametrize(("norm", "scale"), [("inf", 1.0), ("2", 2.0)])
def test_halfway_to_another_class(norm: Norm, scale: float) -> None:
    """Of four images two and two are of one class: it is the other class that counts, and the nearest of it."""
    images = torch.tensor([0.0, 0.1, 0.4, 0.5])[:, None, None, None].expand(4, 1, 2, 2)
    found = [halfway(images, torch.tensor(labels), norm) for labels in ([0, 1, 1, 1], [0, 0, 1, 1], [3, 3, 3, 3])]
    nearest = [0.1, 0.1, 0.4, 0.5], [0.4, 0.3, 0.3, 0.4]  # the lower of the middle two
    assert found == pytest.approx([*(scale * sorted(each)[1] / 2 for each in nearest), math.inf])


def test_a_rounded_value_has_not_changed() -> None:
    assert summary(norms(CLEAN, CLEAN + 1e-7))["l0_max"] == 0
    assert summary(norms(CLEAN, CLEAN + 1e-5))["l0_max"] == 4


def test_examples_measured_in_parts_give_what_they_give_together() -> None:
    parts = joined([norms(CLEAN[:2], EXAMPLES[:2]), norms(CLEAN[2:], EXAMPLES[2:])])
    assert summary(parts) == summary(norms(CLEAN, EXAMPLES))


def test_no_examples_have_no_distance() -> None:
    assert summary(norms(CLEAN[:0], CLEAN[:0])) == {}


@pytest.mark.parametrize(("norm", "radius"), [("inf", 0.4), ("inf", 0.399995), ("2", 0.5), ("2", 0.49996)])
def test_what_lies_within_the_threat_passes_rounding_and_all(norm: str, radius: float) -> None:
    check_threat("attack 'x'", Threat(norm, radius), CLEAN, EXAMPLES)


@pytest.mark.parametrize(
    ("norm", "radius", "said"),
    [
        ("inf", 0.39, r"attack 'x' left its threat, L-infinity within 0.39: 1 of 3 examples .* the furthest at 0\.4$"),
        ("2", 0.1, r"attack 'x' left its threat, L2 within 0.1: 2 of 3 examples lie outside, the furthest at 0\.5$"),
    ],
)
def test_what_lies_outside_is_refused_in_one_sentence(norm: str, radius: float, said: str) -> None:
    with pytest.raises(PluginError, match=said):
        check_threat("attack 'x'", Threat(norm, radius), CLEAN, EXAMPLES)


@pytest.mark.parametrize("norm", ["inf", "2"])
def test_what_is_no_number_lies_outside_every_threat(norm: str) -> None:
    broken = EXAMPLES.clone()
    broken[1, 0, 0, 0] = math.nan
    with pytest.raises(PluginError, match="1 of 3 examples"):
        check_threat("attack 'x'", Threat(norm, 9.0), CLEAN, broken)
