"""Farthest-first traversal: the greedy k-centre."""

from __future__ import annotations

import torch
from torch import Tensor


def farthest_first(vectors: Tensor, k: int, start: int) -> Tensor:
    """Choose k rows, each the one farthest from those before it, by Euclidean distance.

    At most twice as far from the farthest point as the best k centres (Gonzalez, 1985). Ties go to the lowest row. On
    rows of 0 and 1 the squared distance is Hamming's.

    Args:
        vectors: float32 (n, d).
        k: how many, up to n.
        start: the first row.

    Returns:
        int64 (k,), on the CPU, in the order of choice: the first i are the choice of i.
    """
    squares = torch.cat([(part * part).sum(1) for part in torch.split(vectors, 4096)])
    nearest = torch.full_like(squares, torch.inf)
    chosen = torch.empty(k, dtype=torch.int64)
    chosen[0] = start
    for i in range(1, k):
        last = int(chosen[i - 1])
        distance = (squares + squares[last]).addmv_(vectors, vectors[last], alpha=-2).clamp_min_(0)
        nearest = torch.minimum(nearest, distance)
        nearest[last] = -1  # below every distance: duplicates of the chosen come before the chosen themselves
        chosen[i] = nearest.argmax()
    return chosen
