"""The critical-difference diagram's numbers: Friedman's test and Nemenyi's critical difference, after Demšar (2006)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from benchbox.report.statistics.intervals import CONFIDENCE, Floats

LEAST_METHODS = 3
LEAST_BLOCKS = 5


class TooFewError(ValueError):
    """There are too few methods or blocks for the test to say anything."""


@dataclass(frozen=True)
class Critical:
    """Mean ranks and what parts them.

    Attributes:
        ranks: mean rank over the blocks by method, best (lowest) first; equal scores share the mean of their places.
        blocks: over how many blocks.
        p: of Friedman's test that all methods rank alike (chi-square, corrected for ties).
        difference: Nemenyi's critical difference: mean ranks further apart differ at the 95 % level, over all pairs.
        cliques: longest runs of methods that cannot be told apart, two or more each; all methods where ``p`` is not
            below 0.05.
    """

    ranks: dict[str, float]
    blocks: int
    p: float
    difference: float
    cliques: tuple[tuple[str, ...], ...]


def critical_difference(scores: Mapping[str, Mapping[Any, float]]) -> Critical:
    """Compare methods over blocks that all have in common.

    Args:
        scores: by method, a score by block (as target and seed); higher is better.

    Raises:
        TooFewError: fewer than three methods or five common blocks; the sentence says which.

    """
    common = sorted(set.intersection(*(set(values) for values in scores.values()))) if scores else []
    if len(scores) < LEAST_METHODS:
        raise TooFewError(f"fewer than {LEAST_METHODS} methods can be compared ({len(scores)})")
    if len(common) < LEAST_BLOCKS:
        raise TooFewError(f"the methods have fewer than {LEAST_BLOCKS} blocks in common ({len(common)})")
    names = sorted(scores)
    table = np.array([[scores[name][block] for name in names] for block in common])
    # rounded, because what differs by rounding alone is equal
    ranks = pd.DataFrame(-table.round(12)).rank(axis=1).to_numpy()
    mean = dict(zip(names, ranks.mean(0).tolist(), strict=True))
    best_first = dict(sorted(mean.items(), key=lambda item: (item[1], item[0])))
    p = _friedman(ranks)
    difference = range_quantile(len(names)) * math.sqrt(len(names) * (len(names) + 1) / (6 * len(common)))
    found = _cliques(best_first, difference) if p < 1 - CONFIDENCE else (tuple(best_first),)
    return Critical(best_first, len(common), p, difference, found)


def _friedman(ranks: Floats) -> float:
    """Return the p of Friedman's chi-square, corrected for ties; 1 where all are equal in every block."""
    n, k = ranks.shape
    spread = ((ranks - (k + 1) / 2) ** 2).sum()
    if spread == 0:
        return 1.0
    statistic = n * (k - 1) * ((ranks.mean(0) - (k + 1) / 2) ** 2).sum() * n / spread
    return float(special.chdtrc(k - 1, statistic))


@cache
def range_quantile(methods: int) -> float:
    """Return the 95 % quantile of the studentised range of ``methods`` normal means, over √2: Demšar's Table 5a.

    The chance that k normal values lie within q of each other is k ∫ φ(z) (Φ(z) - Φ(z - q))^(k-1) dz. Summed here because
    ``scipy.stats.studentized_range`` costs a report most of its start-up time.
    """
    z = np.linspace(-9.0, 9.0, 3601)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])

    def chance(q: float) -> float:
        return float(methods * (density * (special.ndtr(z) - special.ndtr(z - q)) ** (methods - 1)).sum())

    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) < CONFIDENCE else (low, middle)
    return (low + high) / 2 / math.sqrt(2)


def _cliques(ranks: Mapping[str, float], difference: float) -> tuple[tuple[str, ...], ...]:
    names = list(ranks)
    found: list[tuple[str, ...]] = []
    end = 0
    for start, name in enumerate(names):
        stop = max(i for i, other in enumerate(names) if ranks[other] - ranks[name] <= difference) + 1
        if stop > end and stop - start > 1:
            found.append(tuple(names[start:stop]))
        end = max(end, stop)
    return tuple(found)
