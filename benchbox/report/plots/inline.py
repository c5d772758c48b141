"""Accuracy over queries for the HTML page: bare lines and areas under ids of their own; the page gives texts and colours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchbox.report.plots.drawing import bare_svg, drawing
from benchbox.report.views import Point, ScenarioView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SERIES = 8  # colours and markers that there are; dashes change where they start again
_MARKERS = "osD^vPX*"
_DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
_SIZE = (7.2, 3.6)  # inches of 72 units


@dataclass(frozen=True)
class Curve:
    """A method's curve and its look: ``colour``, which a marker goes with, and ``dash`` are numbers of classes."""

    label: str
    colour: int
    dash: int
    points: dict[int, Point]


@dataclass(frozen=True)
class InlineCurves:
    """What the page's plot of a scenario shows.

    Attributes:
        curves: every method with a result, in the order of its table.
        budgets: those of the scenario.
        target: the target's accuracy, a share; None where it is not known.
    """

    curves: tuple[Curve, ...]
    budgets: tuple[int, ...]
    target: float | None


@dataclass(frozen=True)
class InlineDrawing:
    """The plot as drawn.

    Attributes:
        shown: what it shows.
        svg: matplotlib's, with groups ``xgrid``, ``ygrid``, ``target`` (where it is known), ``band0``, ``line0`` and so on.
        ticks: the values of its horizontal grid lines.
    """

    shown: InlineCurves
    svg: bytes
    ticks: tuple[float, ...]


def inline_curves(view: ScenarioView, target: float | None) -> InlineCurves:
    """Return what the page's plot of a scenario shows."""
    lines = [line.standing.label for line in view.summaries]
    shown = [label for label in lines if (label, "accuracy", "") in view.at]
    curves = (
        Curve(label, i % _SERIES, i // _SERIES % len(_DASHES), view.at[label, "accuracy", ""])
        for i, label in enumerate(shown)
    )
    return InlineCurves(tuple(curves), view.budgets, target)


def draw_inline(plot: InlineCurves) -> InlineDrawing:
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
        values = map(float, MaxNLocator(7, steps=[1, 2, 5, 10]).tick_values(low, high))
        ticks = tuple(tick for tick in values if low <= tick <= high)
        _draw_grid(axes, plot.budgets, ticks)
        for i, curve in enumerate(plot.curves):
            _draw_curve(axes, curve, i)
        if plot.target is not None:
            ends = [100 * plot.target] * 2
            axes.add_artist(Line2D([0, 1], ends, transform=axes.get_yaxis_transform(), gid="target"))
        return InlineDrawing(plot, bare_svg(figure), ticks)


def _limits(axes: Axes, plot: InlineCurves) -> tuple[float, float]:
    """Set the axes' limits around all intervals; return those of accuracy."""
    ends = [end for curve in plot.curves for point in curve.points.values() for end in _ends(point)]
    ends += [] if plot.target is None else [100 * plot.target]
    room = 0.04 * (max(ends) - min(ends)) or 1.0
    low, high = max(0.0, min(ends) - room), max(ends) + room
    first, last = plot.budgets[0], plot.budgets[-1]
    side = (last / first) ** 0.04 if last > first else 2.0
    axes.set_xlim(first / side, last * side)
    axes.set_ylim(low, high)
    return low, high


def _draw_grid(axes: Axes, budgets: tuple[int, ...], ticks: tuple[float, ...]) -> None:
    """Draw the grid as two paths, lines from bottom to top and from left to right."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    upright = [end for budget in budgets for end in ((budget, 0), (budget, 1))]
    level = [end for tick in ticks for end in ((0, tick), (1, tick))]
    grids = (("xgrid", upright, axes.get_xaxis_transform()), ("ygrid", level, axes.get_yaxis_transform()))
    for name, ends, transform in grids:
        path = Path(ends, [Path.MOVETO, Path.LINETO] * (len(ends) // 2))
        axes.add_artist(PathPatch(path, transform=transform, fill=False, gid=name))


def _draw_curve(axes: Axes, curve: Curve, i: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Polygon

    x, mean = list(curve.points), [100 * point.mean for point in curve.points.values()]
    low, high = zip(*(_ends(point) for point in curve.points.values()), strict=True)
    axes.add_artist(Polygon(list(zip([*x, *x[::-1]], [*low, *high[::-1]], strict=True)), gid=f"band{i}"))
    axes.add_artist(Line2D(x, mean, marker=_MARKERS[curve.colour], linestyle=_DASHES[curve.dash], gid=f"line{i}"))


def _ends(point: Point) -> tuple[float, float]:
    """Return the ends of a point's interval, in per cent; the mean twice where there is none."""
    if math.isnan(point.low):
        return 100 * point.mean, 100 * point.mean
    # t-intervals of few seeds reach beyond what there is
    return max(0.0, 100 * point.low), min(100.0, 100 * point.high)
