"""What a curve of accuracy over queries comes to in one number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchbox.report.statistics.intervals import Floats


def queries_to_reach(budgets: Sequence[float], values: Sequence[float], level: float) -> float:
    """Return at how many queries a curve first reaches ``level``, straight between points in log-budget.

    Args:
        budgets: queries, ascending, positive.
        values: accuracy at each.
        level: in the unit of ``values``.

    Returns:
        Queries; the first budget where the curve starts above the level (it may have been reached before it); infinity
        where it is never reached.

    """
    for i, (budget, value) in enumerate(zip(budgets, values, strict=True)):
        if value >= level:
            if i == 0:
                return float(budget)
            before, low = budgets[i - 1], values[i - 1]
            share = (level - low) / (value - low)
            return float(math.exp(math.log(before) + share * (math.log(budget) - math.log(before))))
    return math.inf


def areas_over_log_budget(budgets: Sequence[float], curves: Floats) -> Floats:
    """Return the mean height of each curve over the logarithm of the budget (trapezia), in the unit of the values.

    Args:
        budgets: queries, ascending, positive.
        curves: (n, len(budgets)).

    Returns:
        (n,); NaN with fewer than two budgets.

    """
    if len(budgets) < 2:
        return np.full(len(curves), math.nan)
    x = np.log(np.asarray(budgets, dtype=float))
    trapezia = (curves[:, 1:] + curves[:, :-1]) / 2 * np.diff(x)
    return np.asarray(trapezia.sum(1) / (x[-1] - x[0]), dtype=float)


def area_over_log_budget(budgets: Sequence[float], values: Sequence[float]) -> float:
    """Return ``areas_over_log_budget`` of one curve."""
    return float(areas_over_log_budget(budgets, np.array([values], dtype=float))[0])
