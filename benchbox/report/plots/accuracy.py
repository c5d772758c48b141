"""Accuracy over queries as a file beside the Markdown: the layout with texts, a legend, markers and colours of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from benchbox.report.paths import MARK
from benchbox.report.plots.curves import CurvePlot
from benchbox.report.plots.drawing import FONTS, about, short
from benchbox.report.plots.layout import Layout, Line, lay_out

# Okabe and Ito's palette without its yellow, which is too pale for lines on white
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_MARKERS = (
    "M 0 2.25 C 0.596707 2.25 1.169055 2.012926 1.59099 1.59099 C 2.012926 1.169055 2.25 0.596707 2.25 0 "
    "C 2.25 -0.596707 2.012926 -1.169055 1.59099 -1.59099 C 1.169055 -2.012926 0.596707 -2.25 0 -2.25 "
    "C -0.596707 -2.25 -1.169055 -2.012926 -1.59099 -1.59099 C -2.012926 -1.169055 -2.25 -0.596707 -2.25 0 "
    "C -2.25 0.596707 -2.012926 1.169055 -1.59099 1.59099 C -1.169055 2.012926 -0.596707 2.25 0 2.25 z",
    "M -2.25 2.25 L 2.25 2.25 L 2.25 -2.25 L -2.25 -2.25 z",
    "M -0 3.181981 L 3.181981 0 L 0 -3.181981 L -3.181981 -0 z",
    "M 0 -2.25 L -2.25 2.25 L 2.25 2.25 z",
    "M -0 2.25 L 2.25 -2.25 L -2.25 -2.25 z",
    "M -0.75 2.25 L 0.75 2.25 L 0.75 0.75 L 2.25 0.75 L 2.25 -0.75 L 0.75 -0.75 L 0.75 -2.25 L -0.75 -2.25 "
    "L -0.75 -0.75 L -2.25 -0.75 L -2.25 0.75 L -0.75 0.75 z",
    "M -1.125 2.25 L 0 1.125 L 1.125 2.25 L 2.25 1.125 L 1.125 0 L 2.25 -1.125 L 1.125 -2.25 L 0 -1.125 "
    "L -1.125 -2.25 L -2.25 -1.125 L -1.125 0 L -2.25 1.125 z",
)
"""A disc, a square, a diamond, triangles up and down, a plus, a cross: matplotlib's "osD^vPX" of size 4.5. One a colour."""
_TITLES = {
    "accuracy": ("queries", "accuracy on test images, %"),
    "success": ("queries an example", "solved examples, %"),
}
"""Of the axes, by what is drawn."""
MOST = 2 * len(_COLOURS)
"""Curves of a file, whole and dashed: beyond that nobody tells them apart."""
_LEFT, _BELOW = 16, 6  # units of room left of the drawing and below it
_ROW, _LETTER = 15, 6.2  # units: a legend's entry, a letter's width
_STYLE = f"""
text {{ font: 10px {", ".join(FONTS)}, sans-serif; fill: #222 }}
.middle {{ text-anchor: middle }}
.end {{ text-anchor: end }}
.grid {{ fill: none; stroke: #ddd; stroke-width: .6 }}
.axes {{ fill: none; stroke: #222; stroke-width: .8 }}
.band {{ opacity: .15 }}
.line {{ fill: none; stroke-width: 1.6; stroke-linejoin: round }}
.dashed .line {{ stroke-dasharray: 6 2.5 }}
.target {{ fill: none; stroke: #666; stroke-dasharray: 1 2 }}
"""


def accuracy_svg(shown: CurvePlot) -> bytes:
    """Return the file of a scenario's plot; it says how many methods are left out of it."""
    # those are the worst; with them the others would lie close together
    plot = shown.first(MOST)
    drawn, more = lay_out(plot), len(shown.curves) - len(plot.curves)
    entries = [short(curve.label) + curve.told for curve in plot.curves]
    over = f"the first {len(entries)}; {more} more in the table" if more else ""
    width = _LEFT + drawn.width + 42 + _LETTER * max(map(len, [*entries, over, "the target"]))
    root = _sheet(width, drawn.height + _BELOW, about(_data(plot, entries)))
    _axes(root, drawn, _TITLES[plot.word])
    for i, line in enumerate(drawn.lines):
        if line.band:
            ET.SubElement(root, "path", {"class": "band", "fill": _colour(i), "d": line.band})
    if drawn.target:
        ET.SubElement(root, "path", {"class": "target", "d": drawn.target})
    for i, line in enumerate(drawn.lines):
        _curve(root, i, line)
    _legend(root, drawn, over, entries)
    return ET.tostring(root, encoding="unicode").encode()


def _data(plot: CurvePlot, entries: Sequence[str]) -> Any:
    """Return what is shown, rounded so that another machine's arithmetic gives the same."""
    told = [
        [entry, [[budget, *(f"{value:.6g}" for value in values)] for budget, *values in curve.points]]
        for entry, curve in zip(entries, plot.curves, strict=True)
    ]
    return [sorted(told), None if plot.target is None else f"{plot.target:.6g}"]


def _sheet(width: float, height: float, said: str) -> ET.Element:
    box = {
        "viewBox": f"{-_LEFT} 0 {width:g} {height:g}",
        "width": f"{1.3 * width:.0f}",
        "height": f"{1.3 * height:.0f}",
    }
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **box})
    ET.SubElement(root, "metadata").text = f"{MARK}; {said}"
    ET.SubElement(root, "style").text = _STYLE
    ET.SubElement(root, "rect", {"x": str(-_LEFT), "width": "100%", "height": "100%", "fill": "#fff"})
    return root


def _axes(root: ET.Element, drawn: Layout, title: tuple[str, str]) -> None:
    _, _, bottom, _, _, top = drawn.upright.split()[:6]
    _, left, _, _, right, _ = drawn.level.split()[:6]
    ET.SubElement(root, "path", {"class": "grid", "d": f"{drawn.upright} {drawn.level}"})
    ET.SubElement(root, "path", {"class": "axes", "d": f"M {left} {top} V {bottom} H {right}"})
    for label in drawn.budgets:
        _text(root, label.x, label.y + 15, label.text, "middle")
    for label in drawn.ticks:
        _text(root, label.x - 6, label.y + 3.5, label.text, "end")
    _text(root, (float(left) + float(right)) / 2, float(bottom) + 31, title[0], "middle")
    y = (float(top) + float(bottom)) / 2
    _text(root, -4, y, title[1], "middle", transform=f"rotate(-90 -4 {y:g})")


def _curve(root: ET.Element, i: int, line: Line) -> None:
    group = _group(root, i)
    ET.SubElement(ET.SubElement(group, "defs"), "path", {"id": f"m{i}", "d": _MARKERS[i % len(_MARKERS)]})
    if line.path:
        ET.SubElement(group, "path", {"class": "line", "d": line.path})
    for x, y in line.points:
        ET.SubElement(group, "use", {"href": f"#m{i}", "x": x, "y": y})


def _legend(root: ET.Element, drawn: Layout, over: str, entries: Sequence[str]) -> None:
    """Add a line a method, with a sample of its curve, in the middle of the height."""
    x, rows = drawn.width + 6, len(entries) + bool(over) + bool(drawn.target)
    y = max(14.0, (drawn.height - _ROW * rows) / 2)
    if over:
        _text(root, x, y + 3.5, over)
        y += _ROW
    for i, entry in enumerate(entries):
        group = _group(root, i)
        ET.SubElement(group, "path", {"class": "line", "d": f"M {x:g} {y:g} h 22"})
        ET.SubElement(group, "use", {"href": f"#m{i}", "x": f"{x + 11:g}", "y": f"{y:g}"})
        _text(root, x + 28, y + 3.5, entry)
        y += _ROW
    if drawn.target:
        ET.SubElement(root, "path", {"class": "target", "d": f"M {x:g} {y:g} h 22"})
        _text(root, x + 28, y + 3.5, "the target")


def _group(root: ET.Element, i: int) -> ET.Element:
    dashed = {"class": "dashed"} if i >= len(_COLOURS) else {}
    return ET.SubElement(root, "g", {**dashed, "fill": _colour(i), "stroke": _colour(i)})


def _colour(i: int) -> str:
    return _COLOURS[i % len(_COLOURS)]


def _text(root: ET.Element, x: float, y: float, text: str, anchor: str = "", **more: str) -> None:
    said = {"class": anchor} if anchor else {}
    ET.SubElement(root, "text", {**said, "x": f"{x:g}", "y": f"{y:g}", **more}).text = text
