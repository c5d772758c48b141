from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchbox.report.statistics import TooFewError, critical_difference
from benchbox.report.statistics.critical import range_quantile

Scores = dict[str, dict[int, float]]


def columns(table: list[list[float]]) -> Scores:
    """Return scores by method from a row a block."""
    return {"abcdefgh"[i]: dict(enumerate(column)) for i, column in enumerate(zip(*table, strict=True))}


# Table 5a of Demšar, Statistical comparisons of classifiers over multiple data sets, JMLR 2006
@pytest.mark.parametrize(("methods", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (7, 2.949), (10, 3.164)])
def test_quantiles_are_demsars(methods: int, q: float) -> None:
    assert range_quantile(methods) == pytest.approx(q, abs=1.1e-3)


def test_friedman_agrees_with_scipy_ties_included() -> None:
    table = (np.random.default_rng(0).normal(size=(12, 4)) + np.array([0, 0, 0.2, 0.4])).round(1)
    expected = stats.friedmanchisquare(*table.T)
    assert critical_difference(columns(table.tolist())).p == pytest.approx(expected.pvalue)


def test_demsars_own_example() -> None:
    """Table 6 of the paper: AUC of C4.5, C4.5+m, C4.5+cf, C4.5+m+cf on 14 data sets; mean ranks, and CD 1.25 at 0.05."""
    table = [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9752, 0.975],  # printed alike, ranked 2 and 3
        [0.957, 0.978, 0.946, 0.970],
    ]
    found = critical_difference(columns(table))
    assert found.ranks == {
        k: pytest.approx(v, abs=6e-4) for k, v in zip("dbca", (1.964, 2.0, 2.893, 3.143), strict=True)
    }
    assert list(found.ranks) == ["d", "b", "c", "a"]
    assert found.difference == pytest.approx(1.25, abs=0.005)
    assert found.blocks == 14
    assert found.p < 0.05
    assert found.cliques == (("d", "b", "c", "a"),), "'the post-hoc test is not powerful enough'"


def test_cliques_are_the_longest_runs_within_the_critical_difference() -> None:
    """Ten blocks: a is always first, d always last, b second in seven."""
    table = [[0.9, 0.8, 0.7, 0.1]] * 7 + [[0.9, 0.7, 0.8, 0.1]] * 3
    found = critical_difference(columns(table))
    assert found.difference == pytest.approx(1.483, abs=0.001)
    assert found.ranks == {"a": 1.0, "b": 2.3, "c": 2.7, "d": 4.0}
    assert found.cliques == (("a", "b"), ("b", "c"), ("c", "d"))


def test_where_friedman_finds_nothing_all_are_one_clique() -> None:
    table = [[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.2, 0.3, 0.1], [0.1, 0.3, 0.2], [0.3, 0.1, 0.2]]
    found = critical_difference(columns(table))
    assert found.p > 0.05
    assert found.cliques == (tuple(found.ranks),)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ([[0.1, 0.2]] * 9, r"fewer than 3 methods can be compared \(2\)"),
        ([[0.1, 0.2, 0.3]] * 4, r"fewer than 5 blocks in common \(4\)"),
        ([], r"fewer than 3 methods can be compared \(0\)"),
    ],
)
def test_too_few_for_a_diagram_is_said(table: list[list[float]], says: str) -> None:
    with pytest.raises(TooFewError, match=says):
        critical_difference(columns(table))


def test_equal_in_every_block_is_no_difference() -> None:
    assert critical_difference(columns([[0.5, 0.5, 0.5]] * 6)).p == 1.0
