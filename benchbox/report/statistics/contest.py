"""Methods held against each other over replicates: differences with their intervals, and places that follow the means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from benchbox.report.statistics.intervals import CONFIDENCE, Floats

REPLICATES = 5
"""Fewest replicates that all methods have in common from which anything is ordered."""
_ROUNDING = 1e-12
"""Differences below it are rounding, not difference."""


@dataclass(frozen=True)
class Difference:
    """How far one method is ahead of another.

    Attributes:
        mean: over replicates; scores are shares.
        half: half its interval: all differences of a contest lie within theirs with 95 % confidence.
    """

    mean: float
    half: float

    @property
    def low(self) -> float:
        """The interval's lower end; shares differ by 1 at most."""
        return max(self.mean - self.half, -1.0)

    @property
    def high(self) -> float:
        """The interval's upper end."""
        return min(self.mean + self.half, 1.0)

    @property
    def cut(self) -> bool:
        """Whether an end of the interval is where no difference can lie beyond, and the mean not in its middle."""
        return abs(self.mean) + self.half > 1

    @property
    def told(self) -> bool:
        """Whether the data tell the two methods apart."""
        return abs(self.mean) > self.half + _ROUNDING

    @property
    def none(self) -> bool:
        """Whether the two are equal and their interval is empty: in every replicate, where variances are not pooled."""
        return abs(self.mean) <= _ROUNDING and self.half <= _ROUNDING


@dataclass(frozen=True)
class Place:
    """A method's place by its mean, and the places that the data leave open to it, from ``best`` to ``worst``."""

    rank: int
    best: int
    worst: int


@dataclass(frozen=True)
class Contest:
    """Methods that have replicates in common.

    A replicate draws target, pool and first weights for all methods alike, so they are compared within it. Where variances
    allow, one variance is pooled over all methods (the residual of a two-way layout); else each pair has its own, that of its
    differences. Either way Student's t is Bonferroni's over all pairs: the leader is picked by the data, so that
    Dunnett's quantile, made for a control that was named beforehand, would claim too much (``benchmarks/statistics/``).

    Attributes:
        names: of the methods, the best mean first, equal ones by name.
        means: by method, in that order.
        replicates: how many.
        pooled: whether one variance is pooled.
        halves: of the interval of each pair's difference, (methods, methods).
    """

    names: tuple[str, ...]
    means: Floats
    replicates: int
    pooled: bool
    halves: Floats

    def difference(self, name: str, other: str) -> Difference:
        """Return how far a method is ahead of another."""
        i, j = self.names.index(name), self.names.index(other)
        return Difference(float(self.means[i] - self.means[j]), float(self.halves[i, j]))

    @property
    def firsts(self) -> tuple[str, ...]:
        """The methods of the highest mean: several where they are equal."""
        return tuple(
            name for name, mean in zip(self.names, self.means, strict=True) if self.means[0] - mean <= _ROUNDING
        )

    @property
    def open(self) -> tuple[str, ...]:
        """The methods that the data do not tell from the first, which is none of them."""
        first, *others = self.names
        return tuple(name for name in others if not self.difference(first, name).told)

    def places(self) -> dict[str, Place]:
        """Return every method's place: one is surely behind those that are told from it and better."""
        told = np.abs(self.means[:, None] - self.means) > self.halves + _ROUNDING
        ahead, behind = np.triu(told, 1).sum(0), np.triu(told, 1).sum(1)
        count = len(self.names)
        return {name: Place(i + 1, 1 + int(ahead[i]), count - int(behind[i])) for i, name in enumerate(self.names)}


def paired(differences: Floats, claims: int) -> Difference:
    """Return the mean of differences, one a replicate, one of ``claims`` that hold together; a single one has no interval."""
    count = len(differences)
    if count < 2:
        return Difference(float(differences[0]), math.inf)
    half = _quantile(claims, count - 1) * differences.std(ddof=1) / math.sqrt(count)
    return Difference(float(differences.mean()), float(half))


def contest(scores: Mapping[str, Mapping[Any, float]]) -> Contest | None:
    """Compare methods over the replicates that all have; None where fewer than ``REPLICATES`` are, or one method alone.

    Args:
        scores: by method, a score by replicate; higher is better.
    """
    common = sorted(set.intersection(*(set(values) for values in scores.values()))) if scores else []
    if len(common) < REPLICATES or len(scores) < 2:
        return None
    table = {name: np.array([values[key] for key in common], dtype=float) for name, values in scores.items()}
    names = tuple(sorted(table, key=lambda name: (-table[name].mean(), name)))
    values = np.stack([table[name] for name in names])
    if pooled := _alike(values):
        halves = _pooled(values)
    else:
        spread = (values[:, None] - values).std(2, ddof=1)
        halves = np.asarray(
            _quantile(_pairs(len(names)), len(common) - 1) * spread / math.sqrt(len(common)), dtype=float
        )
    return Contest(names, values.mean(1), len(common), pooled, halves)


def _alike(values: Floats) -> bool:
    """Whether the largest variance is small enough, beside the smallest, for all to be pooled.

    Of k methods that vary alike the largest of five replicates' variances is about k times the smallest in half of all
    contests (Hartley's F-max). A test at 5 % would pool what differs, and wrong claims would rise.
    """
    count, replicates = values.shape
    spread = values.var(1, ddof=1)
    return bool(spread.max() <= spread.min() * count * (REPLICATES - 1) / (replicates - 1))


def _pooled(values: Floats) -> Floats:
    count, replicates = values.shape
    residual = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
    freedom = (count - 1) * (replicates - 1)
    error = math.sqrt(2 * (residual**2).sum() / freedom / replicates)
    halves = np.full((count, count), _quantile(_pairs(count), freedom) * error)
    np.fill_diagonal(halves, 0)  # nothing differs from itself
    return halves


def _pairs(methods: int) -> int:
    return methods * (methods - 1) // 2


def _quantile(claims: int, freedom: int) -> float:
    """Return Student's t that no one of some differences exceeds by chance, with 95 % confidence."""
    return float(special.stdtrit(freedom, 1 - (1 - CONFIDENCE) / (2 * claims)))
