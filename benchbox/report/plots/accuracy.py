"""Accuracy over queries."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchbox.report.plots.drawing import drawing, short, svg
from benchbox.report.views import Point, ScenarioView, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette without its yellow, which is too pale for lines on white
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_MARKERS = "osD^vPX"
_DASHES: tuple[Any, ...] = ("solid", "dashed", "dotted", "dashdot")
_MOST = 14  # curves: beyond that nobody tells them apart
_WIDTH, _LEFT, _AXES = 9.6, 0.6, 4.9  # inches: the figure, left of the axes, the axes; the legend has the rest


@dataclass(frozen=True)
class Curves:
    """What the plot of a scenario shows, and nothing more: it travels to another process.

    Attributes:
        shown: the first fourteen methods of its table, with their points by budget.
        more: how many are left out.
        budgets: those of the scenario.
        target_accuracy: drawn as a line, a share; None where it is not known.
    """

    shown: tuple[tuple[Standing, dict[int, Point]], ...]
    more: int
    budgets: tuple[int, ...]
    target_accuracy: float | None


def curves(view: ScenarioView, target_accuracy: float | None) -> Curves:
    """Return what the plot of a scenario shows."""
    at = {line.standing.label: view.at.get((line.standing.label, "accuracy", "")) for line in view.summaries}
    measured = [(line.standing, points) for line in view.summaries if (points := at[line.standing.label])]
    return Curves(tuple(measured[:_MOST]), len(measured[_MOST:]), view.budgets, target_accuracy)


def draw(plot: Curves) -> bytes:
    """Return the plot; bands are 95 % intervals over seeds."""
    from matplotlib.figure import Figure

    with drawing():
        height = max(3.6, 1.2 + 0.22 * len(plot.shown))
        figure = Figure(figsize=(_WIDTH, height), facecolor="white")
        # a layout engine would draw everything twice, and most of the time goes into a plot's texts
        axes = figure.add_axes((_LEFT / _WIDTH, 0.65 / height, _AXES / _WIDTH, 1 - 0.8 / height))
        for i, (_, points) in enumerate(plot.shown):
            _draw(axes, points, i)
        if plot.target_accuracy is not None:
            axes.axhline(100 * plot.target_accuracy, color="#666666", linewidth=1, linestyle=(0, (1, 2)))
        _frame(axes, plot.budgets)
        _legend(axes, plot)
        return svg(figure, _data(plot))


def _entry(standing: Standing) -> str:
    if standing.privileged:
        return f"{short(standing.label)} (privileged)"
    return short(standing.label) + (
        "" if standing.whole else f" ({len(standing.seeds)} of {len(standing.wanted)} seeds)"
    )


def _data(plot: Curves) -> Any:
    """Return what is drawn, rounded so that another machine's arithmetic gives the same."""
    told = [
        [_entry(standing), [[budget, f"{p.mean:.6g}", f"{p.low:.6g}", f"{p.high:.6g}"] for budget, p in points.items()]]
        for standing, points in sorted(plot.shown, key=lambda shown: shown[0].label)
    ]
    return [told, plot.target_accuracy]


def _draw(axes: Axes, points: dict[int, Point], i: int) -> None:
    x = list(points)
    mean = [100 * point.mean for point in points.values()]
    # one seed has no band: its interval is the test sample's, another thing
    low = [100 * (point.mean if math.isnan(point.half) else point.low) for point in points.values()]
    high = [100 * (point.mean if math.isnan(point.half) else point.high) for point in points.values()]
    colour = _COLOURS[i % len(_COLOURS)]
    axes.plot(
        x,
        mean,
        color=colour,
        marker=_MARKERS[i % len(_MARKERS)],
        markersize=4.5,
        linewidth=1.6,
        linestyle=_DASHES[i // len(_COLOURS) % len(_DASHES)],
    )
    axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)


def _frame(axes: Axes, budgets: tuple[int, ...]) -> None:
    axes.set_xscale("log")
    axes.set_xticks(budgets, [f"{budget:,}" for budget in budgets], rotation=30 if len(budgets) > 6 else 0)
    axes.set_xticks([], minor=True)
    axes.set_xlabel("queries")
    axes.set_ylabel("accuracy on test images, %")
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, 0.0), min(high, 100.0))


def _legend(axes: Axes, plot: Curves) -> None:
    # handed over as placeholders: matplotlib drops entries whose text starts with an underscore
    handles = list(axes.get_lines())
    texts = [_entry(standing) for standing, _ in plot.shown]
    texts += ["the target"] if plot.target_accuracy is not None else []
    legend = axes.legend(handles, [str(i) for i in range(len(handles))], loc="center left", bbox_to_anchor=(1.01, 0.5))
    legend.set_frame_on(False)
    if plot.more:
        legend.set_title(f"the first {len(plot.shown)}; {plot.more} more in the table")
        legend.set_alignment("left")
    for entry, text in zip(legend.get_texts(), texts, strict=True):
        entry.set_parse_math(False)
        entry.set_text(text)
