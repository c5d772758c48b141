"""Accuracy over queries: what the plot of a scenario shows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchbox.report.tables.curves import state

if TYPE_CHECKING:
    from benchbox.report.views import Point, ScenarioView, Standing


@dataclass(frozen=True)
class Curve:
    """A method's curve.

    Attributes:
        label: the method's.
        told: what a legend says beside its name; empty where there is nothing to say.
        points: budget, mean accuracy, and the ends of its interval over seeds, in per cent; the mean thrice where one seed
            was played, whose interval is the test sample's, another thing.
    """

    label: str
    told: str
    points: tuple[tuple[int, float, float, float], ...]


@dataclass(frozen=True)
class CurvePlot:
    """What the plot of a scenario shows.

    Attributes:
        curves: every method with a result, in the order of its table.
        budgets: those of the scenario, two or more.
        target: the target's accuracy, in per cent; None where it is not known, or no bound.
        word: what is drawn, ``accuracy`` or ``success``.
    """

    curves: tuple[Curve, ...]
    budgets: tuple[int, ...]
    target: float | None
    word: str = "accuracy"

    def first(self, most: int) -> CurvePlot:
        """Return the first of them; itself where there are no more."""
        return self if len(self.curves) <= most else replace(self, curves=self.curves[:most])


def curves(view: ScenarioView, target: float | None) -> CurvePlot:
    """Return what the plot of a scenario shows; ``target`` is the target's accuracy, a share."""
    standings = [line.standing for line in view.summaries if (line.standing.label, view.main, "") in view.at]
    shown = (
        Curve(
            standing.label,
            told(standing),
            tuple((b, 100 * p.mean, *_ends(p)) for b, p in view.at[standing.label, view.main, ""].items()),
        )
        for standing in standings
    )
    bound = None if target is None or view.searched else 100 * target
    return CurvePlot(tuple(shown), view.budgets, bound, view.word)


def told(standing: Standing) -> str:
    """Return what a legend says behind a method's name; empty where there is nothing to say."""
    said = [*standing.marks, *([] if standing.whole else [state(standing)])]
    return f" ({', '.join(said)})" if said else ""


def _ends(point: Point) -> tuple[float, float]:
    if math.isnan(point.half):
        return 100 * point.mean, 100 * point.mean
    # t-intervals of few seeds reach beyond what there is
    return max(0.0, 100 * point.low), min(100.0, 100 * point.high)
