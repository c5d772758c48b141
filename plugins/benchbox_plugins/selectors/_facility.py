"""Facility location: a set of which every image of the pool has a member that it is like."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heapreplace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
LikeAmong = Callable[[int, Integers], Floats]
"""Similarities, 0 or more, of one image with those of some rows, float64 (rows,)."""


def facility(like: LikeAmong, size: int, k: int) -> Integers:
    """Choose k of ``size`` images, each the one that most raises the sum of all images' likeness to their likest member.

    Cornuejols, Fisher and Nemhauser, Location of bank accounts to optimize float (1977). What an image adds only falls while
    the set grows, so an image is looked at again only when what it once added is the most of all (Minoux, Accelerated greedy
    algorithms for maximizing submodular set functions, 1978). Ties go to the lowest row.

    Args:
        like: symmetric; called once for each image with those from it on, and about ten times a choice with all.
        size: how many images there are.
        k: how many to choose.

    Returns:
        int64 (k,), in the order of choice: the first i are the choice of i.
    """
    every = np.arange(size)
    adds = np.zeros(size)
    for image in range(size):
        row = like(image, every[image:])
        adds[image] += row.sum()
        adds[image + 1 :] += row[1:]
    best, chosen = np.zeros(size), np.empty(k, np.int64)
    queue = [(-float(added), image) for image, added in enumerate(adds)]
    heapify(queue)
    for i in range(k):
        looked_at: set[int] = set()
        while (image := queue[0][1]) not in looked_at:
            looked_at.add(image)
            row = like(image, every)
            heapreplace(queue, (-float(np.maximum(row - best, 0).sum()), image))
        chosen[i] = heappop(queue)[1]
        np.maximum(best, like(int(chosen[i]), every), out=best)
    return chosen
