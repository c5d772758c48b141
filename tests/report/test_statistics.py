from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from benchbox.report.statistics import (
    area_over_log_budget,
    front,
    group_intervals,
    holm,
    mean_interval,
    paired_p,
    queries_to_reach,
    tie_ranks,
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


def test_skewed_values_are_bootstrapped_alike_each_time() -> None:
    skewed = [0.1] * 9 + [0.9, 0.8, 0.1]
    found = mean_interval(skewed)
    assert found.kind == "bca"
    assert found == mean_interval(skewed)
    assert found.mean - found.low < found.high - found.mean, "the long tail is above"


def test_one_run_of_a_proportion_has_the_interval_of_its_test_sample() -> None:
    found = mean_interval([0.9], trials=360)
    expected = stats.binomtest(324, 360).proportion_ci(method="wilson")
    assert (found.low, found.high, found.kind) == (pytest.approx(expected.low), pytest.approx(expected.high), "wilson")
    assert math.isnan(found.half), "it is no interval over seeds"


def test_groups_have_the_intervals_that_each_has_alone() -> None:
    groups = [[0.91, 0.94, 0.92], [0.5], [0.1] * 9 + [0.9, 0.8, 0.1], [0.3, 0.3]]
    which = np.repeat(np.arange(4), [len(values) for values in groups])
    found = group_intervals(np.concatenate(groups), which, 4, np.array([100.0] * 4))
    for values, mine in zip(groups, found.each(), strict=True):
        alone = mean_interval(values, trials=100)
        assert (mine.kind, mine.n) == (alone.kind, alone.n)
        assert (mine.mean, mine.low, mine.high) == pytest.approx((alone.mean, alone.low, alone.high))
    assert found.kind.tolist() == ["t", "wilson", "bca", "t"]
    ends = [wilson(np.mean(values), 100) for values in groups]
    assert found.sampling == pytest.approx([(high - low) / 2 for low, high in ends]), (
        "of one value, however many there are"
    )


def test_bca_agrees_with_scipy() -> None:
    skewed = np.array([0.1] * 9 + [0.9, 0.8, 0.1])
    expected = stats.bootstrap((skewed,), np.mean, method="BCa", rng=np.random.default_rng(0)).confidence_interval
    assert (mean_interval(skewed).low, mean_interval(skewed).high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("successes", "n"), [(0, 20), (9, 10), (356, 360)])
def test_wilson_agrees_with_scipy(successes: int, n: int) -> None:
    expected = stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson(successes / n, n) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_wilson_of_nothing_is_unknown() -> None:
    assert np.isnan(wilson(0.5, 0)).all()


def test_paired_p_agrees_with_scipy() -> None:
    a, b = [0.9, 0.8, 0.95, 0.7], [0.85, 0.81, 0.9, 0.6]
    assert paired_p(np.subtract(a, b)) == pytest.approx(stats.ttest_rel(a, b).pvalue)


@pytest.mark.parametrize(("differences", "p"), [([0.0, 0.0, 0.0], 1.0), ([0.1, 0.1], 0.5), ([0.1] * 8, 2 / 2**8)])
def test_paired_p_of_constant_differences(differences: list[float], p: float) -> None:
    assert paired_p(differences) == pytest.approx(p)


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


WOBBLE = dict(enumerate((0.0, 0.02, -0.01, 0.01, -0.02)))


def shifted(by: float, noise: float = 0.0) -> dict[int, float]:
    return {seed: by + wobble + noise * (-1) ** seed for seed, wobble in WOBBLE.items()}


def test_paired_differences_tell_apart_what_seed_noise_would_hide() -> None:
    ranks = tie_ranks({"a": shifted(0.90, 0.001), "b": shifted(0.91)})
    assert [(name, r.rank, r.tied) for name, r in ranks.items()] == [("b", 1, False), ("a", 2, False)]


def test_neighbours_that_cannot_be_told_apart_share_a_rank_and_count_for_the_next() -> None:
    ranks = tie_ranks({"worst": shifted(0.5, 0.001), "a": shifted(0.90, 0.03), "b": shifted(0.905)})
    assert {name: (r.rank, r.tied) for name, r in ranks.items()} == {
        "a": (1, True),
        "b": (1, True),
        "worst": (3, False),
    }


def test_holm_ties_what_a_single_comparison_would_part() -> None:
    pair = {"a": shifted(0.92), "b": shifted(0.9, 0.0125)}
    assert 0.025 < paired_p([x - y for x, y in zip(pair["a"].values(), pair["b"].values(), strict=True)]) < 0.05
    assert [r.rank for r in tie_ranks(pair).values()] == [1, 2]
    third = {"c": {seed: value - 0.001 * (seed % 2) for seed, value in pair["b"].items()}}
    assert [r.rank for r in tie_ranks({**pair, **third}).values()] == [1, 1, 1]


def test_a_method_that_one_of_a_chain_beats_has_a_rank_below_those_that_it_is_tied_with() -> None:
    noise = [0.02, -0.02, 0.01, -0.01, 0.0]
    chain = {
        name: {seed: level + sign * noise[seed] for seed in range(5)}
        for name, level, sign in (("a", 0.93, 1), ("b", 0.91, -1), ("c", 0.89, 0.9))
    }
    assert {name: (r.rank, r.worse_than) for name, r in tie_ranks(chain).items()} == {
        "a": (1, ()),
        "b": (1, ()),
        "c": (2, ("a",)),
    }
    assert front(chain) == {"a", "b"}
    assert front({}) == frozenset()


def test_ranks_are_what_scipys_tests_say_of_all_pairs() -> None:
    rng = np.random.default_rng(3)
    scores = {f"m{i}": dict(enumerate(0.8 + 0.01 * i + rng.normal(0, 0.01, 8))) for i in range(5)}
    pairs = list(itertools.combinations(scores, 2))
    p = [stats.ttest_rel(list(scores[a].values()), list(scores[b].values())).pvalue for a, b in pairs]
    order, adjusted, highest = np.argsort(p), {}, 0.0
    for step, at in enumerate(order):
        highest = max(highest, (len(p) - step) * p[at])
        adjusted[pairs[at]] = highest
    better = dict.fromkeys(scores, 0)
    for (a, b), value in adjusted.items():
        worse = min(a, b, key=lambda name: np.mean(list(scores[name].values())))
        better[worse] += value < 0.05
    assert {name: r.rank for name, r in tie_ranks(scores).items()} == {name: n + 1 for name, n in better.items()}
    assert 1 < len(set(better.values())) < 5, "the example has ties and differences"


def test_only_common_seeds_are_compared() -> None:
    ranks = tie_ranks({"a": {0: 0.9, 1: 0.9, 2: 0.0}, "b": {0: 0.8, 1: 0.8}})
    assert list(ranks) == ["a", "b"]


@pytest.mark.parametrize("scores", [{}, {"a": {0: 0.9}, "b": {0: 0.1}}, {"a": {0: 1.0, 1: 1.0}, "b": {2: 0.1, 3: 0.2}}])
def test_fewer_than_two_common_seeds_rank_nothing(scores: dict[str, dict[int, float]]) -> None:
    assert tie_ranks(scores) == {}


@pytest.mark.parametrize(
    ("level", "queries"),
    [(0.8, 100.0), (0.7, 50.0), (0.5, 50.0), (0.75, 50 * math.sqrt(2)), (0.9, math.inf)],
)
def test_queries_to_reach_interpolates_in_log_budget(level: float, queries: float) -> None:
    assert queries_to_reach([50, 100, 200], [0.7, 0.8, 0.85], level) == pytest.approx(queries)


def test_area_weighs_budgets_by_their_logarithm() -> None:
    assert area_over_log_budget([10, 100, 1000], [0.0, 1.0, 1.0]) == pytest.approx(0.75)
    assert math.isnan(area_over_log_budget([10], [0.5]))
