"""The noise band of a difference: what the seeds alone may do to it. Knows no store."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from benchbox.report.statistics import CONFIDENCE, Floats

WIDEST = 0.2
"""The widest band that judges, as a proportion: within a wider one, a method may lose a fifth of all images unnoticed."""


@dataclass(frozen=True)
class Difference:
    """Now minus baseline, with its noise band.

    Attributes:
        mean: the difference of means, in the unit of the values.
        half: half the width of its interval; 0 where no value varies.
        pairs: how many seeds both have, where the difference is paired; 0 where it is not.
    """

    mean: float
    half: float
    pairs: int


def difference(before: Mapping[int, float], now: Mapping[int, float], comparisons: int) -> Difference:
    """Return the difference of two sets of values by seed, with a 95 % interval corrected by Bonferroni.

    Where two or more seeds are common, the t-interval of the paired differences over them: a seed fixes the initial
    weights, the pool and the attacked images, so most of its luck drops out. Where one is common, its difference, with the
    noise of two seeds of the baseline. Where none is, Welch's interval of the difference of the means.

    Args:
        before: the baseline's values, at least two.
        now: the values of now, at least one.
        comparisons: how many differences are judged together.
    """
    tail = (1 - CONFIDENCE) / 2 / comparisons
    common = sorted(before.keys() & now.keys())
    if len(common) >= 2:
        d = np.array([now[seed] - before[seed] for seed in common])
        return Difference(float(d.mean()), _quantile(len(d) - 1, tail) * _error(d), len(d))
    old, new = np.array(list(before.values())), np.array(list(now.values()))
    if common:
        spread = float(old.std(ddof=1)) * math.sqrt(2)
        return Difference(now[common[0]] - before[common[0]], _quantile(len(old) - 1, tail) * spread, 1)
    mean = float(new.mean() - old.mean())
    return Difference(mean, _welch(old, new, tail), 0)


def _welch(old: Floats, new: Floats, tail: float) -> float:
    a = _error(old) ** 2
    if len(new) == 1:  # its own noise is unknown: that of one seed of the baseline stands for it
        return _quantile(len(old) - 1, tail) * math.sqrt(a + float(old.var(ddof=1)))
    b = _error(new) ** 2
    if a + b == 0.0:
        return 0.0
    freedom = (a + b) ** 2 / (a**2 / (len(old) - 1) + b**2 / (len(new) - 1))
    return _quantile(freedom, tail) * math.sqrt(a + b)


def _error(x: Floats) -> float:
    return float(x.std(ddof=1)) / math.sqrt(len(x))


def _quantile(freedom: float, tail: float) -> float:
    return float(special.stdtrit(freedom, 1 - tail))
