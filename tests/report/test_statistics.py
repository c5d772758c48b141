from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchbox.report.statistics import (
    Contest,
    Place,
    area_over_log_budget,
    contest,
    group_intervals,
    mean_interval,
    queries_to_reach,
    wilson,
)


def test_mean_interval_is_students_t() -> None:
    values = [0.91, 0.94, 0.92, 0.95, 0.90]
    low, high = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    found = mean_interval(values)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert (found.kind, found.n, found.mean) == ("t", 5, pytest.approx(0.924))


def test_one_value_has_no_interval() -> None:
    found = mean_interval([0.9])
    assert (found.mean, found.kind) == (0.9, "none")
    assert math.isnan(found.half)


def test_no_value_is_an_error() -> None:
    with pytest.raises(ValueError, match="no values"):
        mean_interval([])


def test_a_shares_interval_stays_within_its_bounds_and_reaches_further_where_there_is_room() -> None:
    found = mean_interval([0.999, 0.97, 1.0, 0.995, 0.998], share=True)
    assert found.kind == "logit"
    assert 0 < found.low < found.mean < found.high < 1
    assert found.mean - found.low > found.high - found.mean
    middle = [0.51, 0.49, 0.50, 0.52, 0.48]
    near, students = mean_interval(middle, share=True), mean_interval(middle)
    assert (near.low, near.high) == pytest.approx((students.low, students.high), abs=2e-4)
    assert mean_interval([1.0, 1.0, 1.0], share=True).kind == "t", "the logit of 1 is infinite"


def test_one_run_of_a_proportion_has_the_interval_of_its_test_sample() -> None:
    found = mean_interval([0.9], trials=360)
    expected = stats.binomtest(324, 360).proportion_ci(method="wilson")
    assert (found.low, found.high, found.kind) == (pytest.approx(expected.low), pytest.approx(expected.high), "wilson")
    assert math.isnan(found.half), "it is no interval over seeds"


def test_groups_have_the_intervals_that_each_has_alone() -> None:
    groups = [[0.91, 0.94, 0.92], [0.5], [3.0, 5.0, 4.0], [0.3, 0.3]]
    which = np.repeat(np.arange(4), [len(values) for values in groups])
    share = np.array([True, True, False, True])
    found = group_intervals(np.concatenate(groups), which, 4, np.array([100.0] * 4), share)
    for values, mine, is_share in zip(groups, found.each(), share, strict=True):
        alone = mean_interval(values, trials=100, share=bool(is_share))
        assert (mine.kind, mine.n) == (alone.kind, alone.n)
        assert (mine.mean, mine.low, mine.high) == pytest.approx((alone.mean, alone.low, alone.high))
    assert found.kind.tolist() == ["logit", "wilson", "t", "logit"]
    ends = [wilson(np.clip(np.mean(values), 0, 1), 100) for values in groups]
    assert found.sampling == pytest.approx([(high - low) / 2 for low, high in ends]), (
        "of one value, however many there are"
    )


@pytest.mark.parametrize(("successes", "n"), [(0, 20), (9, 10), (356, 360)])
def test_wilson_agrees_with_scipy(successes: int, n: int) -> None:
    expected = stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson(successes / n, n) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_wilson_of_nothing_is_unknown() -> None:
    assert np.isnan(wilson(0.5, 0)).all()


WOBBLE = dict(enumerate((0.0, 0.02, -0.01, 0.01, -0.02)))


def shifted(by: float, noise: float = 0.0) -> dict[int, float]:
    return {seed: by + wobble + noise * (-1) ** seed for seed, wobble in WOBBLE.items()}


def held(scores: dict[str, dict[int, float]]) -> Contest:
    found = contest(scores)
    assert found is not None
    return found


def test_what_replicates_share_does_not_hide_a_difference() -> None:
    found = held({"a": shifted(0.90, 0.001), "b": shifted(0.91)})
    assert (found.names, found.open) == (("b", "a"), ())
    assert found.places() == {"b": Place(1, 1, 1), "a": Place(2, 2, 2)}


def test_two_methods_are_compared_by_the_paired_t_test() -> None:
    first, second = shifted(0.92), shifted(0.9, 0.0125)
    interval = stats.ttest_rel(list(first.values()), list(second.values())).confidence_interval(0.95)
    found = held({"a": first, "b": second}).difference("a", "b")
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.told == (interval.low > 0)


def test_one_variance_is_pooled_over_methods_that_vary_alike_and_not_over_others() -> None:
    rng = np.random.default_rng(2)
    values = 0.9 + 0.01 * rng.standard_normal((4, 5)) + 0.05 * rng.standard_normal(5)
    residual = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
    alike = held({f"m{i}": dict(enumerate(row)) for i, row in enumerate(values)})
    expected = stats.t.ppf(1 - 0.025 / 6, 12) * np.sqrt(2 * (residual**2).sum() / 12 / 5)
    assert alike.pooled
    assert alike.halves == pytest.approx(expected * (1 - np.eye(4))), "and nothing differs from itself"
    values[0] *= [1, 0.2, 0.9, 0.1, 0.8]
    apart = held({f"m{i}": dict(enumerate(row)) for i, row in enumerate(values)})
    assert not apart.pooled
    quiet, wild = apart.difference("m1", "m2").half, apart.difference("m1", "m0").half
    assert wild > 5 * quiet, "the spread of one method says nothing of the others"
    assert quiet == pytest.approx(stats.t.ppf(1 - 0.025 / 6, 4) * np.std(values[1] - values[2], ddof=1) / np.sqrt(5))


def test_places_follow_the_means_and_say_which_others_the_data_leave_open() -> None:
    noise = (0.02, -0.02, 0.01, -0.01, 0.0)
    chain = {
        name: {seed: level + sign * noise[seed] for seed in range(5)}
        for name, level, sign in (("a", 0.93, 1), ("b", 0.91, -1), ("c", 0.50, 0.9))
    }
    found = held(chain)
    assert found.places() == {"a": Place(1, 1, 2), "b": Place(2, 1, 2), "c": Place(3, 3, 3)}
    assert found.open == ("b",)


def test_equal_methods_stand_in_the_order_of_their_names() -> None:
    found = held({"b": shifted(0.9), "a": shifted(0.9)})
    assert found.names == ("a", "b")
    assert not found.difference("a", "b").told


@pytest.mark.parametrize(
    "scores",
    [
        {},
        {"alone": dict.fromkeys(range(9), 0.5)},
        {"a": dict.fromkeys(range(4), 0.9), "b": dict.fromkeys(range(9), 0.1)},
        {"a": dict.fromkeys(range(5), 0.9), "b": dict.fromkeys(range(3, 8), 0.1)},
    ],
)
def test_fewer_than_five_common_replicates_order_nothing(scores: dict[str, dict[int, float]]) -> None:
    assert contest(scores) is None


def test_ten_equal_methods_are_told_apart_by_mistake_in_less_than_six_of_a_hundred_tables() -> None:
    rng, wrong = np.random.default_rng(0), 0
    for _ in range(1000):
        spread = rng.choice([1.0, 3.0], (10, 1))
        values = 0.5 + 0.01 * spread * rng.standard_normal((10, 5))
        found = held({f"m{i}": dict(enumerate(row)) for i, row in enumerate(values)})
        wrong += len(found.open) < 9
    assert wrong < 60


@pytest.mark.parametrize(
    ("level", "queries"),
    [(0.8, 100.0), (0.7, 50.0), (0.5, 50.0), (0.75, 50 * math.sqrt(2)), (0.9, math.inf)],
)
def test_queries_to_reach_interpolates_in_log_budget(level: float, queries: float) -> None:
    assert queries_to_reach([50, 100, 200], [0.7, 0.8, 0.85], level) == pytest.approx(queries)


def test_area_weighs_budgets_by_their_logarithm() -> None:
    assert area_over_log_budget([10, 100, 1000], [0.0, 1.0, 1.0]) == pytest.approx(0.75)
    assert math.isnan(area_over_log_budget([10], [0.5]))


def test_shares_that_are_all_one_are_as_sure_as_their_images_are_many() -> None:
    found = mean_interval([1.0] * 5, trials=50, share=True)
    assert (found.kind, found.high) == ("wilson", pytest.approx(1.0))
    assert found.low == pytest.approx(stats.binomtest(250, 250).proportion_ci(method="wilson").low)
    assert mean_interval([1.0] * 5, share=True).kind == "t", "of no images nobody knows how many"


def test_what_is_never_below_0_has_no_end_there() -> None:
    assert mean_interval([10.0, 500.0, 10.0]).low == 0
    assert mean_interval([-10.0, 500.0, 10.0]).low < 0


def test_shares_differ_by_1_at_most_and_equal_bests_are_all_first() -> None:
    wild = {"a": dict(enumerate((1.0, 0.0, 1.0, 0.1, 0.9))), "b": dict(enumerate((0.0, 0.0, 0.0, 0.4, 0.0)))}
    found = contest({**wild, "c": wild["a"]})
    assert found is not None
    assert found.firsts == ("a", "c")
    assert -1 <= found.difference("b", "a").low <= found.difference("a", "b").high <= 1
