"""Accuracy over queries as inline SVG: classes carry the colours, so that both themes fit.

A content security policy without inline styles is why there are classes and presentation attributes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from benchbox.report.plots import Label, Layout, Line, told
from benchbox.report.tables import figure
from benchbox.report.views import Point, ScenarioView

_SERIES, _DASHES = 8, 4  # colours and markers that the style sheet has; dashes change where they start again


@dataclass(frozen=True)
class Look:
    """How a method's curve looks, and what the legend says behind its name.

    ``colour``, which a marker goes with, and ``dash`` are numbers of classes.
    """

    label: str
    told: str
    colour: int
    dash: int


@dataclass(frozen=True)
class Plot:
    """A plot: its SVG, and for the legend its curves and whether the target's line is among them."""

    svg: str
    curves: tuple[Look, ...]
    target: bool


def accuracy_plot(drawn: Layout, view: ScenarioView, ident: str) -> Plot:
    """Return a scenario's plot.

    Args:
        drawn: where its lines stand.
        view: the scenario.
        ident: what the ids in the SVG start with, unique on the page.
    """
    shown = [line.standing for line in view.summaries if (line.standing.label, view.main, "") in view.at]
    looks = tuple(Look(s.label, told(s), i % _SERIES, i // _SERIES % _DASHES) for i, s in enumerate(shown))
    out = ET.Element("svg", {"viewBox": f"0 0 {drawn.width:g} {drawn.height:g}", "class": "plot", "role": "group"})
    out.set("aria-label", f"{view.word.capitalize()} over queries; the tables below hold every point")
    _grid(out, "axis", drawn.upright, drawn.budgets, (0, 15))
    _grid(out, "axis y", drawn.level, drawn.ticks, (-6, 3.5))
    if drawn.target:
        ET.SubElement(out, "path", {"class": "target", "d": drawn.target})
    for i, (look, line) in enumerate(zip(looks, drawn.lines, strict=True)):
        _curve(out, look, line, view.at[look.label, view.main, ""], f"{ident}-{i}")
    return Plot(ET.tostring(out, encoding="unicode"), looks, bool(drawn.target))


def _grid(out: ET.Element, css: str, lines: str, labels: Sequence[Label], by: tuple[float, float]) -> None:
    """Add a grid with its labels, moved ``by`` from where their lines start."""
    parent = ET.SubElement(out, "g", {"class": css})
    ET.SubElement(parent, "path", {"d": lines})
    for label in labels:
        place = {"x": f"{label.x + by[0]:g}", "y": f"{label.y + by[1]:g}"}
        ET.SubElement(parent, "text", place).text = label.text


def _curve(out: ET.Element, look: Look, line: Line, points: dict[int, Point], ident: str) -> None:
    """Add a curve, with a group around every point that says what it is."""
    parent = ET.SubElement(out, "g", {"class": f"s c{look.colour} d{look.dash}", "data-m": look.label})
    for css, path in (("band", line.band), ("line", line.path)):
        if path:
            ET.SubElement(parent, "path", {"class": css, "d": path})
    for (x, y), (budget, point) in zip(line.points, points.items(), strict=True):
        group = ET.SubElement(parent, "g", {"class": "pt", "id": f"{ident}-{budget}", "data-b": str(budget)})
        ET.SubElement(group, "title").text = point_text(look.label, budget, point)
        ET.SubElement(group, "use", {"href": f"#mk{look.colour}", "x": x, "y": y})


def point_text(label: str, budget: int, point: Point) -> str:
    """Return what a point says when it is pointed at."""
    value, _, seeds = figure(point, -1).rpartition(" (")
    return f"{label}, {budget:,} queries: {value} % ({seeds}"
