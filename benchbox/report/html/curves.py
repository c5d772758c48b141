"""Accuracy over queries as inline SVG: matplotlib draws it; classes carry the colours, so that both themes fit.

A content security policy without inline styles is why style attributes become classes and presentation attributes.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from benchbox.report.tables import figure
from benchbox.report.views import Point, ScenarioView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SERIES = 8
"""How many colours and markers there are; dashes change where they start again."""
MARKERS = "osD^vPX*"
DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
_SIZE = (7.2, 3.6)  # inches of 72 units
SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True)
class Curve:
    """A method's curve and its look: ``colour`` and ``marker`` are numbers of classes."""

    label: str
    colour: int
    dash: int
    points: dict[int, Point]


@dataclass(frozen=True)
class Plot:
    """A plot: its SVG, and its curves for the legend."""

    svg: str
    curves: list[Curve]
    target: float | None


def accuracy_curves(view: ScenarioView, target: float | None, ident: str) -> Plot:
    """Return the plot of a scenario.

    Args:
        view: every method with a result is drawn, with its 95 % interval over seeds as a band.
        target: the target's accuracy, a share; None where it is not known.
        ident: what the ids in the SVG start with, unique on the page.
    """
    lines = [line.standing.label for line in view.summaries]
    shown = [label for label in lines if (label, "accuracy", "") in view.at]
    curves = [
        Curve(label, i % SERIES, i // SERIES % len(DASHES), view.at[label, "accuracy", ""])
        for i, label in enumerate(shown)
    ]
    drawn, ticks = _draw(curves, view.budgets, target)
    return Plot(_clean(drawn, ticks, curves, view.budgets, ident), curves, target)


def _draw(curves: list[Curve], budgets: tuple[int, ...], target: float | None) -> tuple[bytes, list[float]]:
    """Return matplotlib's SVG, with every part under an id of its own, and the values of the horizontal grid lines."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change the bytes
        mpl.rcParams.update({"svg.hashsalt": "benchbox", "path.simplify": False})
        figure = Figure(figsize=_SIZE)
        axes = figure.add_axes((0.075, 0.13, 0.915, 0.84))
        axes.set_axis_off()  # matplotlib's own ticks take most of the time; grid lines and texts at their starts do
        axes.set_xscale("log")
        low, high = _limits(axes, curves, budgets, target)
        ticks = [
            float(tick) for tick in MaxNLocator(7, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= tick <= high
        ]
        _draw_grid(axes, budgets, ticks)
        for i, curve in enumerate(curves):
            _draw_curve(axes, curve, i)
        if target is not None:
            axes.add_artist(Line2D([0, 1], [100 * target] * 2, transform=axes.get_yaxis_transform(), gid="target"))
        out = io.BytesIO()
        figure.savefig(
            out, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Type", "Format"))
        )
        return out.getvalue(), ticks


def _limits(axes: Axes, curves: list[Curve], budgets: tuple[int, ...], target: float | None) -> tuple[float, float]:
    """Set the axes' limits around all intervals; return those of accuracy."""
    ends = [end for curve in curves for point in curve.points.values() for end in _ends(point)]
    ends += [] if target is None else [100 * target]
    room = 0.04 * (max(ends) - min(ends)) or 1.0
    low, high = max(0.0, min(ends) - room), max(ends) + room
    side = (budgets[-1] / budgets[0]) ** 0.04 if len(budgets) > 1 else 2.0
    axes.set_xlim(budgets[0] / side, budgets[-1] * side)
    axes.set_ylim(low, high)
    return low, high


def _draw_grid(axes: Axes, budgets: tuple[int, ...], ticks: list[float]) -> None:
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
    axes.add_artist(Line2D(x, mean, marker=MARKERS[curve.colour], linestyle=DASHES[curve.dash], gid=f"line{i}"))


def _ends(point: Point) -> tuple[float, float]:
    """Return the ends of a point's interval, in per cent; the mean twice where there is none."""
    if math.isnan(point.low):
        return 100 * point.mean, 100 * point.mean
    return max(0.0, 100 * point.low), min(
        100.0, 100 * point.high
    )  # t-intervals of few seeds reach beyond what there is


def _clean(drawn: bytes, ticks: list[float], curves: list[Curve], budgets: tuple[int, ...], ident: str) -> str:
    """Return matplotlib's SVG without styles, comments and unused ids, and with a group around every point."""
    root = ET.fromstring(drawn)
    groups = {group.get("id", ""): group for group in root.iter(f"{SVG}g")}
    out = ET.Element("svg", {"viewBox": root.get("viewBox", ""), "class": "plot", "role": "group"})
    out.set("aria-label", "Accuracy over queries; the tables below hold every point")
    _grid(out, _path(groups["xgrid"]), [f"{budget:,}" for budget in budgets])
    _grid(out, _path(groups["ygrid"]), [f"{tick:g}" for tick in ticks], left=True)
    if "target" in groups:
        ET.SubElement(out, "path", {"class": "target", "d": _path(groups["target"])})
    for i, curve in enumerate(curves):
        made = ET.SubElement(out, "g", {"class": f"s c{curve.colour} d{curve.dash}", "data-m": curve.label})
        ET.SubElement(made, "path", {"class": "band", "d": _path(groups[f"band{i}"])})
        _curve(made, curve, groups[f"line{i}"], f"{ident}-{i}")
    return ET.tostring(out, encoding="unicode")


def _path(group: ET.Element) -> str:
    found = group.find(f".//{SVG}path")
    return "" if found is None else short_numbers(found.get("d", ""))


def _grid(out: ET.Element, lines: str, labels: list[str], *, left: bool = False) -> None:
    """Add a grid, ``M x y L x y`` a line, with a label at the start of each line."""
    parent = ET.SubElement(out, "g", {"class": "axis y" if left else "axis"})
    ET.SubElement(parent, "path", {"d": lines})
    last = -math.inf
    for line, label in zip(lines.split("M")[1:], labels, strict=True):
        x, y = (float(number) for number in line.split()[:2])
        if not left and x - last < 7 * len(label) + 4:
            continue  # budgets close together: the label would stand on the one before
        last = x
        place = {"x": f"{x - 6:g}", "y": f"{y + 3.5:g}"} if left else {"x": f"{x:g}", "y": f"{y + 15:g}"}
        ET.SubElement(parent, "text", place).text = label


def _curve(parent: ET.Element, curve: Curve, line: ET.Element, ident: str) -> None:
    ET.SubElement(parent, "path", {"class": "line", "d": _path(line)} if len(curve.points) > 1 else {})
    for use, (budget, point) in zip(line.iter(f"{SVG}use"), curve.points.items(), strict=True):
        group = ET.SubElement(parent, "g", {"class": "pt", "id": f"{ident}-{budget}", "data-b": str(budget)})
        ET.SubElement(group, "title").text = point_text(curve.label, budget, point)
        place = {"x": short_numbers(use.get("x", "")), "y": short_numbers(use.get("y", ""))}
        ET.SubElement(group, "use", {"href": f"#mk{curve.colour}", **place})


def point_text(label: str, budget: int, point: Point) -> str:
    """Return what a point says when it is pointed at."""
    value, _, seeds = figure(point, -1).rpartition(" (")
    return f"{label}, {budget:,} queries: {value} % ({seeds}"


def short_numbers(text: str) -> str:
    """Return coordinates with one decimal, on one line."""
    rounded = _NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text)
    return " ".join(rounded.split())
