"""Ranks with ties: paired differences over what methods have in common, corrected for all that are compared."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from benchbox.report.statistics.intervals import CONFIDENCE, Floats

_ROUNDING = 1e-12
"""Differences below it are rounding, not difference."""


@dataclass(frozen=True)
class Rank:
    """A method's place.

    Attributes:
        rank: 1 + the number of methods that are significantly better.
        tied: whether another method has the same rank.
        worse_than: those methods, best first.
    """

    rank: int
    tied: bool
    worse_than: tuple[str, ...] = ()


def paired_p(differences: npt.ArrayLike) -> float:
    """Return the two-sided p of a paired t-test: small where the mean difference is not zero.

    It is below 0.05 exactly where the 95 % t-interval of the mean difference leaves out zero. Differences that are all the
    same have no spread to judge by: theirs is the exact sign test's p, 2 / 2^n. NaN for fewer than two pairs.
    """
    return float(_paired_p(np.asarray(differences, dtype=float)[None])[0])


def _paired_p(differences: Floats) -> Floats:
    """Return ``paired_p`` of every row."""
    n = differences.shape[1]
    if n < 2:
        return np.full(len(differences), math.nan)
    mean, sd = np.abs(differences.mean(1)), differences.std(1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * special.stdtr(n - 1, -mean / (sd / math.sqrt(n)))
    constant = np.where(mean < _ROUNDING, 1.0, 2.0 ** (1 - n))
    return np.asarray(np.where(sd < _ROUNDING, constant, p), dtype=float)


def holm(p: Sequence[float] | Floats) -> list[float]:
    """Return Holm's adjusted p values (1979), in the order given."""
    values = np.asarray(p, dtype=float)
    order = np.argsort(values, kind="stable")
    adjusted = np.empty(len(values))
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, (len(values) - np.arange(len(values))) * values[order]))
    return [float(value) for value in adjusted]


def _rejected(p: Floats) -> npt.NDArray[np.intp]:
    """Return where Holm's adjusted p is below 0.05, without adjusting the many that are not."""
    level = 1 - CONFIDENCE
    small = np.flatnonzero(p < level)
    small = small[np.argsort(p[small], kind="stable")]
    kept = (len(p) - np.arange(len(small))) * p[small] < level
    return small[: len(small) if kept.all() else int(np.argmin(kept))]


def tie_ranks(scores: Mapping[str, Mapping[Any, float]]) -> dict[str, Rank]:
    """Rank methods: 1 + the number of methods that are significantly better.

    One method is significantly better than another where its mean is higher and the paired t-test of their differences,
    Holm-corrected over all pairs of methods, gives p < 0.05. Methods that cannot be told apart share a rank, unless some
    third method is better than only one of them.

    Args:
        scores: by method, a score by pair (a seed, or any key that methods share, as target and seed). Only pairs that
            all methods have are used.

    Returns:
        Ranks, best first (by rank, then mean, then name); empty where fewer than two pairs are common, because one pair
        orders nothing.

    """
    names, table = _paired(scores)
    if not names:
        return {}
    # best first, so that the second of a pair is never the better one
    i, j = np.triu_indices(len(names), 1)
    worse = np.sort(_rejected(_paired_p(table[i] - table[j])))
    better_than: list[list[str]] = [[] for _ in names]
    for first, second in zip(i[worse].tolist(), j[worse].tolist(), strict=True):
        better_than[second].append(names[first])
    shared = Counter(len(better) for better in better_than)
    found = {
        name: Rank(1 + len(better), shared[len(better)] > 1, tuple(better))
        for name, better in zip(names, better_than, strict=True)
    }
    return dict(sorted(found.items(), key=lambda item: item[1].rank))


def front(scores: Mapping[str, Mapping[Any, float]]) -> frozenset[str]:
    """Return the methods of rank 1: nobody is significantly better.

    Args:
        scores: as for ``tie_ranks``.
    """
    return frozenset(name for name, rank in tie_ranks(scores).items() if rank.rank == 1)


def _paired(scores: Mapping[str, Mapping[Any, float]]) -> tuple[list[str], Floats]:
    """Return the methods, best mean first, and their scores over the pairs that all have, a row a method."""
    common = sorted(set.intersection(*(set(values) for values in scores.values()))) if scores else []
    if len(common) < 2:
        return [], np.empty((0, 0))
    table = {name: np.array([values[key] for key in common], dtype=float) for name, values in scores.items()}
    names = sorted(table, key=lambda name: (-table[name].mean(), name))
    return names, np.stack([table[name] for name in names])
