"""The statistics of every view: intervals, tie groups, queries to reach a level. Knows no store and no plugin."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

CONFIDENCE = 0.95
SKEWED = 1.0
"""Sample skewness beyond which a mean's interval is bootstrapped instead of taken from Student's t."""
BOOTSTRAP_FROM = 10
"""Fewest values that are bootstrapped: with fewer, resampling makes intervals far too narrow."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A mean (or proportion) with its 95 % interval.

    Attributes:
        mean: in the unit of the values.
        low, high: the interval's ends; NaN where one value alone gives none.
        n: how many values it is made of.
        kind: ``t``, ``bca``, ``wilson``, or ``none`` where there is no interval.

    """

    mean: float
    low: float
    high: float
    n: int
    kind: str

    @property
    def half(self) -> float:
        """Half the interval's width."""
        return (self.high - self.low) / 2


def half_widths(sd: npt.ArrayLike, n: npt.ArrayLike) -> Floats:
    """Return the half-width of the 95 % t-interval of a mean, elementwise; NaN where n < 2.

    Args:
        sd: sample standard deviations (n - 1 in the denominator).
        n: how many values each is made of.

    """
    count = np.asarray(n, dtype=float)
    freedom = np.where(count > 1, count - 1, np.nan)
    # stdtrit is what scipy.stats.t.ppf calls, without its minutes of overhead on a hundred thousand groups
    width = special.stdtrit(freedom, (1 + CONFIDENCE) / 2) * np.asarray(sd, dtype=float) / np.sqrt(count)
    return np.asarray(width, dtype=float)


def mean_interval(values: npt.ArrayLike, *, seed: int = 0) -> Interval:
    """Return the mean over seeds with its 95 % interval.

    Student's t; where at least ``BOOTSTRAP_FROM`` values are skewed by more than ``SKEWED``, the BCa bootstrap, whose
    draws ``seed`` fixes. One value has no interval.

    Raises:
        ValueError: there is no value.

    """
    x = np.asarray(values, dtype=float)
    if x.size == 0:
        raise ValueError("no values to take a mean of")
    mean = float(x.mean())
    if x.size == 1:
        return Interval(mean, math.nan, math.nan, 1, "none")
    if x.size >= BOOTSTRAP_FROM and abs(_skewness(x)) > SKEWED:
        return _bca(x, seed)
    half = float(half_widths(x.std(ddof=1), x.size))
    return Interval(mean, mean - half, mean + half, x.size, "t")


def _skewness(x: Floats) -> float:
    sd = float(x.std())
    return float(((x - x.mean()) ** 3).mean()) / sd**3 if sd else 0.0


def _bca(x: Floats, seed: int) -> Interval:
    from scipy import stats  # half of a report's start-up time, for what is rarely needed

    found = stats.bootstrap(
        (x,), np.mean, confidence_level=CONFIDENCE, method="BCa", rng=np.random.default_rng(seed), vectorized=True
    ).confidence_interval
    return Interval(float(x.mean()), float(found.low), float(found.high), x.size, "bca")


def wilson(share: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the ends of Wilson's 95 % score interval of a proportion of ``n`` trials, elementwise; NaN where n = 0.

    It is what one run's accuracy is worth: the variance of the test sample, with the substitute given.
    """
    p, count = np.asarray(share, dtype=float), np.asarray(n, dtype=float)
    count = np.where(count > 0, count, np.nan)
    z2 = special.ndtri((1 + CONFIDENCE) / 2) ** 2
    centre = (p + z2 / (2 * count)) / (1 + z2 / count)
    half = np.sqrt(z2 * (p * (1 - p) / count + z2 / (4 * count**2))) / (1 + z2 / count)
    return centre - half, centre + half


def paired_p(differences: npt.ArrayLike) -> float:
    """Return the two-sided p of a paired t-test: small where the mean difference is not zero.

    It is below 0.05 exactly where the 95 % t-interval of the mean difference leaves out zero. NaN for fewer than two
    pairs.
    """
    d = np.asarray(differences, dtype=float)
    if d.size < 2:
        return math.nan
    sd = float(d.std(ddof=1))
    if sd == 0.0:
        return 1.0 if d[0] == 0.0 else 0.0
    t = abs(float(d.mean())) / (sd / math.sqrt(d.size))
    return float(2 * special.stdtr(d.size - 1, -t))


def holm(p: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p values, in the order given."""
    adjusted = [math.nan] * len(p)
    largest = 0.0
    for place, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        largest = max(largest, min(1.0, (len(p) - place) * p[i]))
        adjusted[i] = largest
    return adjusted


@dataclass(frozen=True)
class Rank:
    """A method's place.

    Attributes:
        rank: 1 is best; methods of one tie group share it, and the next group's counts them all (1, 1, 3).
        tied: whether it is shared.
        p_next: Holm-adjusted p of the paired difference from the next method; NaN for the last.

    """

    rank: int
    tied: bool
    p_next: float


def tie_ranks(scores: Mapping[str, Mapping[Any, float]]) -> dict[str, Rank]:
    """Rank methods by their mean, best first; neighbours that cannot be told apart share a rank.

    Two neighbours are told apart where the 95 % t-interval of their paired difference leaves out zero, after Holm's
    correction over the neighbours compared. A tie group may be long: its first and last need not be alike.

    Args:
        scores: by method, a score by pair (a seed, or any key that methods share, as scenario and seed). Only pairs
            that all methods have are used.

    Returns:
        Ranks, best first; empty where fewer than two pairs are common, because one pair orders nothing.

    """
    table = _paired(scores)
    order = _by_mean(table)
    if not order:
        return {}
    p = holm([paired_p(table[a] - table[b]) for a, b in itertools.pairwise(order)])
    groups = [[order[0]]]
    for name, value in zip(order[1:], p, strict=True):
        if value < 1 - CONFIDENCE:
            groups.append([name])
        else:
            groups[-1].append(name)
    after = dict(zip(order, [*p, math.nan], strict=True))
    ranks: dict[str, Rank] = {}
    place = 1
    for group in groups:
        ranks |= {name: Rank(place, len(group) > 1, after[name]) for name in group}
        place += len(group)
    return ranks


def front(scores: Mapping[str, Mapping[Any, float]]) -> frozenset[str]:
    """Return the method of the best mean and those that cannot be told apart from it.

    Each is compared with the best by the paired differences over common pairs, Holm-corrected over these comparisons. Not
    the first tie group of ``tie_ranks``: at the end of a chain of neighbours may stand one that the best clearly beats.

    Args:
        scores: as for ``tie_ranks``.
    """
    table = _paired(scores)
    order = _by_mean(table)
    p = holm([paired_p(table[order[0]] - table[other]) for other in order[1:]])
    return frozenset(order[:1] + [other for other, value in zip(order[1:], p, strict=True) if value >= 1 - CONFIDENCE])


def _paired(scores: Mapping[str, Mapping[Any, float]]) -> dict[str, Floats]:
    """Return the scores over the pairs that all have, in one order; empty where those are fewer than two."""
    common = sorted(set.intersection(*(set(values) for values in scores.values()))) if scores else []
    if len(common) < 2:
        return {}
    return {name: np.array([values[key] for key in common]) for name, values in scores.items()}


def _by_mean(table: Mapping[str, Floats]) -> list[str]:
    return sorted(table, key=lambda name: (-table[name].mean(), name))


def queries_to_reach(budgets: Sequence[float], values: Sequence[float], level: float) -> float:
    """Return at how many queries a curve first reaches ``level``, straight between points in log-budget.

    Args:
        budgets: queries, ascending, positive.
        values: accuracy at each.
        level: in the unit of ``values``.

    Returns:
        Queries; the first budget where the curve starts above the level (it may have been reached before it); infinity
        where it is never reached.

    """
    for i, (budget, value) in enumerate(zip(budgets, values, strict=True)):
        if value >= level:
            if i == 0:
                return float(budget)
            before, low = budgets[i - 1], values[i - 1]
            share = (level - low) / (value - low)
            return float(math.exp(math.log(before) + share * (math.log(budget) - math.log(before))))
    return math.inf


def area_over_log_budget(budgets: Sequence[float], values: Sequence[float]) -> float:
    """Return the mean height of a curve over the logarithm of the budget (trapezia), in the unit of ``values``.

    NaN with fewer than two points.
    """
    if len(budgets) < 2:
        return math.nan
    x, y = np.log(np.asarray(budgets, dtype=float)), np.asarray(values, dtype=float)
    return float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum() / (x[-1] - x[0]))
