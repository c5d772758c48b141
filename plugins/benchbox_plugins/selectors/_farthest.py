"""Farthest-first traversal: the greedy k-centre."""

from __future__ import annotations

import torch
from torch import Tensor


def farthest_first(vectors: Tensor, k: int, start: int | Tensor) -> Tensor:
    """Choose k rows, each the one farthest from those before it, by Euclidean distance.

    At most twice as far from the farthest point as the best k centres (Gonzalez, 1985). Ties go to the lowest row. On
    rows of 0 and 1 the squared distance is Hamming's.

    Args:
        vectors: float32 (n, d).
        k: how many, up to n; less what is there already.
        start: the first row; or rows, int64 (m,), m >= 1, that are there already, of which none is chosen.

    Returns:
        int64 (k,), on the CPU, in the order of choice: the first i are the choice of i.
    """
    squares = torch.cat([(part * part).sum(1) for part in torch.split(vectors, 4096)])
    nearest = torch.full_like(squares, torch.inf)

    def add(row: int) -> None:
        distance = (squares + squares[row]).addmv_(vectors, vectors[row], alpha=-2).clamp_min_(0)
        torch.minimum(nearest, distance, out=nearest)
        nearest[row] = -1  # below every distance: duplicates of the chosen come before the chosen themselves

    chosen = [start] if isinstance(start, int) else []
    for row in [start] if isinstance(start, int) else start.tolist():
        add(row)
    while len(chosen) < k:
        chosen.append(int(nearest.argmax()))
        add(chosen[-1])
    return torch.tensor(chosen)
