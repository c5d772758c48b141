"""What matplotlib drew of accuracy over queries, as paths and places; the file and the HTML page dress it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from benchbox.report.plots.drawing import SVG, short_numbers


@dataclass(frozen=True)
class Label:
    """A text and the point from which its grid line starts."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Line:
    """A method's curve.

    Attributes:
        band: the path of its interval; empty where there is none.
        path: its own; empty where it is one point.
        points: where its points lie, by budget.
        marker: the path of its marker, around the origin.
    """

    band: str
    path: str
    points: tuple[tuple[str, str], ...]
    marker: str


@dataclass(frozen=True)
class Traced:
    """The drawing; every path is what a path's ``d`` holds.

    Attributes:
        width, height: of all that is drawn.
        upright, level: the grid's lines, from the bottom up and from left to right.
        budgets, ticks: the labels of these lines; a budget that would stand on the one before is left out.
        target: the line at the target's accuracy; empty where it is not known.
        lines: in the order of the methods.
    """

    width: float
    height: float
    upright: str
    level: str
    budgets: tuple[Label, ...]
    ticks: tuple[Label, ...]
    target: str
    lines: tuple[Line, ...]


def trace(svg: bytes, budgets: Sequence[str], ticks: Sequence[str], curves: int) -> Traced:
    """Return what matplotlib drew.

    Args:
        svg: with groups ``upright``, ``level``, ``target`` (where it is known), and of every curve ``line0`` and ``band0``
            (where it has one).
        budgets, ticks: the texts of the grid's lines.
        curves: how many there are.
    """
    root = ET.fromstring(svg)
    groups = {group.get("id", ""): group for group in root.iter(f"{SVG}g")}
    markers = {path.get("id"): path.get("d", "") for path in root.iter(f"{SVG}path")}
    upright, level, target = (_path(groups.get(name)) for name in ("upright", "level", "target"))
    width, height = (float(number) for number in root.get("viewBox", "").split()[2:])
    lines = tuple(_line(groups[f"line{i}"], groups.get(f"band{i}"), markers) for i in range(curves))
    named = tuple(_apart(_labels(upright, budgets)))
    return Traced(width, height, upright, level, named, tuple(_labels(level, ticks)), target, lines)


def _line(line: ET.Element, band: ET.Element | None, markers: dict[str | None, str]) -> Line:
    uses = list(line.iter(f"{SVG}use"))
    points = tuple((short_numbers(use.get("x", "")), short_numbers(use.get("y", ""))) for use in uses)
    marker = markers[uses[0].get("{http://www.w3.org/1999/xlink}href", "")[1:]]
    return Line(_path(band), _path(line) if len(points) > 1 else "", points, " ".join(marker.split()))


def _path(group: ET.Element | None) -> str:
    found = None if group is None else group.find(f".//{SVG}path")
    return "" if found is None else short_numbers(found.get("d", ""))


def _labels(lines: str, texts: Sequence[str]) -> list[Label]:
    """Return a label for each line of a grid, ``M x y L x y`` a line."""
    starts = [line.split()[:2] for line in lines.split("M")[1:]]
    return [Label(float(x), float(y), text) for (x, y), text in zip(starts, texts, strict=True)]


def _apart(labels: Sequence[Label]) -> list[Label]:
    apart: list[Label] = []
    for label in labels:
        if label.x - (apart[-1].x if apart else -math.inf) >= 7 * len(label.text) + 4:
            apart.append(label)
    return apart
