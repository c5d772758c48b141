"""Accuracy over queries as inline SVG: matplotlib draws it; classes carry the colours, so that both themes fit.

A content security policy without inline styles is why style attributes become classes and presentation attributes.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from benchbox.report.plots import Curve, InlineDrawing
from benchbox.report.tables import figure
from benchbox.report.views import Point

SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True)
class Plot:
    """A plot: its SVG, and its curves for the legend."""

    svg: str
    curves: tuple[Curve, ...]
    target: float | None


def accuracy_plot(drawn: InlineDrawing, ident: str) -> Plot:
    """Return a scenario's plot.

    Args:
        drawn: what matplotlib made of it.
        ident: what the ids in the SVG start with, unique on the page.
    """
    return Plot(_clean(drawn, ident), drawn.shown.curves, drawn.shown.target)


def _clean(drawn: InlineDrawing, ident: str) -> str:
    """Return matplotlib's SVG without styles, comments and unused ids, and with a group around every point."""
    root = ET.fromstring(drawn.svg)
    groups = {group.get("id", ""): group for group in root.iter(f"{SVG}g")}
    out = ET.Element("svg", {"viewBox": root.get("viewBox", ""), "class": "plot", "role": "group"})
    out.set("aria-label", "Accuracy over queries; the tables below hold every point")
    _grid(out, _path(groups["xgrid"]), [f"{budget:,}" for budget in drawn.shown.budgets])
    _grid(out, _path(groups["ygrid"]), [f"{tick:g}" for tick in drawn.ticks], left=True)
    if "target" in groups:
        ET.SubElement(out, "path", {"class": "target", "d": _path(groups["target"])})
    for i, curve in enumerate(drawn.shown.curves):
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
