"""What a plot shows, whoever draws it: curves over queries, a target's line, the titles of the axes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from benchbox.report.tables.curves import state
from benchbox.report.tables.words import figure
from benchbox.report.views.points import Point
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Standing
from benchbox.scoring.metrics import Unit, metric

MOST_CURVES = 8
"""Curves that have a colour and a name of their own; the rest is grey, until a reader chooses one."""


IN_ALL = "queries in all, log scale"
"""The title of an axis of means, which are no round numbers, as budgets are."""
UNRANKED = "not ranked"
"""The mark of a curve from a scenario that ranks nobody."""
_DASHES = {"own labels": "dashed", "unlabelled": "dotted"}


@dataclass(frozen=True)
class Curve:
    """A method's curve.

    Attributes:
        label: the method's.
        marks: what stands beside its name: how far it has come, what it was granted, what it uses.
        points: queries, mean, and the ends of its interval over seeds; the mean thrice where one seed was played, whose
            interval is the test sample's, another thing. Shares are in per cent.
        said: the same in words, of each point.
        dots: each replicate's value, of each point; none where one seed was played, which the point shows.
        where: the scenario that it stems from, where a plot has curves of several.
    """

    label: str
    marks: tuple[str, ...]
    points: tuple[tuple[float, float, float, float], ...]
    said: tuple[str, ...]
    dots: tuple[tuple[float, ...], ...]
    where: str = ""

    @property
    def told(self) -> str:
        """What a legend says behind its name; empty where there is nothing to say."""
        return f" ({', '.join(self.marks)})" if self.marks else ""

    @property
    def untold(self) -> str:
        """What its name says behind it at the curve's end: the marks that neither line nor markers tell."""
        rest = [mark for mark in self.marks if mark not in (*_DASHES, UNRANKED)]
        return f" ({', '.join(rest)})" if rest else ""

    @property
    def hollow(self) -> bool:
        """Whether its figures are not ranked: its markers are hollow."""
        return bool({"privileged", "unsealed", UNRANKED} & set(self.marks))

    @property
    def dash(self) -> str:
        """How its line is broken: by what the method used of the scenario's grants; both ways where it used both."""
        return " ".join(dash for mark, dash in _DASHES.items() if mark in self.marks)


@dataclass(frozen=True)
class Plot:
    """A plot: curves in the order of their table, best first.

    Attributes:
        x, y: titles of the axes; ``x`` is on a logarithmic scale, and says so.
        target: the target's accuracy, in per cent; None where it is not known, or bounds nothing.
        title: what it is of, where that is not said around it.
    """

    curves: tuple[Curve, ...]
    x: str
    y: str
    target: float | None = None
    title: str = ""

    @cached_property
    def ticks(self) -> tuple[float, ...]:
        """Where curves have points, ascending."""
        return tuple(sorted({point[0] for curve in self.curves for point in curve.points}))

    @property
    def sources(self) -> str:
        """Which scenarios the curves stem from; empty where all are of one."""
        found: dict[str, list[str]] = {}
        for curve in self.curves:
            found.setdefault(curve.where, []).append(curve.label)
        told = [f"{where}: {', '.join(labels)}" for where, labels in found.items() if where]
        return f"The curves are of {'; '.join(told)}." if told else ""

    @property
    def key(self) -> str:
        """What lines and markers mean, of those that there are."""
        said = {
            "dashed: own labels": any("dashed" in curve.dash for curve in self.curves),
            "dotted: learnt from unlabelled images": any("dotted" in curve.dash for curve in self.curves),
            "hollow: not ranked": any(curve.hollow for curve in self.curves),
            f"grey: {len(self.curves) - MOST_CURVES} more": len(self.curves) > MOST_CURVES,
            "dots: single replicates": any(any(c.dots) for c in self.curves[:MOST_CURVES]),
            "bands: 95 % intervals over seeds": any(low < high for c in self.curves for _, _, low, high in c.points),
        }
        return "; ".join(text for text, there in said.items() if there)


def scenario_plot(view: ScenarioView, target: float | None, name: str = "", attack: str = "") -> Plot:
    """Return a metric over queries, of every method that has it.

    ``target`` is the target's accuracy, a share; ``name`` the metric, else the one that methods are ranked by; ``attack``
    what that is of.
    """
    name = name or view.main
    standings = [line.standing for line in view.summaries if (line.standing.label, name, attack) in view.at]
    curves = (_curve(s, view.at[s.label, name, attack], name) for s in standings)
    what = {"accuracy": "accuracy on test images", "query_success": "solved examples"}.get(name, name)
    bound = 100 * target if target is not None and name == "accuracy" else None
    each = "queries an example" if view.searched else "queries"
    y = ", ".join(filter(None, (what, metric(name).unit.mark))) + (f", of {attack}" if attack else "")
    return Plot(tuple(curves), f"{each}, log scale", y, bound)


def total_plot(view: ScenarioView) -> Plot:
    """Return the success of query attacks over the queries of a whole run, what a substitute cost included."""
    plot = scenario_plot(view, None)
    return replace(plot, x=IN_ALL, curves=tuple(filter(None, (_total(view, c) for c in plot.curves))))


@lru_cache(maxsize=256)  # every form asks for them
def scenario_plots(view: ScenarioView, target: float | None) -> dict[str, Plot]:
    """Return the plots of a scenario by the end of their files' names; none where one budget has points and no curves."""
    if not view.has_curves:
        return {}
    first = {"": scenario_plot(view, target)}
    return {**first, "in-all": total_plot(view)} if view.searched else first


def _total(view: ScenarioView, curve: Curve) -> Curve | None:
    """Return a curve over the queries in all; None where no point of it has them."""
    spent = view.curve(curve.label, "queries_in_all")
    known = [i for i, point in enumerate(curve.points) if point[0] in spent]
    points = ((spent[int(curve.points[i][0])].mean, *curve.points[i][1:]) for i in known)
    said, dots = tuple(curve.said[i] for i in known), tuple(curve.dots[i] for i in known)
    return replace(curve, points=tuple(points), said=said, dots=dots) if known else None


def _curve(standing: Standing, points: Mapping[int, Point], name: str) -> Curve:
    unit, wanted = metric(name).unit, len(standing.wanted)
    marks = (*standing.marks, *(() if standing.whole else (state(standing),)))
    drawn = tuple((at, *_ends(point, unit)) for at, point in points.items())
    said = tuple(figure(point, wanted, unit.mark) for point in points.values())
    runs = (point.by_seed.values() for point in points.values())
    dots = tuple(tuple(unit.scale * value for value in mine) if len(mine) > 1 else () for mine in runs)
    return Curve(standing.label, marks, drawn, said, dots)


def _ends(point: Point, unit: Unit) -> tuple[float, float, float]:
    mean, low, high = (unit.scale * value for value in (point.mean, point.low, point.high))
    if math.isnan(point.half):
        return mean, mean, mean
    # t-intervals of few seeds reach beyond what there is
    return mean, max(unit.scale * unit.least, low), min(unit.scale * unit.most, high)
