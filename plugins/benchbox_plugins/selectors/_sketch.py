"""What two images need to be compared quickly: bit planes, levels by rank, and what a few pixels can be worth."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchbox_plugins.selectors._compiled import compiled

Floats = NDArray[np.float64]
Fills = NDArray[np.float32]
Levels = NDArray[np.uint8]
Counts = NDArray[np.uint16]
Words = NDArray[np.uint64]
Rows = NDArray[np.integer[Any]]

MOST_PIXELS = (1 << 16) - 1
"""Pixels are counted in 16 bits."""

REST, RARE, OFTEN, FILLS, PLACES = 3, 4, 5, 6, 7
"""Columns of ``facts`` after the first three."""


class Sketch(NamedTuple):
    """Images, each with its levels ranked by how many of its pixels have them: 0 for the commonest, its background.

    Ranks 0, 1 and 2 stand alone; all others are the *rest*. A count n is worth f(n) = n ln n.

    Attributes:
        planes: bit p of [i, r] tells whether pixel p of image i has rank r + 1 (r = 2: the rest), (n, 3, words).
        facts: pixels of rank 0, 1, 2 and of the rest; levels of the rest; ranks of two pixels or more; where the
            image's part of ``least`` and ``most`` starts; where its part of ``places`` starts, (n, 8).
        margin: what an image's own counts are worth together, (n,).
        ranks: (n, pixels).
        counts: pixels of each rank, (n, ranks).
        places, there: of all images, the pixels off the background, and their ranks: side by side they are read much faster.
        least: of all images, the least that levels + 0, 1, 2... pixels of the rest can be worth: fewer are worth 0.
        most: of all images, the most that 0, 1, 2... pixels of the rest can be worth.
        nlogn, step: f(n), and f(n + 1) - f(n), (pixels + 1,).
    """

    planes: Words
    facts: Words
    margin: Floats
    ranks: Levels
    counts: Counts
    places: Counts
    there: Levels
    least: Fills
    most: Fills
    nlogn: Floats
    step: Floats

    def take(self, rows: Rows) -> Sketch:
        """Return the sketch of some of the images."""
        return self._replace(
            planes=self.planes[rows],
            facts=self.facts[rows],
            margin=self.margin[rows],
            ranks=self.ranks[rows],
            counts=self.counts[rows],
        )


def sketch(levels: Levels) -> Sketch:
    """Return the sketch of images from their grey levels, uint8 (n, pixels), of at most ``MOST_PIXELS`` pixels."""
    size, pixels = levels.shape
    numbers = np.arange(pixels + 1, dtype=np.float64)
    nlogn = numbers * np.log(np.maximum(numbers, 1))
    step = np.append(np.diff(nlogn), 0.0)
    planes = np.zeros((size, 3, -(-pixels // 64)), np.uint64)
    facts, margin = np.zeros((size, 8), np.uint64), np.zeros(size)
    ranks, counts = np.empty((size, pixels), np.uint8), np.zeros((size, int(levels.max()) + 1), np.uint16)
    _rank(levels, nlogn, planes, facts, margin, ranks, counts)
    fills = np.append(0, (facts[:, REST] + np.uint64(1)).cumsum())
    starts = np.append(0, (np.uint64(pixels) - facts[:, 0]).cumsum())
    facts[:, FILLS], facts[:, PLACES] = fills[:-1], starts[:-1]
    places, there = np.empty(int(starts[-1]), np.uint16), np.empty(int(starts[-1]), np.uint8)
    least, most = np.zeros(int(fills[-1]), np.float32), np.zeros(int(fills[-1]), np.float32)
    _fill(ranks, counts, facts, nlogn, step, places, there, least, most)
    return Sketch(planes, facts, margin, ranks, counts, places, there, least, most, nlogn, step)


@compiled
def _rank(
    levels: Levels, nlogn: Floats, planes: Words, facts: Words, margin: Floats, ranks: Levels, counts: Counts
) -> None:
    of_level, number, order = np.zeros(256, np.int64), np.zeros(256, np.uint8), np.zeros(256, np.int64)
    for i in range(levels.shape[0]):
        of_level[:] = 0
        for level in levels[i]:
            of_level[level] += 1
        distinct = 0
        for level in range(256):
            count = of_level[level]
            if count > 0:
                at = distinct
                while at > 0 and of_level[order[at - 1]] < count:
                    order[at] = order[at - 1]
                    at -= 1
                order[at] = level
                distinct += 1
        for rank in range(distinct):
            count = of_level[order[rank]]
            number[order[rank]], counts[i, rank] = rank, count
            margin[i] += nlogn[count]
            facts[i, min(rank, REST)] += np.uint64(count)
            facts[i, RARE] += np.uint64(rank >= REST)
            facts[i, OFTEN] += np.uint64(count > 1)
        for p in range(levels.shape[1]):
            rank = number[levels[i, p]]
            ranks[i, p] = rank
            if rank > 0:
                planes[i, min(rank, REST) - 1, p >> 6] |= np.uint64(1) << np.uint64(p & 63)


@compiled
def _fill(
    ranks: Levels,
    counts: Counts,
    facts: Words,
    nlogn: Floats,
    step: Floats,
    places: Counts,
    there: Levels,
    least: Fills,
    most: Fills,
) -> None:
    place = 0
    for i in range(ranks.shape[0]):
        for p in range(ranks.shape[1]):
            if ranks[i, p] > 0:
                places[place], there[place] = p, ranks[i, p]
                place += 1
        # f is convex. Pixels are worth most where whole levels are taken, the commonest first...
        at = np.int64(facts[i, FILLS])
        last = REST + np.int64(facts[i, RARE])
        total = 0.0
        for rank in range(REST, last):
            for count in range(counts[i, rank]):
                at += 1
                most[at] = total + nlogn[count + 1]
            total += nlogn[counts[i, rank]]
        # ... and least where one is taken of every level before two of any.
        at = np.int64(facts[i, FILLS])
        total, taken = 0.0, 1
        while last > REST:
            while last > REST and counts[i, last - 1] <= taken:
                last -= 1
            for _ in range(REST, last):
                at += 1
                total += step[taken]
                least[at] = total
            taken += 1
