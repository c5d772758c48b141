"""Intervals of a mean over seeds and of the proportion that one run gives; what a curve over queries comes to in one number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

CONFIDENCE = 0.95
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A mean (or proportion) with its 95 % interval.

    Attributes:
        mean: in the unit of the values.
        low, high: the interval's ends; NaN where one value alone gives none.
        n: how many values it is made of.
        kind: ``t`` or, of shares, ``logit`` over seeds; ``wilson``, the test sample's, where there is one run, or all come to
            0 or 1; ``none`` where there is no interval.
    """

    mean: float
    low: float
    high: float
    n: int
    kind: str

    @property
    def half(self) -> float:
        """Half the width of the interval over seeds; NaN where there is none."""
        return (self.high - self.low) / 2 if self.n > 1 else math.nan


@dataclass(frozen=True)
class Intervals:
    """``Interval`` of many groups of values, a column a field.

    Attributes:
        mean, low, high, kind, seeds: as in ``Interval``; ``seeds`` is its ``n``.
        sampling: half the width of Wilson's interval of one value; NaN where none is a proportion.
    """

    mean: Floats
    low: Floats
    high: Floats
    seeds: npt.NDArray[np.intp]
    kind: npt.NDArray[np.object_]
    sampling: Floats

    def each(self) -> list[Interval]:
        """Return the interval of every group."""
        columns = (self.mean, self.low, self.high, self.seeds, self.kind)
        return [Interval(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def mean_interval(values: npt.ArrayLike, *, trials: float = math.nan, share: bool = False) -> Interval:
    """Return the mean over seeds with its 95 % interval; see ``group_intervals``.

    Raises:
        ValueError: there is no value.
    """
    x = np.asarray(values, dtype=float)
    if x.size == 0:
        raise ValueError("no values to take a mean of")
    return group_intervals(x, np.zeros(x.size, dtype=np.intp), 1, np.array([trials]), np.array([share])).each()[0]


def group_intervals(
    values: Floats,
    group: npt.NDArray[np.integer[Any]],
    groups: int,
    trials: Floats,
    share: npt.NDArray[np.bool_],
) -> Intervals:
    """Return the mean over seeds of every group, with its 95 % interval.

    Student's t; of shares, on the logit's scale (the delta method), so that it stays within 0 and 1 and reaches further on the
    side where there is room: near a bound t alone covers too little (``benchmarks/statistics/``). One value
    has no interval over seeds: where it is a proportion of ``trials``, Wilson's. Neither have shares that are all 0 or all 1:
    there it is Wilson's of all their trials together. What is never below 0, as queries and losses, has no lower end below it.

    Args:
        values: without NaN.
        group: the number of each value's group, from 0.
        groups: how many there are; none is empty.
        trials: by group, of what a single value is a proportion; NaN where it is none.
        share: by group, whether its values lie between 0 and 1.
    """
    count = np.bincount(group, minlength=groups)
    mean = np.bincount(group, values, groups) / count
    squares = np.bincount(group, (values - mean[group]) ** 2, groups)
    freedom = np.where(count > 1, count - 1, np.nan)
    # stdtrit is what scipy.stats.t.ppf calls, without its minutes of overhead on a hundred thousand groups
    half = special.stdtrit(freedom, (1 + CONFIDENCE) / 2) * np.sqrt(squares / freedom / count)
    low, high = mean - half, mean + half
    negative = np.bincount(group, values < 0, groups) > 0
    low = np.where(negative, low, low.clip(0))
    inside = share & (mean > 0) & (mean < 1) & (count > 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre, reach = special.logit(mean), half / (mean * (1 - mean))
        low, high = (
            np.where(inside, special.expit(centre + sign * reach), end) for sign, end in ((-1, low), (1, high))
        )
    bound = share & ~inside & (count > 1)
    sampled = ~np.isnan(trials) & ((count == 1) | bound)
    all_low, all_high = wilson(mean.clip(0, 1), trials * count)
    low, high = np.where(sampled, all_low, low), np.where(sampled, all_high, high)
    kind = np.select([sampled, inside, count > 1], ["wilson", "logit", "t"], "none").astype(object)
    one_low, one_high = wilson(mean.clip(0, 1), trials)
    return Intervals(mean, low, high, count, kind, sampling=(one_high - one_low) / 2)


def wilson(share: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the ends of Wilson's 95 % score interval (1927) of a proportion of ``n`` trials, elementwise; NaN where n = 0.

    It is what one run's accuracy is worth: the variance of the test sample, with the substitute given.
    """
    p, count = np.asarray(share, dtype=float), np.asarray(n, dtype=float)
    count = np.where(count > 0, count, np.nan)
    z2 = special.ndtri((1 + CONFIDENCE) / 2) ** 2
    centre = (p + z2 / (2 * count)) / (1 + z2 / count)
    half = np.sqrt(z2 * (p * (1 - p) / count + z2 / (4 * count**2))) / (1 + z2 / count)
    return (centre - half).clip(0, 1), (centre + half).clip(0, 1)


def queries_to_reach(budgets: Sequence[float], values: Sequence[float], level: float) -> float:
    """Return at how many queries (positive, ascending) a curve first reaches ``level``, straight between points in log-budget.

    It is the first budget where the curve starts above the level, which may have been reached before it; infinity where never.
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
    """Return the mean height of a curve over the logarithm of the budget (trapezia), in its unit; NaN below two budgets."""
    if len(budgets) < 2:
        return math.nan
    steps = zip(itertools.pairwise(map(math.log, budgets)), itertools.pairwise(values), strict=True)
    trapezia = sum((right - left) * (low + high) / 2 for (left, right), (low, high) in steps)
    return trapezia / (math.log(budgets[-1]) - math.log(budgets[0]))
