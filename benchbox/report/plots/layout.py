"""Where the parts of a plot stand: scales, ticks, and names that do not lie on each other."""

from __future__ import annotations

import itertools
import math
import textwrap
from collections.abc import Iterable, Sequence

from benchbox.report.plots.spec import IN_ALL, MOST_CURVES, Curve, Plot

LEFT, WIDTH, ABOVE, HEIGHT, BELOW = 28, 341, 16, 160, 35
"""The axes' width and height, and the room around them."""
LETTER, LINE, NAME = 5, 9, 38
"""Room for a letter of a name, and for a line of them; letters after which a name is cut."""
BESIDE = 10
"""Room between the axes and the names, for the lines that lead to those which stand elsewhere than their curves end."""


class Layout:
    """A plot with its coordinates, rounded so that another machine's last bit does not show.

    Attributes:
        left, right, low, high: the ends of the axes, in queries and in the unit of the values.
        beside: where the names of curves begin, in queries.
        x_ticks, y_ticks: (value, its text).
        names: (place, text, height in the unit of the values), of the curves that have a name, apart from each other; the
            target's, if there is one, last and without a place.
        key: lines that say what the curves' marks mean.
    """

    def __init__(self, plot: Plot) -> None:
        self.plot = plot
        ticks = plot.ticks or (1.0, 10.0)
        self.left, self.right = ticks[0] / 1.05, max(ticks[-1], ticks[0] * 1.1) * 1.02
        self.beside = self.right * (self.right / self.left) ** (BESIDE / WIDTH)
        bound = [] if plot.target is None else [plot.target]
        ends = [*bound, *(end for curve in plot.curves for _, *values in curve.points for end in values)]
        ends += [value for curve in plot.curves[:MOST_CURVES] for values in curve.dots for value in values]
        ends = ends or [0.0, 1.0]
        room = 0.05 * (max(ends) - min(ends)) or 1.0
        self.low, self.high = max(0.0, min(ends) - room), max(ends) + room
        marked = _round(self.left, self.right) if plot.x == IN_ALL else ()
        self.x_ticks = [(tick, f"{tick:,.0f}") for tick in self._with_room(marked or ticks)]
        self.y_ticks = [(tick, f"{tick:,g}") for tick in _steps(self.low, self.high)]
        named = [(i, _written(curve), curve.points[-1][1]) for i, curve in enumerate(plot.curves[:MOST_CURVES])]
        named += [(-1, "the target", height) for height in bound]
        heights = _spread([height for *_, height in named], LINE * (self.high - self.low) / HEIGHT, self.high)
        self.names = [(i, text, height) for (i, text, _), height in zip(named, heights, strict=True)]
        self.key = textwrap.wrap(plot.key, int((self.width - LEFT) / LETTER))

    @property
    def width(self) -> float:
        """The width of the drawing, with the names beside the axes."""
        return LEFT + WIDTH + BESIDE + 8 + LETTER * max((len(text) for _, text, _ in self.names), default=0)

    @property
    def height(self) -> float:
        """The height of the drawing, with the lines of the key."""
        return ABOVE + HEIGHT + BELOW + LINE * len(self.key)

    def x(self, queries: float) -> str:
        """Return where so many queries stand."""
        return _coordinate(LEFT + WIDTH * math.log(queries / self.left) / math.log(self.right / self.left))

    def y(self, value: float, below: float = 0.0) -> str:
        """Return where a value stands, or what is to stand so far below it."""
        return _coordinate(ABOVE + HEIGHT * (self.high - value) / (self.high - self.low) + below)

    def line(self, curve: Curve) -> str:
        """Return the path of a curve."""
        return self.path((at, mean) for at, mean, _, _ in curve.points)

    def band(self, curve: Curve) -> str:
        """Return the path around the intervals of a curve; empty where it has none."""
        if all(low == high for _, _, low, high in curve.points):
            return ""
        upper = [(at, high) for at, _, _, high in curve.points]
        return self.path([(at, low) for at, _, low, _ in curve.points] + upper[::-1]) + "Z"

    def dots(self, curve: Curve) -> str:
        """Return the path of a curve's single replicates: subpaths without length, which round caps make dots."""
        path = ""
        for (at, *_), values in zip(curve.points, curve.dots, strict=True):
            heights = [float(self.y(value)) for value in sorted(set(values))]
            path += f"M{self.x(at)} {heights[0]:g}z" if heights else ""
            path += "".join(f"m0 {round(height - last, 1):g}z" for last, height in itertools.pairwise(heights))
        return path.replace(" -", "-")

    def hair(self, i: int, height: float) -> list[tuple[float, float]]:
        """Return the ends of the line from where a curve of ``names`` ends to its name; none where that stands beside it.

        One that ends before the axes do has none, either: across other curves it would look like one.
        """
        at, end = (self.right, self.plot.target or 0.0) if i < 0 else self.plot.curves[i].points[-1][:2]
        away, moved = float(self.x(self.right)) - float(self.x(at)), abs(float(self.y(height)) - float(self.y(end)))
        return [(at, end), (self.beside, height)] if away < LINE / 2 < moved else []

    def path(self, corners: Iterable[tuple[float, float]]) -> str:
        """Return the path through some points."""
        return "M" + "L".join(f"{self.x(at)} {self.y(value)}" for at, value in corners)

    def _with_room(self, ticks: Sequence[float]) -> list[float]:
        """Return those ticks that find room for their number: the ends, then the roundest first."""
        kept: dict[float, tuple[float, float]] = {}
        for tick in sorted(
            ticks, key=lambda tick: (tick not in (ticks[0], ticks[-1]), int(f"{tick:.0f}".rstrip("0") or 0))
        ):
            middle, half = float(self.x(tick)), LETTER * len(f"{tick:,.0f}") / 2 + 3
            if all(abs(middle - other) > half + room for other, room in kept.values()):
                kept[tick] = middle, half
        return sorted(kept)


def _coordinate(value: float) -> str:
    return f"{round(round(value, 6), 1):g}"


def _round(low: float, high: float) -> list[float]:
    """Return the powers of ten between two ends, and twice and five times those where these are fewer than two."""
    for factors in ((1.0,), (1.0, 2.0, 5.0)):
        each = (factor * 10.0**power for power in range(math.floor(math.log10(high)) + 1) for factor in factors)
        if len(found := [value for value in each if low <= value <= high]) > 1:
            return found
    return []


def _steps(low: float, high: float) -> list[float]:
    """Return round numbers between two ends, at most ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / 8))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if 8 * power * factor >= high - low)
    return [round(i * step, 9) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _written(curve: Curve) -> str:
    """Return a curve's name as it stands at its end, cut where there is no room for it and what is said behind it."""
    name, behind = ("".join(c if c.isprintable() else " " for c in text) for text in (curve.label, curve.untold))
    room = max(NAME - len(behind), LETTER)
    return (name if len(name) <= room else f"{name[: room - 1]}…") + behind


def _spread(heights: Sequence[float], least: float, top: float) -> list[float]:
    """Return heights in the same order, moved apart until they are ``least`` apart, and none above ``top``."""
    order = sorted(range(len(heights)), key=lambda i: (heights[i], -i))
    up, down = [heights[i] for i in order], [heights[i] for i in order]
    for i in range(1, len(order)):
        up[i] = max(up[i], up[i - 1] + least)
        down[-1 - i] = min(down[-1 - i], down[-i] - least)
    both = [(a + b) / 2 for a, b in zip(up, down, strict=True)]
    both = [min(height, top - least * (len(both) - 1 - i)) for i, height in enumerate(both)]
    return [height for _, height in sorted(zip(order, both, strict=True))]
