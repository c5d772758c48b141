"""The points of every curve: means over seeds, with what is uncertain about them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchbox.report.statistics import Interval, group_intervals
from benchbox.report.views.groups import coded, grouped
from benchbox.scoring.metrics import SHARE, metric

if TYPE_CHECKING:
    import pandas as pd

POINT = ["label", "metric", "attack", "budget"]


class Point(NamedTuple):
    """A point of a curve.

    Attributes:
        mean: over seeds.
        half: half the width of the 95 % interval where it is over seeds, else NaN.
        seeds: how many values the mean is of.
        spent_low, spent_high: queries paid, over seeds.
        low, high, kind: of the 95 % interval; see ``Interval``.
        n: mean sample size.
        sampling: half-width of Wilson's interval of one run of that size; NaN for what is no proportion.
    """

    mean: float
    half: float
    seeds: int
    spent_low: int
    spent_high: int
    low: float
    high: float
    kind: str
    n: float
    sampling: float

    @property
    def interval(self) -> Interval:
        """Its mean with the interval over seeds."""
        return Interval(self.mean, self.low, self.high, self.seeds, self.kind)


Curves = dict[tuple[str, str, str], dict[int, Point]]
"""The points by (label, metric, attack) and budget, in that order."""


def points(measurements: pd.DataFrame) -> Curves:
    """Return the curves of every method, metric and attack; measurements without a value are left out."""
    (labels, label), (metrics, of), (attacks, attack) = (coded(measurements[name]) for name in POINT[:3])
    budget, spent, n, value = (measurements[name].to_numpy() for name in ("budget", "spent", "n", "value"))
    known = np.flatnonzero(~np.isnan(value))
    order, starts = grouped(*(key[known] for key in (label, of, attack, budget)))
    order = known[order]
    first, seeds = order[starts], np.diff(starts, append=len(order))
    size = np.add.reduceat(n[order], starts) / seeds
    proportion = np.array([metric(name).unit is SHARE for name in metrics], dtype=bool)
    share = proportion[of[first]]
    trials = np.where(share, size, math.nan)
    found = group_intervals(value[order], np.repeat(np.arange(len(starts)), seeds), len(starts), trials, share)
    half = np.where(seeds > 1, (found.high - found.low) / 2, math.nan)
    low, high = (least.reduceat(spent[order], starts) for least in (np.minimum, np.maximum))
    numbers = (found.mean, half, seeds, low, high, found.low, found.high, found.kind, size, found.sampling)
    rows = zip(*(column.tolist() for column in (label[first], of[first], attack[first], budget[first])), strict=True)
    values = map(Point._make, zip(*(column.tolist() for column in numbers), strict=True))
    curves: Curves = {}
    for (who, what, by, at), point in zip(rows, values, strict=True):
        curves.setdefault((labels[who], metrics[what], attacks[by]), {})[at] = point
    return curves


def few(budgets: Sequence[int], most: int = 6) -> list[int]:
    """Return up to ``most`` of ascending budgets: the ends, and some between. The exports have all."""
    if len(budgets) <= most:
        return list(budgets)
    return [budgets[round(i * (len(budgets) - 1) / (most - 1))] for i in range(most)]
