"""A line a method: what its curve comes to, its rank, what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchbox.report.statistics import Interval, Place, area_over_log_budget, group_intervals, queries_to_reach
from benchbox.report.views.points import Curves, Point
from benchbox.report.views.standings import Standing

LEVELS = (0.80, 0.90, 0.95)
COMMONEST = "commonest"
"""The note that generators keep of every round: the share of its answers that are of the commonest class."""
COLLAPSED = 0.95
ROUNDS = 3
BySeed = dict[str, dict[int, float]]
"""A value a run, by label and seed."""
Runs = Mapping[str, Mapping[int, Mapping[int, float]]]
"""The main metric of every run, by label, seed and budget."""


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


def areas(runs: Runs, budgets: Sequence[int]) -> BySeed:
    """Return the area under each run's curve over log-budget; those that are not complete are left out.

    With one budget it is the value there.
    """
    whole = {
        label: {seed: curve for seed, curve in mine.items() if len(curve) == len(budgets)}
        for label, mine in runs.items()
    }
    return {
        label: {seed: _area(budgets, [curve[budget] for budget in budgets]) for seed, curve in mine.items()}
        for label, mine in whole.items()
    }


def _area(budgets: Sequence[int], values: Sequence[float]) -> float:
    return values[0] if len(budgets) == 1 else area_over_log_budget(budgets, values)


def at_budget(runs: Runs, budget: int) -> BySeed:
    """Return the main metric at a budget, of the runs that have it."""
    return {label: {seed: of[budget] for seed, of in mine.items() if budget in of} for label, mine in runs.items()}


def comparable(found: Mapping[str, Standing], values: BySeed) -> BySeed:
    """Return the values of the ranked methods that have one for every seed."""
    return {
        label: seeds
        for label, seeds in values.items()
        if found[label].ranked and len(seeds) == len(found[label].wanted)
    }


def summaries(
    found: Mapping[str, Standing],
    main: str,
    runs: Runs,
    area: BySeed,
    places: Mapping[str, Place],
    at: Curves,
    collapsed: Mapping[str, dict[int, int]],
) -> list[Summary]:
    """Return the lines: ranked ones first, best first; then incomplete, privileged or unsealed, and those without a result.

    Args:
        found: how far each method has come.
        main: the metric by which methods are ranked.
        runs: its values by run.
        area: as ``areas`` gives it.
        places: by area.
        at: the points by curve and budget.
        collapsed: by label and seed.
    """
    curves = {label: at.get((label, main, ""), {}) for label in found}
    budget = max((max(curve) for curve in curves.values() if curve), default=0)
    last = {label: curve[budget] for label, curve in curves.items() if budget in curve}
    trials = {label: point.n for label, point in last.items()}
    generated = {label: mine for label, mine in runs.items() if found[label].kind == "generator"}
    tops = {
        label: {seed: max(curve, key=lambda budget: (curve[budget], -budget)) for seed, curve in mine.items()}
        for label, mine in generated.items()
    }
    best = {label: {seed: runs[label][seed][at] for seed, at in mine.items()} for label, mine in tops.items()}
    area_of, best_of = _intervals(area), _intervals(best, trials)
    best_at_of = _intervals(tops, share=False)
    lines = [
        Summary(
            standing=standing,
            place=places.get(label),
            area=area_of.get(label),
            last=last[label].interval if label in last else None,
            sampling=last[label].sampling if label in last else math.nan,
            reach=_reach(curves[label]),
            best=best_of.get(label),
            best_at=best_at_of.get(label),
            collapsed=collapsed.get(label, {}),
        )
        for label, standing in found.items()
    ]
    return sorted(lines, key=_order)


def _intervals(
    values: Mapping[str, Mapping[int, float]], trials: Mapping[str, float] | None = None, *, share: bool = True
) -> dict[str, Interval]:
    """Return the interval over seeds by label.

    Args:
        values: by label and seed.
        trials: by label, of what a single value is a proportion, where it is one.
        share: whether values lie between 0 and 1.
    """
    known = {label: list(mine.values()) for label, mine in values.items() if mine}
    flat = np.array([value for mine in known.values() for value in mine], dtype=float)
    group = np.repeat(np.arange(len(known)), [len(mine) for mine in known.values()])
    single = np.array([(trials or {}).get(label, math.nan) for label in known], dtype=float)
    return dict(
        zip(known, group_intervals(flat, group, len(known), single, np.full(len(known), share)).each(), strict=True)
    )


def _reach(curve: Mapping[int, Point]) -> dict[float, float]:
    budgets, means = list(curve), [point.mean for point in curve.values()]
    return {level: queries_to_reach(budgets, means, level) for level in LEVELS} if budgets else {}


def _order(line: Summary) -> tuple[int, float, float, int, str]:
    ranked = 0 if line.place else 1 if line.last and not line.standing.mark else 2 if line.last else 3
    place = line.place.rank if line.place else 0
    return ranked, place, -(line.area.mean if line.area else 0.0), line.standing.position, line.standing.label


def collapse(points: Sequence[tuple[int, float]]) -> int | None:
    """Return the queries spent when over 95 % of the answers of three rounds in a row were of one class; None if never.

    Args:
        points: what a run noted as ``COMMONEST``: queries spent, and the share.
    """
    run = 0
    for spent, share in points:
        run = run + 1 if share > COLLAPSED else 0
        if run == ROUNDS:
            return int(spent)
    return None
