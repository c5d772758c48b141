"""Accuracy over queries, drawn bare: what matplotlib makes lines, areas and ticks of, under ids of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchbox.report.plots.drawing import bare_svg, drawing
from benchbox.report.plots.traced import Traced, trace
from benchbox.report.tables.curves import state

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from benchbox.report.views import Point, ScenarioView, Standing

_MARKERS = "osD^vPX"
_SIZE = (7.2, 3.6)  # inches of 72 units


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
    """What the plot of a scenario shows, and nothing more: equal ones are drawn once.

    Attributes:
        curves: every method with a result, in the order of its table.
        budgets: those of the scenario, two or more.
        target: the target's accuracy, in per cent; None where it is not known.
    """

    curves: tuple[Curve, ...]
    budgets: tuple[int, ...]
    target: float | None

    def first(self, most: int) -> CurvePlot:
        """Return the first of them; itself where there are no more."""
        return self if len(self.curves) <= most else replace(self, curves=self.curves[:most])


def curves(view: ScenarioView, target: float | None) -> CurvePlot:
    """Return what the plot of a scenario shows; ``target`` is the target's accuracy, a share."""
    standings = [line.standing for line in view.summaries if (line.standing.label, "accuracy", "") in view.at]
    shown = (
        Curve(
            standing.label,
            told(standing),
            tuple((b, 100 * p.mean, *_ends(p)) for b, p in view.at[standing.label, "accuracy", ""].items()),
        )
        for standing in standings
    )
    return CurvePlot(tuple(shown), view.budgets, None if target is None else 100 * target)


def told(standing: Standing) -> str:
    """Return what a legend says behind a method's name; empty where there is nothing to say."""
    said = [*standing.marks, *([] if standing.whole else [state(standing)])]
    return f" ({', '.join(said)})" if said else ""


def _ends(point: Point) -> tuple[float, float]:
    if math.isnan(point.half):
        return 100 * point.mean, 100 * point.mean
    # t-intervals of few seeds reach beyond what there is
    return max(0.0, 100 * point.low), min(100.0, 100 * point.high)


def draw_curves(plot: CurvePlot) -> Traced:
    """Draw the plot, with 95 % intervals over seeds as bands."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    with drawing():
        figure = Figure(figsize=_SIZE)
        axes = figure.add_axes((0.075, 0.13, 0.915, 0.84))
        axes.set_axis_off()  # matplotlib's own ticks take most of the time; grid lines and texts at their starts do
        axes.set_xscale("log")
        low, high = _limits(axes, plot)
        values = map(float, MaxNLocator(8, steps=[1, 2, 5, 10]).tick_values(low, high))
        ticks = tuple(tick for tick in values if low <= tick <= high)
        _draw_grid(axes, plot.budgets, ticks)
        for i, curve in enumerate(plot.curves):
            _draw_curve(axes, curve, i)
        if plot.target is not None:
            axes.add_artist(Line2D([0, 1], [plot.target] * 2, transform=axes.get_yaxis_transform(), gid="target"))
        return trace(bare_svg(figure), [f"{b:,}" for b in plot.budgets], [f"{t:g}" for t in ticks], len(plot.curves))


def _limits(axes: Axes, plot: CurvePlot) -> tuple[float, float]:
    """Set the axes' limits around all intervals; return those of accuracy."""
    ends = [end for curve in plot.curves for _, *values in curve.points for end in values]
    ends += [] if plot.target is None else [plot.target]
    room = 0.04 * (max(ends) - min(ends)) or 1.0
    low, high = max(0.0, min(ends) - room), max(ends) + room
    first, last = plot.budgets[0], plot.budgets[-1]
    side = (last / first) ** 0.04
    axes.set_xlim(first / side, last * side)
    axes.set_ylim(low, high)
    return low, high


def _draw_grid(axes: Axes, budgets: tuple[int, ...], ticks: tuple[float, ...]) -> None:
    """Draw the grid as two paths, lines from bottom to top and from left to right."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    upright = [end for budget in budgets for end in ((budget, 0), (budget, 1))]
    level = [end for tick in ticks for end in ((0, tick), (1, tick))]
    grids = (("upright", upright, axes.get_xaxis_transform()), ("level", level, axes.get_yaxis_transform()))
    for name, ends, transform in grids:
        path = Path(ends, [Path.MOVETO, Path.LINETO] * (len(ends) // 2))
        axes.add_artist(PathPatch(path, transform=transform, fill=False, gid=name))


def _draw_curve(axes: Axes, curve: Curve, i: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Polygon

    x, mean, low, high = zip(*curve.points, strict=True)
    if low != high:
        axes.add_artist(Polygon(list(zip([*x, *x[::-1]], [*low, *high[::-1]], strict=True)), gid=f"band{i}"))
    axes.add_artist(Line2D(x, mean, marker=_MARKERS[i % len(_MARKERS)], markersize=4.5, gid=f"line{i}"))
