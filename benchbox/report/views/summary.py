"""A line a method: what its curve comes to, its rank, what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchbox.report.statistics import Interval, Place, area_over_log_budget, mean_interval, queries_to_reach
from benchbox.report.views.points import Curves
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
        collapsed: by seed, the queries spent when the answers had been nearly all of one class for three rounds, or when a
            last substitute gave nearly all test images one class.
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
    """Return the area under each run's curve over log-budget, with one budget the value there; only of runs that have all."""
    return {
        label: {
            seed: area_over_log_budget(budgets, [curve[budget] for budget in budgets])
            if len(budgets) > 1
            else curve[budgets[0]]
            for seed, curve in mine.items()
            if all(budget in curve for budget in budgets)
        }
        for label, mine in runs.items()
    }


def at_budget(runs: Runs, budget: int) -> BySeed:
    """Return the main metric at a budget, of the runs that have it."""
    return {label: {seed: of[budget] for seed, of in mine.items() if budget in of} for label, mine in runs.items()}


def comparable(found: Mapping[str, Standing], values: BySeed) -> BySeed:
    """Return the values of the ranked methods that have one for every seed."""
    wanted = {label: len(standing.wanted) for label, standing in found.items() if standing.ranked}
    return {label: seeds for label, seeds in values.items() if len(seeds) == wanted.get(label)}


def summaries(
    found: Mapping[str, Standing],
    main: str,
    runs: Runs,
    area: BySeed,
    places: Mapping[str, Place],
    at: Curves,
    collapsed: Mapping[str, dict[int, int]],
    budgets: Sequence[int],
) -> list[Summary]:
    """Return the lines: ranked ones first, best first; then other complete ones, incomplete ones, those without a result.

    ``main`` is the metric by which methods are ranked; ``runs`` and ``at`` hold its values and curves; ``area`` is what
    ``areas`` gives, and ``places`` follow from it; ``budgets`` are the scenario's.
    """
    curves = {label: at.get((label, main, ""), {}) for label in found}
    lines: list[Summary] = []
    for label, standing in found.items():
        means = [point.mean for point in curves[label].values()]
        curve, mine = curves[label], runs.get(label, {}) if standing.kind == "generator" else {}
        last = curve.get(budgets[-1]) if budgets else None
        tops = [max((value, -at) for at, value in run.items()) for run in mine.values()]
        lines.append(
            Summary(
                standing=standing,
                place=places.get(label),
                area=_interval(area.get(label, {}).values()),
                last=last,
                sampling=last.sampling if last else math.nan,
                reach={level: queries_to_reach(list(curve), means, level) for level in LEVELS if means},
                best=_interval((value for value, _ in tops), trials=last.trials if last else math.nan),
                best_at=_interval((-at for _, at in tops), share=False),
                collapsed=collapsed.get(label, {}),
            )
        )
    return sorted(lines, key=_order)


def _interval(values: Iterable[float], trials: float = math.nan, *, share: bool = True) -> Interval | None:
    """Return the interval over seeds; of one seed, that of a proportion of ``trials``."""
    known = list(values)
    return mean_interval(known, trials=trials, share=share) if known else None


def _order(line: Summary) -> tuple[int, float, float, int, str]:
    standing, place = line.standing, line.place.rank if line.place else 0
    group = 0 if place else 4 if not standing.seeds else 3 if not standing.whole else 2 if standing.mark else 1
    return group, place, -(line.area.mean if line.area else 0.0), standing.position, standing.label


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


def one_class(matrix: Sequence[Sequence[int]]) -> bool:
    """Whether a substitute gives over 95 % of the test images one class; ``matrix`` counts (true, given) classes."""
    given = [sum(column) for column in zip(*matrix, strict=True)]
    return bool(max(given, default=0) > COLLAPSED * sum(given))
