"""Exact mutual information between grey-level images, one image against many at a time: the compiled kernel.

With f(n) = n ln n, N pixels and n_ij the number of pixels at which u has level i and v has level j:

    MI(u, v) = ln N + (sum f(n_ij) - sum f(n_i) - sum f(n_j)) / N    in nats.

Only pixels off an image's commonest level (its background) are stored and visited; the cells of the background
follow from the margins. The time of a pair grows with v's visited pixels and u's distinct levels, not with
the number of bins.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchbox_plugins.selectors._compiled import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Levels = NDArray[np.uint8]
Unsigned = NDArray[np.unsignedinteger[Any]]


class MutualInformation:
    """The images of a pool, for rows of mutual information; their pixels are stored at the first one.

    Args:
        levels: grey levels, uint8 (n, pixels); any numbering of the levels gives the same numbers.

    Attributes:
        levels: as given.
        entropy: of each image's grey levels, nats, float64 (n,).
    """

    def __init__(self, levels: Levels) -> None:
        self.levels = levels
        size, self._pixels = levels.shape
        self._distinct: Unsigned = np.empty(size, np.uint32)
        counts = np.arange(self._pixels + 1, dtype=np.float64)
        self._nlogn: Floats = counts * np.log(np.maximum(counts, 1))
        self._margin = np.empty(size)
        self._background, self._visited = np.empty(size, np.uint8), np.empty(size, np.int64)
        _survey(levels, self._nlogn, self._margin, self._distinct, self._background, self._visited)
        # The smallest counter that cannot overflow keeps the table in the processor's nearest cache.
        counter = np.uint16 if self._pixels < 1 << 16 else np.uint32
        self._table: Unsigned = np.zeros(int(self._distinct.max()) ** 2, counter)
        self.entropy: Floats = np.log(self._pixels) - self._margin / self._pixels

    def row(self, image: int, among: Integers) -> Floats:
        """Return the mutual information of one image with each of ``among``, nats, float64 (len(among),)."""
        out = np.empty(len(among))
        _row(image, among, *self._stored, self._distinct, self._margin, self._nlogn, self._table, out)
        return out

    @cached_property
    def _stored(self) -> tuple[Unsigned, Unsigned, Levels]:
        """Where each image's pixels off its background start; their places; their levels."""
        # Unsigned indices spare the kernel Python's rule that negative ones count from the end.
        starts = np.concatenate(([0], self._visited.cumsum())).astype(np.uint64)
        places: Unsigned = np.empty(starts[-1], np.uint16 if self._pixels <= 1 << 16 else np.uint32)
        ranks = np.empty(starts[-1], np.uint8)
        _store(self.levels, self._background, places, ranks)
        return starts, places, ranks


# Plain loops: every array method and slice in a kernel takes a tenth of a second and more to compile.
@compiled
def _survey(
    levels: Levels, nlogn: Floats, margin: Floats, distinct: Unsigned, background: Levels, visited: Integers
) -> None:
    counts = np.zeros(256, np.int64)
    for i in range(levels.shape[0]):
        for p in range(levels.shape[1]):
            counts[levels[i, p]] += 1
        total, different, most, commonest = 0.0, 0, 0, 0
        for level in range(256):
            count = counts[level]
            counts[level] = 0
            total += nlogn[count]
            if count > 0:
                different += 1
            if count > most:
                most, commonest = count, level
        margin[i], distinct[i] = total, different
        background[i], visited[i] = commonest, levels.shape[1] - most


@compiled
def _store(levels: Levels, background: Levels, places: Unsigned, ranks: Levels) -> None:
    """Write each image's pixels off its background: their places, and their levels renumbered from 1 without gaps."""
    rank = np.zeros(256, np.uint8)
    t = 0
    for i in range(levels.shape[0]):
        for p in range(levels.shape[1]):
            rank[levels[i, p]] = 1
        rank[background[i]] = 0
        seen = 0
        for level in range(256):
            seen += rank[level]
            rank[level] = seen
        for p in range(levels.shape[1]):
            level = levels[i, p]
            if level != background[i]:
                places[t], ranks[t] = p, rank[level]
                t += 1
        for level in range(256):
            rank[level] = 0


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
