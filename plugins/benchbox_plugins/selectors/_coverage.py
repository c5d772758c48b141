"""Greedy maximum coverage."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def covering_rows(active: NDArray[Any], k: int) -> Integers:
    """Choose k rows, each the one with most columns that no row before it has; start over when none adds a column.

    A column's rows are counted once per round of coverage, so the time grows with columns x n x rounds and not with k x
    columns x n. Ties go to the lowest row.

    Args:
        active: bool (n, columns).
        k: how many, up to n.

    Returns:
        int64 (k,), in the order of choice: the first i are the choice of i.
    """
    columns = np.ascontiguousarray(active.T).view(np.uint8)
    everything = columns.sum(0, dtype=np.int32)
    gain, uncovered = everything.copy(), np.ones(len(columns), bool)
    free = np.ones(columns.shape[1], bool)
    chosen = np.empty(k, np.int64)
    for i in range(k):
        row = int(np.where(free, gain, -1).argmax())
        if gain[row] == 0:
            gain, uncovered = everything.copy(), np.ones(len(columns), bool)
            row = int(np.where(free, gain, -1).argmax())
        new = uncovered & (columns[:, row] > 0)
        gain -= columns[new].sum(0, dtype=np.int32)
        uncovered &= ~new
        chosen[i], free[row] = row, False
    return chosen
