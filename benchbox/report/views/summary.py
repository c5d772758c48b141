"""A line a method: what its curve comes to, its rank, what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from benchbox.report.statistics import (
    Interval,
    Rank,
    areas_over_log_budget,
    group_intervals,
    queries_to_reach,
    tie_ranks,
)
from benchbox.report.views.points import Point
from benchbox.report.views.standings import Standing

LEVELS = (0.80, 0.90, 0.95)


@dataclass(frozen=True)
class Summary:
    """A method's line in the main table.

    Attributes:
        rank: None where it is not ranked.
        area: mean accuracy over log-budget, over seeds; None where it has no complete curve.
        last: accuracy at the largest budget, over seeds.
        sampling: half-width of Wilson's interval at that accuracy: what the finite test set adds, seeds aside.
        reach: queries to reach each of ``LEVELS`` on the mean curve; infinity where it is not reached.
        best: of generators, the highest accuracy at any budget, over seeds: not a result, because an attacker, who has no
            test images, cannot tell which it is. None for methods that are trained anew for every budget.
        collapsed: by seed, the queries spent when the answers had been nearly all of one class for three rounds.
    """

    standing: Standing
    rank: Rank | None
    area: Interval | None
    last: Interval | None
    sampling: float
    reach: dict[float, float]
    best: Interval | None = None
    collapsed: dict[int, int] = field(default_factory=dict)


def by_seed(accuracy: pd.DataFrame) -> pd.DataFrame:
    """Return accuracy, rows (label, seed), columns budgets."""
    return accuracy.pivot_table(index=["label", "seed"], columns="budget", values="value", observed=True)


def areas(curves: pd.DataFrame) -> pd.Series[float]:
    """Return the area under accuracy over log-budget by (label, seed), complete curves only.

    With one budget it is the accuracy there.

    Args:
        curves: accuracy, rows (label, seed), columns budgets.
    """
    whole = curves.dropna()
    budgets = [float(budget) for budget in whole.columns]
    if len(budgets) == 1:
        return whole.iloc[:, 0]
    return pd.Series(areas_over_log_budget(budgets, whole.to_numpy(dtype=float)), index=whole.index, dtype=float)


def comparable(found: dict[str, Standing], values: pd.Series[float]) -> dict[str, dict[int, float]]:
    """Return the values by label and seed of the ranked methods that have one for every seed."""
    if not len(values):
        return {}
    scores: dict[str, dict[int, float]] = {}
    known = values.dropna()
    labels, seeds = (known.index.get_level_values(level).tolist() for level in ("label", "seed"))
    for label, seed, value in zip(labels, seeds, known.tolist(), strict=True):
        if found[label].ranked:
            scores.setdefault(label, {})[int(seed)] = value
    return {label: seeds for label, seeds in scores.items() if len(seeds) == len(found[label].wanted)}


def summaries(
    found: dict[str, Standing],
    curves: pd.DataFrame,
    area: pd.Series[float],
    at: dict[tuple[str, str, str], dict[int, Point]],
    collapsed: dict[str, dict[int, int]],
) -> list[Summary]:
    """Return the lines: ranked methods first, best first; then incomplete, privileged, and those without a result.

    Args:
        found: how far each method has come.
        curves: accuracy, rows (label, seed), columns budgets.
        area: as ``areas`` gives it.
        at: the points by curve and budget.
        collapsed: by label and seed.
    """
    ranks = tie_ranks(comparable(found, area))
    budget = int(curves.columns.max()) if len(curves) else 0
    last = {label: points.get(budget) for (label, metric, _), points in at.items() if metric == "accuracy"}
    area_of = _over_seeds(area, {})
    trials = {label: point.n for label, point in last.items() if point}
    last_of = _over_seeds(curves[budget].dropna(), trials) if len(curves) else {}
    best_of = _over_seeds(curves[_generators(found.values(), curves)].max(axis=1).dropna(), trials)
    lines = [
        Summary(
            standing=standing,
            rank=ranks.get(label),
            area=area_of.get(label),
            last=last_of.get(label),
            sampling=point.sampling if (point := last.get(label)) else math.nan,
            reach=_reach(at.get((label, "accuracy", ""), {})),
            best=best_of.get(label),
            collapsed=collapsed.get(label, {}),
        )
        for label, standing in found.items()
    ]
    return sorted(lines, key=_order)


def _generators(found: Iterable[Standing], curves: pd.DataFrame) -> pd.Series[bool]:
    generators = {standing.label for standing in found if standing.kind == "generator"}
    labels = curves.index.get_level_values("label") if len(curves) else pd.Index([])
    return pd.Series(labels.isin(generators), index=curves.index)


def _reach(curve: dict[int, Point]) -> dict[float, float]:
    budgets, means = list(curve), [point.mean for point in curve.values()]
    return {level: queries_to_reach(budgets, means, level) for level in LEVELS} if budgets else {}


def _order(line: Summary) -> tuple[int, float, float, int, str]:
    ranked = 0 if line.rank else 1 if line.last and not line.standing.privileged else 2 if line.last else 3
    place = line.rank.rank if line.rank else 0
    return ranked, place, -(line.area.mean if line.area else 0.0), line.standing.position, line.standing.label


def _over_seeds(values: pd.Series[float], trials: dict[str, float]) -> dict[str, Interval]:
    """Return the interval of every label's values; ``trials``: of what a single one is a proportion."""
    if not len(values):
        return {}
    group, labels = pd.factorize(values.index.get_level_values("label"), sort=True)
    single = np.array([trials.get(label, math.nan) for label in labels], dtype=float)
    table = group_intervals(np.asarray(values, dtype=float), group, len(labels), single)
    columns = (table[name].tolist() for name in ("mean", "low", "high", "seeds", "kind"))
    return {label: Interval(*row) for label, row in zip(labels, zip(*columns, strict=True), strict=True)}
