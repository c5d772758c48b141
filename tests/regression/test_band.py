"""The noise band, against textbook formulas and against noise itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchbox.regression.band import difference

RNG = np.random.default_rng(7)


def by_seed(values: object, start: int = 0) -> dict[int, float]:
    return {start + i: float(value) for i, value in enumerate(values)}  # type: ignore[arg-type, call-overload]


def test_identical_values_differ_by_exactly_nothing() -> None:
    values = by_seed([0.1, 0.7, 0.30000004])
    found = difference(values, dict(values), 40)
    assert (found.mean, found.half, found.pairs) == (0.0, 0.0, 3)


def test_the_same_change_at_every_seed_leaves_no_noise() -> None:
    found = difference(by_seed([0.5, 0.625, 0.75]), by_seed([0.25, 0.375, 0.5]), 40)
    assert (found.mean, found.half) == (-0.25, 0.0)


@pytest.mark.parametrize("comparisons", [1, 12])
def test_common_seeds_are_paired(comparisons: int) -> None:
    old, d = RNG.uniform(0.2, 0.8, 9), RNG.normal(0.02, 0.01, 9)
    found = difference(by_seed(old), {**by_seed(old + d), 77: 0.0}, comparisons)
    low, high = stats.ttest_1samp(d, 0).confidence_interval(1 - 0.05 / comparisons)
    assert found.pairs == 9
    assert (found.mean - found.half, found.mean + found.half) == pytest.approx((low, high))


@pytest.mark.parametrize("comparisons", [1, 12])
def test_other_seeds_give_welchs_interval(comparisons: int) -> None:
    old, new = RNG.normal(0.5, 0.05, 8), RNG.normal(0.5, 0.01, 5)
    found = difference(by_seed(old), by_seed(new, 100), comparisons)
    low, high = stats.ttest_ind(new, old, equal_var=False).confidence_interval(1 - 0.05 / comparisons)
    assert found.pairs == 0
    assert (found.mean - found.half, found.mean + found.half) == pytest.approx((low, high))


def test_one_seed_of_now_takes_its_noise_from_the_baseline() -> None:
    old = [0.4, 0.5, 0.6, 0.5]
    t, sd = stats.t.ppf(0.975, 3), np.std(old, ddof=1)
    common, fresh = difference(by_seed(old), {1: 0.5}, 1), difference(by_seed(old), {9: 0.5}, 1)
    assert (common.mean, common.half, common.pairs) == (0.0, pytest.approx(t * sd * math.sqrt(2)), 1)
    assert (fresh.mean, fresh.half, fresh.pairs) == (0.0, pytest.approx(t * sd * math.sqrt(1 + 1 / 4)), 0)


def test_values_that_never_vary_have_no_band() -> None:
    assert difference(by_seed([0.5, 0.5]), by_seed([0.5, 0.5, 0.5], 10), 3).half == 0.0
    assert difference(by_seed([0.5, 0.5]), {10: 0.25}, 3).half == 0.0


@pytest.mark.parametrize("paired", [True, False])
def test_a_whole_table_of_noise_is_beyond_its_bands_no_more_often_than_promised(paired: bool) -> None:
    alarms, tables, metrics = 0, 400, 10
    for _ in range(tables):
        old, new = RNG.normal(0, 1, (2, metrics, 8))
        found = [
            difference(by_seed(a), by_seed(b, 0 if paired else 50), metrics) for a, b in zip(old, new, strict=True)
        ]
        alarms += any(abs(d.mean) > d.half for d in found)
    assert alarms <= stats.binom.ppf(0.999, tables, 0.05)
