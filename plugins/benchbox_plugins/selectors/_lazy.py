"""The greedy search of ``_greedy`` without most of its work, and with the same choice.

A set's worth with a candidate only grows while the set grows. So what a candidate was once charged, for some of the members
or by lower bounds of its costs, never exceeds its worth. Each step looks at the candidates that were charged least, and
charges them until one is known to be the best and all others are charged more. Known means: to within the rounding of sums
in another order. Where that leaves two, the plain search's own figures decide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchbox_plugins.selectors._greedy import Search, greedy
from benchbox_plugins.selectors._sketch import Sketch

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
CostAmong = Callable[[int, Integers], Floats]
"""Costs of one image with those of some rows, float64 (rows,), to the last bit as the plain search counts them."""


class _TiedError(Exception):
    """So many candidates differ by rounding at most, or not at all, that the plain search is the one to ask."""


class _Lazy:
    """One search among the images of a sketch, by the kernels of ``_charges``."""

    def __init__(self, sketch: Sketch, weight: Floats, alpha: int, cost: CostAmong, search: Search) -> None:
        size = len(weight)
        self._sketch, self._weight, self._alpha, self._cost = sketch, weight, alpha, cost
        # What each candidate is charged in all; what it owes to the first ``valued`` members lies from low to high; to how
        # many members it was charged by bounds.
        self._key, self._low, self._high = np.zeros(size), np.zeros(size), np.zeros(size)
        self._valued, self._bounded = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self._more, self._members = self._extra(size), self._copies(0)
        self._last = np.empty(0, np.int64)  # whom the last step looked at
        self._kernel = self._compiled(search)

    def choose(self, k: int, start: int) -> Integers:
        """Return k rows in the order of choice, int64 (k,), from ``start`` on."""
        self._members = self._copies(k)
        chosen = np.empty(k, np.int64)
        for i in range(k):
            chosen[i] = self._next(chosen[:i]) if i else start
            self._join(chosen[: i + 1])
        return chosen

    def _copies(self, k: int) -> list[NDArray[Any]]:
        """Return room for what is known of members. Side by side they are read much faster than across the pool."""
        return [np.empty((k, *part.shape[1:]), part.dtype) for part in self._of_images()]

    def _of_images(self) -> list[NDArray[Any]]:
        own = self._sketch
        return [self._weight, own.planes, own.facts, own.margin, own.ranks, own.counts]

    def _join(self, chosen: Integers) -> None:
        """Take in the last image of those chosen."""
        image = chosen[-1]
        for copy, part in zip(self._members, self._of_images(), strict=True):
            copy[len(chosen) - 1] = part[image]
        self._key[image], self._valued[image] = np.inf, -1

    def _next(self, chosen: Integers) -> int:
        likely = self._likely(len(chosen))
        # A worth beyond 32-bit floats is infinite to the plain search, which knows no order among such; members have it too.
        limit = self._charge(likely, np.inf, len(chosen)) if self._key[likely[0]] < np.inf else np.inf
        if limit == np.inf:
            raise _TiedError
        near = np.flatnonzero(self._key <= limit)
        limit = self._charge(near, limit, len(chosen))
        self._last = near
        best = near[self._key[near] <= limit]
        return int(best[0]) if len(best) == 1 else self._settle(best, chosen)

    def _likely(self, members: int) -> Integers:
        """Return those whose worth the last step knew, else the one charged least, int64 (m,): little is missing."""
        known = self._last[self._valued[self._last] == members - 1]
        return known[self._key[known].argsort()] if len(known) else np.array([self._key.argmin()])

    def _charge(self, candidates: Integers, limit: float, members: int) -> float:
        """Charge candidates in turn, and return the limit that one of them may have lowered to its own worth."""
        account = (self._key, self._low, self._high, self._bounded, self._valued)
        images, members_parts = tuple(self._of_images()), tuple(self._members)
        tables = tuple(self._sketch)[len(images) - 1 :]
        lowered: float = self._kernel(
            candidates, limit, members, self._alpha, account, self._more, members_parts, images, tables
        )
        return lowered

    def _compiled(self, search: Search) -> Callable[..., float]:
        raise NotImplementedError

    def _extra(self, size: int) -> Any:
        """Return what else the kernel keeps of each candidate."""
        raise NotImplementedError

    def _settle(self, tied: Integers, chosen: Integers) -> int:
        """Return the one that the plain search takes, of candidates that differ by rounding at most."""
        raise NotImplementedError


class _Candidates(_Lazy):
    """``min-sum`` and ``min-max-pair``: what a candidate is worth depends on its own costs alone."""

    def __init__(self, sketch: Sketch, weight: Floats, alpha: int, cost: CostAmong, search: Search) -> None:
        super().__init__(sketch, weight, alpha, cost, search)
        self._add = np.add if search == "min-sum" else np.maximum
        # The plain search's figure, and of how many members it is, for candidates that have ever tied.
        self._plain, self._settled = np.zeros(len(weight)), np.zeros(len(weight), np.int64)

    def _compiled(self, search: Search) -> Callable[..., float]:
        from benchbox_plugins.selectors._charges import charge_largest, charge_sums

        return charge_sums if search == "min-sum" else charge_largest

    def _extra(self, size: int) -> Integers:
        return np.zeros(size, np.int64)

    def _settle(self, tied: Integers, chosen: Integers) -> int:
        for m in range(int(self._settled[tied].min()), len(chosen)):
            behind = tied[self._settled[tied] <= m]
            self._plain[behind] = self._add(self._plain[behind], self._cost(int(chosen[m]), behind))
        self._settled[tied] = len(chosen)
        return int(tied[self._plain[tied].argmin()])


class _Everyone(_Lazy):
    """``min-max-sum``: a candidate also adds to the sums of the members, whose limits are kept here."""

    def __init__(self, sketch: Sketch, weight: Floats, alpha: int, cost: CostAmong, search: Search) -> None:
        super().__init__(sketch, weight, alpha, cost, search)
        self._sums, self._asked = np.empty(0), 0

    def _compiled(self, search: Search) -> Callable[..., float]:
        from benchbox_plugins.selectors._charge_heaviest import charge_heaviest

        return charge_heaviest

    def _extra(self, size: int) -> tuple[Floats, Integers, Floats, Floats]:
        return np.zeros(size), np.empty(0, np.int64), np.empty(0), np.empty(0)

    def _join(self, chosen: Integers) -> None:
        image = int(chosen[-1])
        total, _, low, high = self._more
        costs = self._cost(image, chosen[:-1])
        low, high = np.append(low + costs, self._low[image]), np.append(high + costs, self._high[image])
        self._more = total, (-low).argsort(), low, high
        super()._join(chosen)

    def _settle(self, tied: Integers, chosen: Integers) -> int:
        self._asked += len(tied) * len(chosen)
        if self._asked > len(self._weight) * len(self._members[0]):
            raise _TiedError
        for i in range(len(self._sums), len(chosen)):
            own = _one_by_one(self._rows(chosen[:i], chosen[i : i + 1]))
            self._sums = np.append(self._sums + self._cost(int(chosen[i]), chosen[:i]), own)
        rows = self._rows(chosen, tied)
        worth = np.maximum(_one_by_one(rows), (self._sums[:, None] + rows.astype(np.float32)).max(0))
        return int(tied[worth.argmin()])

    def _rows(self, chosen: Integers, images: Integers) -> Floats:
        return np.array([self._cost(int(member), images) for member in chosen]).reshape(len(chosen), len(images))


def _one_by_one(rows: Floats) -> Floats:
    """Return the sum of rows, added in their order as the plain search adds them."""
    total = np.zeros(rows.shape[1])
    for row in rows:
        total += row
    return total


def lazy_greedy(
    sketch: Sketch, weight: Floats, alpha: int, cost: CostAmong, k: int, start: int, search: Search
) -> Integers:
    """Return what ``greedy`` returns, int64 (k,), from a few of the costs.

    Args:
        sketch: of the images to choose from.
        weight: a pair costs (its mutual information x both weights) ** alpha, float64 (n,).
        alpha: the power.
        cost: the plain search's costs; asked where candidates tie.
        k: how many to choose.
        start: the first image.
        search: the objective.
    """
    kind = _Everyone if search == "min-max-sum" else _Candidates
    try:
        return kind(sketch, weight, alpha, cost, search).choose(k, start)
    except _TiedError:
        every = np.arange(len(weight))
        return greedy(lambda image: cost(image, every), len(weight), k, start, search)
