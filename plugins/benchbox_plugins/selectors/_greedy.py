"""Greedy and swap search for a set of images with small pairwise costs, from one row of costs per chosen image."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchbox_plugins.selectors._compiled import compiled

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
Integers = NDArray[np.int64]
Cost = Callable[[int], Floats]
"""Costs of one image with every image, float64 (n,), 0 with itself."""

Search = Literal["min-sum", "min-max-sum", "min-max-pair"]


class _Growing(ABC):
    """A set that grows, and what it would be worth with each further image in it."""

    @abstractmethod
    def __init__(self, size: int, k: int) -> None:
        """Begin with none of ``size`` images; there will be ``k``."""

    @abstractmethod
    def add(self, image: int, row: Floats) -> Floats:
        """Take in an image and return, for every image, the objective with it: smaller is better."""


class _MinSum(_Growing):
    def __init__(self, size: int, k: int) -> None:
        self._total = np.zeros(size)

    def add(self, image: int, row: Floats) -> Floats:
        self._total += row
        return self._total


class _MinMaxPair(_Growing):
    def __init__(self, size: int, k: int) -> None:
        self._largest = np.zeros(size)

    def add(self, image: int, row: Floats) -> Floats:
        np.maximum(self._largest, row, out=self._largest)
        return self._largest


class _MinMaxSum(_Growing):
    """Keeps the rows of all members (4 bytes x n x k): each member's sum with a candidate in the set is needed."""

    def __init__(self, size: int, k: int) -> None:
        self._rows = np.empty((k, size), np.float32)
        self._members: list[int] = []
        self._sums = np.zeros(k)
        self._total = np.zeros(size)

    def add(self, image: int, row: Floats) -> Floats:
        count = len(self._members)
        self._sums[:count] += row[self._members]
        self._sums[count] = self._total[image]
        self._rows[count] = row
        self._members.append(image)
        self._total += row
        return _largest_sum(self._rows[: count + 1], self._sums[: count + 1], self._total)


_GROWING: dict[str, type[_Growing]] = {"min-sum": _MinSum, "min-max-sum": _MinMaxSum, "min-max-pair": _MinMaxPair}


@compiled
def _largest_sum(rows: Rows, sums: Floats, total: Floats) -> Floats:
    """Return, for each candidate, the largest row sum of the set with it: its own, or a member's."""
    out = total.copy()
    for member in range(rows.shape[0]):
        for candidate in range(rows.shape[1]):
            out[candidate] = max(out[candidate], sums[member] + rows[member, candidate])
    return out


def greedy(cost: Cost, size: int, k: int, start: int, search: Search) -> Integers:
    """Choose k of ``size`` images, each the one that makes the objective smallest with those before it.

    Objectives: the sum of all pair costs (``min-sum``), the largest sum of one member's costs with the others
    (``min-max-sum``), the largest pair cost (``min-max-pair``). Ties go to the lowest row.

    Args:
        cost: gives rows of costs; called once per chosen image but the last.
        size: how many images there are.
        k: how many to choose.
        start: the first image.
        search: the objective.

    Returns:
        int64 (k,), in the order of choice: the first i are the choice of i.
    """
    growing = _GROWING[search](size, k)
    chosen = np.empty(k, np.int64)
    free = np.ones(size, bool)
    chosen[0], free[start] = start, False
    for i in range(1, k):
        worth = growing.add(int(chosen[i - 1]), cost(int(chosen[i - 1])))
        chosen[i] = np.where(free, worth, np.inf).argmin()
        free[chosen[i]] = False
    return chosen


def refine(cost: Cost, chosen: Integers, search: Search, swaps: int) -> Integers:
    """Swap the costliest member for the best outsider, up to ``swaps`` times, while that lowers the objective.

    Keeps the rows of all members (4 bytes x n x k). The newcomer takes the place of the one that leaves.
    """
    chosen = chosen.copy()
    rows = np.stack([cost(int(image)).astype(np.float32) for image in chosen])
    for _ in range(swaps):
        pairs = rows[:, chosen].astype(np.float64)
        out = _costliest(pairs, search)
        worth = _worth_without(rows, pairs, out, search)
        worth[chosen] = np.inf
        best = int(worth.argmin())
        if worth[best] >= objective(pairs, search):
            break
        chosen[out] = best
        rows[out] = cost(best)
    return chosen


def objective(pairs: Floats, search: Search) -> float:
    """Return the objective of a set from its pair costs, (k, k) with a diagonal of 0."""
    if search == "min-sum":
        return float(pairs.sum() / 2)
    return float(pairs.sum(1).max() if search == "min-max-sum" else pairs.max())


def _costliest(pairs: Floats, search: Search) -> int:
    sums = pairs.sum(1)
    largest = pairs.max(1) if search == "min-max-pair" else sums
    return int(np.lexsort((sums, largest))[-1])


def _worth_without(rows: Rows, pairs: Floats, out: int, search: Search) -> Floats:
    """Return, for every image, the objective of the set with it in the place of member ``out``."""
    stay = np.arange(len(rows)) != out
    rest = pairs * np.outer(stay, stay)
    if search == "min-max-pair":
        largest: Floats = rows.max(0, where=stay[:, None], initial=0).astype(np.float64)
        np.maximum(largest, rest.max(), out=largest)
        return largest
    total: Floats = rows.sum(0, where=stay[:, None], dtype=np.float64)
    if search == "min-sum":
        total += rest.sum() / 2
        return total
    return _largest_sum(rows, np.where(stay, rest.sum(1), -np.inf), total)
