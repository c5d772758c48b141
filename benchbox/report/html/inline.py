"""A drawn plot inside the page: the file's lines with classes for colours, so that both themes fit, and points that speak.

The content security policy allows no inline styles, which is why styles become attributes and classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from benchbox.report.plots import MOST, WITHOUT_NAMES, Curve, Plot

_SVG = "{http://www.w3.org/2000/svg}"
_COLOURS = {"#444444": "var(--muted)", "#dddddd": "var(--line)", "#ffffff": "none", "#000000": "var(--fg)"}
"""From what the file is drawn with to what the page's theme says; curves have classes."""
_KEPT = ("fill", "stroke", "stroke-width", "stroke-dasharray", "text-anchor", "opacity")


def inline(drawn: bytes, plot: Plot, title: str, ident: str) -> str:
    """Return a plot's file as an element of the page.

    Args:
        drawn: the file, as ``plots.svg`` gives it.
        plot: what it shows.
        title: what it is called, for those who cannot see it.
        ident: what the ids in it start with, unique on the page.
    """
    root = ET.fromstring(drawn)
    size = " ".join(f"{length:.1f}" for length in WITHOUT_NAMES)  # names stand outside, where there is room for them
    out = ET.Element("svg", {"viewBox": f"0 0 {size}", "class": "plot", "role": "group", "aria-label": title})
    for name, group in _named(root):
        kind, _, number = name.partition("-")
        if kind in ("key", "patch_1", "patch_2"):
            continue
        if number.isdecimal():
            _curve(out, kind, group, int(number), plot.curves[int(number)], f"{ident}-{number}")
        else:
            parent = ET.SubElement(out, "g", {"class": "name chosen"}) if kind == "name" else out
            parent.extend(_plain(part) for part in group if part.tag in (f"{_SVG}path", f"{_SVG}text"))
    _name_rest(out, plot)
    return ET.tostring(out, encoding="unicode")


def _named(root: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    """Yield the groups that hold something to see, with their ids, in the order in which they are drawn."""
    for group in root.iter(f"{_SVG}g"):
        if any(part.tag != f"{_SVG}g" for part in group):
            yield group.get("id", ""), group


def _plain(part: ET.Element) -> ET.Element:
    """Return an element of an axis or a line with attributes in place of a style."""
    found = dict(pair.split(": ", 1) for pair in part.get("style", "").split("; ") if ": " in pair)
    kept = {name: _COLOURS.get(value, value) for name, value in found.items() if name in _KEPT}
    kept |= {name: value for name in ("d", "x", "y", "transform") if (value := part.get(name)) is not None}
    made = ET.Element(part.tag.removeprefix(_SVG), kept)
    made.text = part.text
    return made


def _curve(out: ET.Element, kind: str, group: ET.Element, i: int, curve: Curve, ident: str) -> None:
    """Add a curve's band, its line with a group around every point, or its name; the reader's choice is a class."""
    css = f"{'name' if kind == 'name' else 's'} c{i % MOST}{' chosen' if i < MOST else ''}"
    css += f" {curve.dash}" if curve.dash and kind == "curve" else ""
    css += " hollow" if curve.hollow and kind == "curve" else ""
    parent = ET.SubElement(out, "g", {"class": css, "data-m": curve.label})
    if kind == "name":
        parent.extend(_plain(part) for part in group.iter(f"{_SVG}text"))
        return
    for path in group.findall(f"{_SVG}path"):
        ET.SubElement(parent, "path", {"class": "band" if kind == "band" else "line", "d": path.get("d", "")})
    for use, point, said in zip(group.iter(f"{_SVG}use"), curve.points, curve.said, strict=False):
        made = ET.SubElement(parent, "g", {"class": "pt", "id": f"{ident}-{point[0]:.0f}", "data-b": f"{point[0]:.0f}"})
        ET.SubElement(made, "title").text = f"{curve.label}, {point[0]:,.0f} queries: {said}"
        ET.SubElement(made, "use", {"href": f"#mk{i % MOST}", "x": use.get("x", ""), "y": use.get("y", "")})


def _name_rest(out: ET.Element, plot: Plot) -> None:
    """Write the names of the curves that the file leaves grey, for the page to show where a reader chooses one."""
    last = {group.get("data-m"): group.findall("g/use")[-1] for group in out.findall("g") if group.findall("g/use")}
    for i, curve in enumerate(plot.curves[MOST:], MOST):
        if (end := last.get(curve.label)) is not None:
            parent = ET.SubElement(out, "g", {"class": f"name c{i % MOST}", "data-m": curve.label})
            place = {"x": f"{float(end.get('x', '0')) + 12:g}", "y": f"{float(end.get('y', '0')) + 3:g}"}
            ET.SubElement(parent, "text", place).text = curve.label
