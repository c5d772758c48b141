"""Accuracy over queries as inline SVG: classes carry the colours, so that both themes fit.

Written here, number by number: matplotlib would take a twentieth of a second a plot, and half of what it writes is style,
which the page's content security policy forbids.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from benchbox.report.tables import figure
from benchbox.report.views import Point, ScenarioView

SERIES = 8
"""How many colours and markers there are; dashes change where they start again."""
_DASHES = 4
_WIDTH, _HEIGHT = 518.4, 259.2
_LEFT, _RIGHT, _TOP, _BOTTOM = 38.88, 513.216, 7.776, 225.504  # ends of the axes, from the left and from the top
_LEVELS = 7  # steps of the grid, about


@dataclass(frozen=True)
class Curve:
    """A method's curve and its look: ``colour`` and ``dash`` are numbers of classes, of markers as well."""

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


@dataclass(frozen=True)
class _Axes:
    """Where values stand: queries on a logarithmic scale, accuracy in per cent; the values at the ends of both."""

    fewest: float
    most: float
    low: float
    high: float

    def x(self, budget: float) -> float:
        share = (math.log10(budget) - math.log10(self.fewest)) / (math.log10(self.most) - math.log10(self.fewest))
        return _LEFT + share * (_RIGHT - _LEFT)

    def y(self, percent: float) -> float:
        return _BOTTOM - (percent - self.low) / (self.high - self.low) * (_BOTTOM - _TOP)

    def path(self, points: Iterable[tuple[float, float]]) -> str:
        """Return straight lines through points of queries and accuracy."""
        return _path((self.x(budget), self.y(percent)) for budget, percent in points)

    def levels(self) -> list[float]:
        """Return where horizontal grid lines stand: multiples of 1, 2 or 5 times a power of ten."""
        least = (self.high - self.low) / _LEVELS
        power = 10.0 ** math.floor(math.log10(least))
        step = next(power * times for times in (1, 2, 5, 10) if power * times >= least)
        return [times * step for times in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]


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
        Curve(label, i % SERIES, i // SERIES % _DASHES, view.at[label, "accuracy", ""]) for i, label in enumerate(shown)
    ]
    return Plot(_svg(curves, view.budgets, target, ident), curves, target)


def _svg(curves: list[Curve], budgets: tuple[int, ...], target: float | None, ident: str) -> str:
    axes = _axes(curves, budgets, target)
    out = ET.Element("svg", {"viewBox": f"0 0 {_WIDTH} {_HEIGHT}", "class": "plot", "role": "group"})
    out.set("aria-label", "Accuracy over queries; the tables below hold every point")
    _upright(out, axes, budgets)
    _level(out, axes)
    if target is not None:
        ET.SubElement(out, "path", {"class": "target", "d": _across(axes, 100 * target)})
    for i, curve in enumerate(curves):
        _curve(out, axes, curve, f"{ident}-{i}")
    return ET.tostring(out, encoding="unicode")


def _axes(curves: list[Curve], budgets: tuple[int, ...], target: float | None) -> _Axes:
    """Return axes around all intervals."""
    ends = [end for curve in curves for point in curve.points.values() for end in _ends(point)]
    ends += [] if target is None else [100 * target]
    room = 0.04 * (max(ends) - min(ends)) or 1.0
    side = (budgets[-1] / budgets[0]) ** 0.04 if len(budgets) > 1 else 2.0
    return _Axes(budgets[0] / side, budgets[-1] * side, max(0.0, min(ends) - room), max(ends) + room)


def _ends(point: Point) -> tuple[float, float]:
    """Return the ends of a point's interval, in per cent; the mean twice where there is none."""
    if math.isnan(point.low):
        return 100 * point.mean, 100 * point.mean
    return max(0.0, 100 * point.low), min(
        100.0, 100 * point.high
    )  # t-intervals of few seeds reach beyond what there is


def _upright(out: ET.Element, axes: _Axes, budgets: Sequence[int]) -> None:
    """Add the grid's upright lines, with a label below each that has room."""
    parent = ET.SubElement(out, "g", {"class": "axis"})
    places = [axes.x(budget) for budget in budgets]
    ET.SubElement(parent, "path", {"d": " ".join(_path([(x, _BOTTOM), (x, _TOP)]) for x in places)})
    last = -math.inf
    for budget, place in zip(budgets, places, strict=True):
        x, label = float(_short(place)), f"{budget:,}"
        if x - last >= 7 * len(label) + 4:  # else it would stand on the one before
            last = x
            ET.SubElement(parent, "text", {"x": f"{x:g}", "y": f"{float(_short(_BOTTOM)) + 15:g}"}).text = label


def _level(out: ET.Element, axes: _Axes) -> None:
    """Add the grid's level lines, with a label left of each."""
    parent = ET.SubElement(out, "g", {"class": "axis y"})
    levels = axes.levels()
    ET.SubElement(parent, "path", {"d": " ".join(_across(axes, level) for level in levels)})
    for level in levels:
        place = {"x": f"{float(_short(_LEFT)) - 6:g}", "y": f"{float(_short(axes.y(level))) + 3.5:g}"}
        ET.SubElement(parent, "text", place).text = f"{level:g}"


def _across(axes: _Axes, percent: float) -> str:
    return _path([(_LEFT, axes.y(percent)), (_RIGHT, axes.y(percent))])


def _curve(out: ET.Element, axes: _Axes, curve: Curve, ident: str) -> None:
    """Add a curve: its band, its line, and a group around every point."""
    parent = ET.SubElement(out, "g", {"class": f"s c{curve.colour} d{curve.dash}", "data-m": curve.label})
    ends = {budget: _ends(point) for budget, point in curve.points.items()}
    around = [(budget, low) for budget, (low, _) in ends.items()]
    around += [(budget, high) for budget, (_, high) in reversed(ends.items())]
    if around[0] == around[-1]:
        around.pop()
    ET.SubElement(parent, "path", {"class": "band", "d": f"{axes.path(around)} z"})
    means = [(budget, 100 * point.mean) for budget, point in curve.points.items()]
    ET.SubElement(parent, "path", {"class": "line", "d": axes.path(means)} if len(means) > 1 else {})
    for (budget, mean), point in zip(means, curve.points.values(), strict=True):
        group = ET.SubElement(parent, "g", {"class": "pt", "id": f"{ident}-{budget}", "data-b": str(budget)})
        ET.SubElement(group, "title").text = point_text(curve.label, budget, point)
        place = {"x": _short(axes.x(budget)), "y": _short(axes.y(mean))}
        ET.SubElement(group, "use", {"href": f"#mk{curve.colour}", **place})


def point_text(label: str, budget: int, point: Point) -> str:
    """Return what a point says when it is pointed at."""
    value, _, seeds = figure(point, -1).rpartition(" (")
    return f"{label}, {budget:,} queries: {value} % ({seeds}"


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M " + " L ".join(f"{_short(x)} {_short(y)}" for x, y in points)


def _short(number: float) -> str:
    """Return a coordinate with one decimal at most."""
    return f"{number:.1f}".removesuffix(".0")
