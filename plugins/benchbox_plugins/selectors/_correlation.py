"""Greedy choices by correlation: of a set's second moments with the pool's, and between images."""

from __future__ import annotations

import torch
from torch import Tensor

_CHUNK = 4096


def matching_rows(vectors: Tensor, k: int) -> Tensor:
    """Choose k rows whose mean of x x' approaches that of all rows: herding with the kernel (x'y)^2.

    Args:
        vectors: float32 (n, d).
        k: how many, up to n.

    Returns:
        int64 (k,), on the CPU, in the order of choice.
    """
    wanted = mean_squared_products(vectors)
    have = torch.zeros_like(wanted)
    chosen = torch.empty(k, dtype=torch.int64)
    for i in range(k):
        worth = wanted - have / (i + 1)
        worth[chosen[:i].to(worth.device)] = -torch.inf
        chosen[i] = worth.argmax()
        have += (vectors @ vectors[chosen[i]]).double().square_()
    return chosen


def mean_squared_products(vectors: Tensor) -> Tensor:
    """Return the mean over all rows y of (x'y)^2 for each row x, float64 (n,): x'Rx with R the mean of y y'.

    R is d x d and is made only where that is the smaller side; images with more pixels than there are rows are taken
    against each other, a chunk at a time.
    """
    parts = torch.split(vectors, _CHUNK)
    if vectors.shape[1] > len(vectors):
        return torch.cat([(part @ vectors.T).double().square_().mean(1) for part in parts])
    moments = torch.zeros(vectors.shape[1], vectors.shape[1], dtype=torch.float64, device=vectors.device)
    for part in parts:
        moments += part.T @ part
    moments = (moments / len(vectors)).to(vectors.dtype)
    return torch.cat([((part @ moments) * part).sum(1, dtype=torch.float64) for part in parts])


def decorrelating_rows(vectors: Tensor, k: int, start: int) -> Tensor:
    """Choose k rows, each with the smallest sum of absolute Pearson correlations with those before it.

    A constant row correlates with nothing. Ties go to the lowest row.

    Args:
        vectors: float32 (n, d).
        k: how many, up to n.
        start: the first row.

    Returns:
        int64 (k,), on the CPU, in the order of choice.
    """
    spread = torch.cat([part.std(1, correction=0) for part in torch.split(vectors, _CHUNK)]).double()
    scale = torch.where(spread > 0, 1 / (spread * vectors.shape[1]), 0.0)
    total = torch.zeros_like(scale)
    chosen = torch.empty(k, dtype=torch.int64)
    chosen[0] = start
    for i in range(1, k):
        last = int(chosen[i - 1])
        centred = vectors[last] - vectors[last].mean()
        total += (vectors @ centred).double().abs_() * scale * (scale[last] * vectors.shape[1])
        total[last] = torch.inf
        chosen[i] = total.argmin()
    return chosen
