"""Accuracy over queries as inline SVG: matplotlib draws it; classes carry the colours, so that both themes fit.

A content security policy without inline styles is why style attributes become classes and presentation attributes.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from benchbox.report.tables import percent
from benchbox.report.views import Point, ScenarioView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SERIES = 8
"""How many colours and markers there are; dashes change where they start again."""
MARKERS = "osD^vPX*"
DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
_SIZE = (7.2, 3.6)  # inches of 72 units
_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
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
    return Plot(_clean(_draw(curves, view.budgets, target), curves, ident), curves, target)


def _draw(curves: list[Curve], budgets: tuple[int, ...], target: float | None) -> bytes:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change the bytes
        mpl.rcParams.update(
            {"svg.hashsalt": "benchbox", "svg.fonttype": "none", "path.simplify": False, "font.size": 9.0}
        )
        figure = Figure(figsize=_SIZE)
        axes = figure.add_axes((0.075, 0.13, 0.915, 0.84))
        for i, curve in enumerate(curves):
            _draw_curve(axes, curve, i)
        if target is not None:
            axes.axhline(100 * target, gid="target")
        _frame(axes, budgets)
        out = io.BytesIO()
        figure.savefig(
            out, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Type": None, "Format": None}
        )
        return out.getvalue()


def _draw_curve(axes: Axes, curve: Curve, i: int) -> None:
    x = list(curve.points)
    mean = [100 * point.mean for point in curve.points.values()]
    half = [0.0 if math.isnan(point.half) else 100 * point.half for point in curve.points.values()]
    low = [m - h for m, h in zip(mean, half, strict=True)]
    high = [m + h for m, h in zip(mean, half, strict=True)]
    axes.fill_between(x, low, high, linewidth=0).set_gid(f"band{i}")
    axes.plot(x, mean, marker=MARKERS[curve.colour], markersize=5.0, linestyle=DASHES[curve.dash], gid=f"line{i}")


def _frame(axes: Axes, budgets: tuple[int, ...]) -> None:
    axes.set_xscale("log")
    axes.set_xticks(budgets, [f"{budget:,}" for budget in budgets], rotation=30 if len(budgets) > 9 else 0)
    axes.set_xticks([], minor=True)
    axes.grid()
    axes.spines[["top", "right"]].set_visible(False)
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, 0.0), min(high, 100.0) if high < 100 else 100.5)


def _clean(svg: bytes, curves: list[Curve], ident: str) -> str:
    """Return matplotlib's SVG without styles, comments and unused ids, and with a group around every point."""
    root = ET.fromstring(svg)
    groups = {group.get("id", ""): group for group in root.iter(f"{_SVG}g")}
    out = ET.Element("svg", {"viewBox": root.get("viewBox", ""), "class": "plot"})
    axes = groups["axes_1"]
    grid, labels = ET.SubElement(out, "g", {"class": "axis"}), ET.SubElement(out, "g", {"class": "ticks"})
    for tick in _ticks(groups):
        for path in tick.iter(f"{_SVG}path"):
            if (path.get("clip-path") or "") != "":
                ET.SubElement(grid, "path", {"d": _short(path.get("d", ""))})
        for text in tick.iter(f"{_SVG}text"):
            _label(labels, text)
    if "target" in groups:
        found = groups["target"].find(f"{_SVG}path")
        assert found is not None
        ET.SubElement(out, "path", {"class": "target", "d": _short(found.get("d", ""))})
    for i, curve in enumerate(curves):
        made = ET.SubElement(out, "g", {"class": f"s c{curve.colour} d{curve.dash}", "data-m": curve.label})
        _curve(made, curve, groups, i, ident)
    del axes
    return ET.tostring(out, encoding="unicode", short_empty_elements=True)


def _ticks(groups: dict[str, ET.Element]) -> Iterator[ET.Element]:
    for name, group in groups.items():
        if name.startswith(("xtick", "ytick")):
            yield group


def _label(parent: ET.Element, text: ET.Element) -> None:
    style = text.get("style", "")
    anchor = re.search(r"text-anchor: (\w+)", style)
    attributes = {"x": text.get("x", ""), "y": text.get("y", "")}
    turn = text.get("transform", "")
    if "rotate(-0" not in turn and turn:
        attributes["transform"] = turn
    if anchor:
        attributes["text-anchor"] = anchor[1]
    made = ET.SubElement(parent, "text", {k: _short(v) for k, v in attributes.items() if v})
    made.text = text.text


def _curve(parent: ET.Element, curve: Curve, groups: dict[str, ET.Element], i: int, ident: str) -> None:
    band = groups[f"band{i}"].find(f".//{_SVG}path")
    if band is not None:
        ET.SubElement(parent, "path", {"class": "band", "d": _short(band.get("d", ""))})
    line = groups[f"line{i}"]
    drawn = line.find(f"{_SVG}path")
    if drawn is not None:
        ET.SubElement(parent, "path", {"class": "line", "d": _short(drawn.get("d", ""))})
    for use, (budget, point) in zip(line.iter(f"{_SVG}use"), curve.points.items(), strict=True):
        group = ET.SubElement(parent, "g", {"class": "pt", "id": f"{ident}-{i}-{budget}", "data-b": str(budget)})
        ET.SubElement(group, "title").text = point_text(curve.label, budget, point)
        ET.SubElement(
            group,
            "use",
            {"href": f"#mk{curve.colour}", "x": _short(use.get("x", "")), "y": _short(use.get("y", ""))},
        )


def point_text(label: str, budget: int, point: Point) -> str:
    """Return what a point says when it is pointed at."""
    spread = "" if math.isnan(point.half) else f" ± {100 * point.half:.1f}"
    return f"{label}, {budget:,} queries: {percent(point.mean)}{spread} %, {point.seeds} seed{'s' * (point.seeds != 1)}"


def _short(text: str) -> str:
    """Return coordinates with one decimal, on one line."""
    rounded = _NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text)
    return " ".join(rounded.split())
