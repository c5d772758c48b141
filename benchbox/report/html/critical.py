"""The critical-difference diagram as inline SVG: the figure of the Markdown's, with texts as texts and colours by class."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from benchbox.report.plots import SVG

_THICK = 3.0  # a stroke beyond this is a bar over methods that cannot be told apart
_NUMBER = re.compile(r"-?\d+\.\d+")


def critical_svg(drawn: bytes) -> str:
    """Return the diagram for the page."""
    root = ET.fromstring(drawn)
    made = ET.Element("svg", {"viewBox": root.get("viewBox", ""), "class": "critical", "role": "img"})
    made.set("aria-label", "Mean ranks, and which cannot be told apart; the table below holds them")
    axes = next(group for group in root.iter(f"{SVG}g") if group.get("id") == "axes_1")
    markers = {path for defs in axes.iter(f"{SVG}defs") for path in defs.iter()}
    for element in axes.iter():
        if element.tag == f"{SVG}use":  # the ends of the critical difference
            ET.SubElement(made, "path", {"class": "ink", "d": f"M {element.get('x')} {element.get('y')} m 0 -3.5 v 7"})
        elif element.tag == f"{SVG}path" and element not in markers:
            width = re.search(r"stroke-width: ([\d.]+)", element.get("style", ""))
            css = "bar" if width and float(width[1]) > _THICK else "ink"
            ET.SubElement(made, "path", {"class": css, "d": _short(element.get("d", ""))})
        elif element.tag == f"{SVG}text":
            anchor = re.search(r"text-anchor: (\w+)", element.get("style", ""))
            place = {"x": _short(element.get("x", "")), "y": _short(element.get("y", ""))}
            ET.SubElement(made, "text", place | ({"text-anchor": anchor[1]} if anchor else {})).text = element.text
    return ET.tostring(made, encoding="unicode")


def _short(text: str) -> str:
    """Return coordinates with one decimal, on one line."""
    rounded = _NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text)
    return " ".join(rounded.split())
