"""What a curve of accuracy over queries comes to in one number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence


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


def area_over_log_budget(budgets: Sequence[float], values: Sequence[float]) -> float:
    """Return the mean height of a curve over the logarithm of the budget (trapezia), in the unit of the values.

    Args:
        budgets: queries, ascending, positive.
        values: at each.

    Returns:
        NaN with fewer than two budgets.
    """
    if len(budgets) < 2:
        return math.nan
    steps = zip(itertools.pairwise(map(math.log, budgets)), itertools.pairwise(values), strict=True)
    trapezia = sum((right - left) * (low + high) / 2 for (left, right), (low, high) in steps)
    return trapezia / (math.log(budgets[-1]) - math.log(budgets[0]))
