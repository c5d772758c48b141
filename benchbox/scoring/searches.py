"""What a query attack's searches come to: success and queries at every budget point, by example and in all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from benchbox.records import Measurement, Searches
from benchbox.scoring.distances import Norms, summary


def measured(
    searches: Searches, l0: Sequence[float], budgets: Sequence[int], before: int, seconds: float
) -> list[Measurement]:
    """Return the measurements of a cell.

    Args:
        searches: what was spent on each example, and when it was solved.
        l0: values changed in each successful image, NaN where there is none.
        budgets: the budget points an example, ascending.
        before: queries that the scenario's substitute had cost, in all.
        seconds: what the searches took.

    Returns:
        A measurement a metric and point. ``spent`` is the number of queries in all up to that point.
    """
    first, asked = np.array(searches.first, dtype=np.int64), np.array(searches.asked, dtype=np.int64)
    found: list[Measurement] = []
    for budget in budgets:
        spent = before + int(np.minimum(asked, budget).sum())
        found += [Measurement(name, "", budget, spent, value, n) for name, value, n in _at(first, budget, spent)]
    last = budgets[-1]
    done = torch.from_numpy(first > 0)
    far = Norms(
        *(
            torch.tensor([x or 0.0 for x in each], dtype=torch.float64)[done]
            for each in (searches.linf, searches.l2, l0)
        )
    )
    details = summary(far) | {"seconds_per_example": seconds / len(first) if len(first) else 0.0}
    sizes = {"seconds_per_example": len(first)}
    solved, spent = int(done.sum()), before + int(np.minimum(asked, last).sum())
    found += [
        Measurement(name, "", last, spent, value, sizes.get(name, solved)) for name, value in sorted(details.items())
    ]
    return found


def _at(first: np.ndarray, budget: int, spent: int) -> list[tuple[str, float | None, int]]:
    """Return (metric, value, n) at one budget point; what the unsolved spent counts as the budget."""
    solved = (first > 0) & (first <= budget)
    every, n = np.where(solved, first, budget), len(first)
    if not n:
        return [("query_success", None, 0)]
    rows: list[tuple[str, float | None, int]] = [
        ("query_success", float(solved.mean()), n),
        ("queries_mean", float(every.mean()), n),
        ("queries_median", float(np.median(every)), n),
        ("queries_in_all", float(spent), n),
    ]
    mine = first[solved]
    if len(mine):
        rows += [
            ("queries_solved_mean", float(mine.mean()), len(mine)),
            ("queries_solved_median", float(np.median(mine)), len(mine)),
        ]
    return rows
