"""Exact mutual information between grey-level images, one image against many at a time: the compiled kernel.

With f(n) = n ln n, N pixels and n_ij the number of pixels at which u has level i and v has level j:

    MI(u, v) = ln N + (sum f(n_ij) - sum f(n_i) - sum f(n_j)) / N    in nats.

Only pixels off an image's commonest level (its background) are stored and visited; the cells of the background
follow from the margins. The time of a pair grows with v's visited pixels and u's distinct levels, not with
the number of bins.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchbox_plugins.selectors._compiled import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Levels = NDArray[np.uint8]
Unsigned = NDArray[np.unsignedinteger[Any]]


class MutualInformation:
    """The images of a pool, stored for rows of mutual information.

    Args:
        levels: grey levels, uint8 (n, pixels); any numbering of the levels gives the same numbers.

    Attributes:
        entropy: of each image's grey levels, nats, float64 (n,).
    """

    def __init__(self, levels: Levels) -> None:
        size, self._pixels = levels.shape
        self._distinct: Unsigned = np.empty(size, np.uint32)
        counts = np.arange(self._pixels + 1, dtype=np.float64)
        self._nlogn: Floats = counts * np.log(np.maximum(counts, 1))
        self._margin = np.empty(size)
        background, visited = np.empty(size, np.uint8), np.empty(size, np.int64)
        _survey(levels, self._nlogn, self._margin, self._distinct, background, visited)
        # Unsigned indices spare the kernel Python's rule that negative ones count from the end.
        self._starts = np.concatenate(([0], visited.cumsum())).astype(np.uint64)
        self._places: Unsigned = np.empty(self._starts[-1], np.uint16 if self._pixels <= 1 << 16 else np.uint32)
        self._ranks = np.empty(self._starts[-1], np.uint8)
        _store(levels, background, self._starts, self._places, self._ranks)
        # The smallest counter that cannot overflow keeps the table in the processor's nearest cache.
        counter = np.uint16 if self._pixels < 1 << 16 else np.uint32
        self._table: Unsigned = np.zeros(int(self._distinct.max()) ** 2, counter)
        self.entropy: Floats = np.log(self._pixels) - self._margin / self._pixels

    def row(self, image: int, among: Integers) -> Floats:
        """Return the mutual information of one image with each of ``among``, nats, float64 (len(among),)."""
        out = np.empty(len(among))
        _row(
            image,
            among,
            self._starts,
            self._places,
            self._ranks,
            self._distinct,
            self._margin,
            self._nlogn,
            self._table,
            out,
        )
        return out


@compiled
def _survey(
    levels: Levels, nlogn: Floats, margin: Floats, distinct: Unsigned, background: Levels, visited: Integers
) -> None:
    for i in range(levels.shape[0]):
        counts = np.zeros(256, np.int64)
        for level in levels[i]:
            counts[level] += 1
        margin[i] = 0.0
        distinct[i] = 0
        for level in range(256):
            margin[i] += nlogn[counts[level]]
            distinct[i] += counts[level] > 0
        background[i] = counts.argmax()
        visited[i] = levels.shape[1] - counts.max()


@compiled
def _store(levels: Levels, background: Levels, starts: Unsigned, places: Unsigned, ranks: Levels) -> None:
    """Write each image's pixels off its background: their places, and their levels renumbered from 1 without gaps."""
    for i in range(levels.shape[0]):
        seen = np.zeros(256, np.int64)
        for level in levels[i]:
            seen[level] = 1
        seen[background[i]] = 0
        rank = seen.cumsum()
        t = np.int64(starts[i])
        for p in range(levels.shape[1]):
            if levels[i, p] != background[i]:
                places[t] = p
                ranks[t] = rank[levels[i, p]]
                t += 1


@compiled
def _row(
    image: int,
    among: Integers,
    starts: Unsigned,
    places: Unsigned,
    ranks: Levels,
    distinct: Unsigned,
    margin: Floats,
    nlogn: Floats,
    table: Unsigned,
    out: Floats,
) -> None:
    pixels = len(nlogn) - 1
    mine = np.zeros(pixels, np.uint8)
    for t in range(starts[image], starts[image + 1]):
        mine[places[t]] = ranks[t]
    own = np.zeros(distinct[image], np.int32)
    for p in range(pixels):
        own[mine[p]] += 1
    rest = own.copy()
    for m in range(len(among)):
        other = among[m]
        width = distinct[other]
        first, last = starts[other], starts[other + 1]
        for t in range(first, last):
            rank = mine[places[t]]
            table[rank * width + ranks[t]] += 1
            rest[rank] -= 1
        total = 0.0
        for t in range(first, last):
            cell = mine[places[t]] * width + ranks[t]
            total += nlogn[table[cell]]
            table[cell] = 0  # a cell met again adds f(0) = 0, so each counts once and the table is left clean
        for rank in range(len(own)):
            total += nlogn[rest[rank]]
            rest[rank] = own[rank]
        information = np.log(pixels) + (total - margin[image] - margin[other]) / pixels
        out[m] = max(information, 0.0)
