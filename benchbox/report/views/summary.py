"""A line a method: what its curve comes to, its rank, what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from benchbox.report.statistics import Floats, Interval, Place, areas_over_log_budget, group_intervals, queries_to_reach
from benchbox.report.views.groups import Whole, coded, grouped
from benchbox.report.views.points import Curves, Point
from benchbox.report.views.standings import Standing

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (0.80, 0.90, 0.95)


@dataclass(frozen=True)
class Summary:
    """A method's line in the main table.

    Attributes:
        place: by area; None where it is not ranked.
        area: mean of the main metric over log-budget, over seeds; None where it has no complete curve.
        last: the main metric at the largest budget, over seeds.
        sampling: half-width of Wilson's interval there: what the finite test set adds, seeds aside.
        reach: queries to reach each of ``LEVELS`` on the mean curve; infinity where it is not reached.
        best: of generators, the highest accuracy at any budget, over seeds: not a result, because an attacker, who has no
            test images, cannot tell which it is. None for methods that are trained anew for every budget.
        best_at: the budget at which ``best`` stands, in queries, over seeds.
        collapsed: by seed, the queries spent when the answers had been nearly all of one class for three rounds.
    """

    standing: Standing
    place: Place | None
    area: Interval | None
    last: Interval | None
    sampling: float
    reach: dict[float, float]
    best: Interval | None = None
    best_at: Interval | None = None
    collapsed: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SeedCurves:
    """The main metric by run.

    Attributes:
        labels: of the methods, sorted.
        method: by row, the place of its method among them; ascending.
        seeds: by row.
        budgets: by column, ascending.
        values: a row a run, NaN where it has none at a budget.
    """

    labels: list[str]
    method: Whole
    seeds: Whole
    budgets: list[int]
    values: Floats

    def by_label(self, values: Floats) -> dict[str, dict[int, float]]:
        """Return a value a row as values by label and seed; NaN is left out."""
        known = ~np.isnan(values)
        method, seeds, values = self.method[known], self.seeds[known].tolist(), values[known].tolist()
        ends = np.searchsorted(method, np.arange(len(self.labels) + 1)).tolist()
        rows = zip(self.labels, ends[:-1], ends[1:], strict=True)
        return {label: dict(zip(seeds[i:j], values[i:j], strict=True)) for label, i, j in rows if i < j}

    def intervals(
        self, values: Floats, trials: dict[str, float] | None = None, *, share: bool = True
    ) -> dict[str, Interval]:
        """Return the interval over seeds of a value a row, by label.

        Args:
            values: by row.
            trials: by label, of what a single value is a proportion, where it is one.
            share: whether values lie between 0 and 1.
        """
        known = ~np.isnan(values)
        method, group = np.unique(self.method[known], return_inverse=True)
        labels = [self.labels[i] for i in method.tolist()]
        single = np.array([(trials or {}).get(label, math.nan) for label in labels], dtype=float)
        shares = np.full(len(labels), share)
        return dict(zip(labels, group_intervals(values[known], group, len(labels), single, shares).each(), strict=True))


def by_seed(measurements: pd.DataFrame, main: str) -> SeedCurves:
    """Return the metric ``main`` of every run that has any."""
    mine = (measurements["metric"] == main).to_numpy() & measurements["value"].notna().to_numpy()
    labels, method = coded(measurements["label"])
    seed, budget, value = (measurements[name].to_numpy()[mine] for name in ("seed", "budget", "value"))
    order, starts = grouped(method[mine], seed)
    run = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(order)))
    budgets, column = np.unique(budget[order], return_inverse=True)
    values = np.full((len(starts), len(budgets)), math.nan)
    values[run, column] = value[order]
    first = order[starts]
    return SeedCurves(labels, method[mine][first], seed[first], budgets.tolist(), values)


def areas(curves: SeedCurves) -> Floats:
    """Return the area under each run's curve over log-budget; NaN where it is not complete.

    With one budget it is the value there.
    """
    return curves.values[:, 0] if len(curves.budgets) == 1 else areas_over_log_budget(curves.budgets, curves.values)


def comparable(found: dict[str, Standing], values: dict[str, dict[int, float]]) -> dict[str, dict[int, float]]:
    """Return the values by label and seed of the ranked methods that have one for every seed."""
    return {
        label: seeds
        for label, seeds in values.items()
        if found[label].ranked and len(seeds) == len(found[label].wanted)
    }


def summaries(
    found: dict[str, Standing],
    main: str,
    curves: SeedCurves,
    area: Floats,
    places: dict[str, Place],
    at: Curves,
    collapsed: dict[str, dict[int, int]],
) -> list[Summary]:
    """Return the lines: ranked ones first, best first; then incomplete, privileged or unsealed, and those without a result.

    Args:
        found: how far each method has come.
        main: the metric by which methods are ranked.
        curves: its values by run.
        area: as ``areas`` gives it.
        places: by area.
        at: the points by curve and budget.
        collapsed: by label and seed.
    """
    budget = curves.budgets[-1] if curves.budgets else 0
    last = {label: points.get(budget) for (label, metric, _), points in at.items() if metric == main}
    trials = {label: point.n for label, point in last.items() if point}
    area_of = curves.intervals(area)
    last_of = curves.intervals(curves.values[:, -1], trials) if curves.budgets else {}
    best, best_at = _best(found, curves)
    best_of, best_at_of = curves.intervals(best, trials), curves.intervals(best_at, share=False)
    lines = [
        Summary(
            standing=standing,
            place=places.get(label),
            area=area_of.get(label),
            last=last_of.get(label),
            sampling=point.sampling if (point := last.get(label)) else math.nan,
            reach=_reach(at.get((label, main, ""), {})),
            best=best_of.get(label),
            best_at=best_at_of.get(label),
            collapsed=collapsed.get(label, {}),
        )
        for label, standing in found.items()
    ]
    return sorted(lines, key=_order)


def _best(found: dict[str, Standing], curves: SeedCurves) -> tuple[Floats, Floats]:
    """Return the highest accuracy at any budget by run of a generator, and the first budget that has it; NaN of others."""
    generators = {label for label, standing in found.items() if standing.kind == "generator"}
    mine = np.array([label in generators for label in curves.labels], dtype=bool)[curves.method]
    best = np.where(mine, np.fmax.reduce(curves.values, axis=1, initial=math.nan), math.nan)
    if not mine.any():
        return best, best
    at = np.array(curves.budgets, dtype=float)[np.nan_to_num(curves.values, nan=-1.0).argmax(1)]
    return best, np.where(mine, at, math.nan)


def _reach(curve: dict[int, Point]) -> dict[float, float]:
    budgets, means = list(curve), [point.mean for point in curve.values()]
    return {level: queries_to_reach(budgets, means, level) for level in LEVELS} if budgets else {}


def _order(line: Summary) -> tuple[int, float, float, int, str]:
    ranked = 0 if line.place else 1 if line.last and not line.standing.mark else 2 if line.last else 3
    place = line.place.rank if line.place else 0
    return ranked, place, -(line.area.mean if line.area else 0.0), line.standing.position, line.standing.label
