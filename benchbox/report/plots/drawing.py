"""Draws plots with matplotlib: a figure for whoever wants one, SVG and PNG files, the same bytes from the same plot."""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from benchbox.report.paths import MARK
from benchbox.report.plots.spec import MOST, Curve, Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette without its yellow, which is too pale for lines on white, and a violet
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#5549c8", "#000000", "#56b4e9")
REST, INK, GRID = "#bbbbbb", "#444444", "#dddddd"
MARKERS = "osD^vPX*"
DASHES: dict[str, Any] = {"": "-", "dashed": (0, (5, 2)), "dotted": (0, (1, 1.2))}
_ROOM, _HEIGHT, _LEFT, _BELOW, _ABOVE = 460, 290, 52, 60, 8
"""Pixels of the axes' width, and of the drawing's height; left of the axes, below and above them."""
WITHOUT_NAMES = (0.72 * (_LEFT + _ROOM + 8), 0.72 * (_HEIGHT - 16))
"""Width and height of an SVG file's part without names beside and the key below, in its units."""
_LETTER, _LINE = 7.0, 12.5
"""Pixels of a letter's width, and between names that stand below each other."""
_SETTINGS: Any = {
    "svg.fonttype": "none",  # names stay text, which can be found and read aloud
    "svg.hashsalt": "benchbox",
    "path.simplify": False,
    "font.size": 8.5,
    "font.family": ["DejaVu Sans"],
}


@cache
def drawn_by() -> str:
    """Return the version of matplotlib, without the time that importing it takes."""
    return f"matplotlib {version('matplotlib')}"


def same_plot(one: bytes, other: bytes) -> bool:
    """Whether two plots show the same: the same bytes, or the same data where two versions of matplotlib drew them."""
    drawn = [re.search(rb"matplotlib (\S+), data ([0-9a-f]{64})", svg) for svg in (one, other)]
    if drawn[0] and drawn[1] and drawn[0][1] != drawn[1][1]:
        return drawn[0][2] == drawn[1][2]
    return one == other


def figure(plot: Plot) -> Figure:
    """Return the plot as a figure of matplotlib, to be changed and saved at will."""
    with _settings():
        made = _sheet()
        _draw(made, plot)
    return made


def png(plot: Plot) -> bytes:
    """Return the plot as a PNG file of twice the size."""
    out = io.BytesIO()
    with _settings():
        figure(plot).savefig(out, format="png", dpi=200, metadata={"Software": f"{MARK}; {_about(plot)}"})
    return out.getvalue()


def svg(plot: Plot) -> bytes:
    """Return the plot as an SVG file, with a hash of what it shows; coordinates have one decimal."""
    out = io.StringIO()
    with _settings():
        made = _shared()
        drawn = _draw(made, plot)
        made.savefig(out, format="svg", metadata={"Date": None, "Creator": f"{MARK}; {_about(plot)}"})
        for artist in drawn:
            artist.remove()
    return re.sub(r' (?:d|x|y)="[^"]*"', _shorter, out.getvalue()).encode()


def short(text: str, length: int = 40) -> str:
    """Return a name as it is drawn, cut to ``length``."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return clean if len(clean) <= length else f"{clean[: length - 1]}…"


def _about(plot: Plot) -> str:
    """Return the version of matplotlib, and a hash of what is shown, rounded as another machine's arithmetic rounds it."""
    told = [[short(c.label) + c.told, [[f"{x:.6g}" for x in point] for point in c.points]] for c in plot.curves]
    data = json.dumps([sorted(told), plot.x, plot.y, plot.target and f"{plot.target:.6g}"])
    return f"{drawn_by()}, data {hashlib.sha256(data.encode()).hexdigest()}"


def _shorter(attribute: re.Match[str]) -> str:
    # six decimals first, so that another machine's last bit does not round the other way
    return re.sub(r"-?\d+\.\d+", lambda n: f"{round(float(n[0]), 6):.1f}".removesuffix(".0"), attribute[0])


@contextmanager
def _settings() -> Iterator[None]:
    import matplotlib

    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the reader's own fonts may have it
        yield


def _sheet() -> Figure:
    """Return an empty drawing, with its axes."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullLocator

    made = Figure(dpi=100)
    axes = made.add_axes((0.1, 0.1, 0.8, 0.8))
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(True, color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)
    return made


_shared = cache(_sheet)
"""One drawing for all files: to make axes takes longer than to fill them."""


def _draw(sheet: Figure, plot: Plot) -> list[Any]:
    """Fill the axes and return what was added; curve i has the ids ``band-i``, ``curve-i`` and ``name-i``."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Polygon

    made: list[Any] = []
    (axes,) = sheet.axes
    low, high = _frame(sheet, axes, plot)
    for i, curve in reversed(list(enumerate(plot.curves))):  # the best on top
        own, colour = i < MOST, COLOURS[i] if i < MOST else REST
        x, means, lows, highs = zip(*curve.points, strict=True)
        if own and lows != highs:
            around = [*zip(x, lows, strict=True), *zip(x[::-1], highs[::-1], strict=True)]
            made.append(Polygon(around, color=colour, alpha=0.13, linewidth=0, gid=f"band-{i}"))
        look = {"color": colour, "linestyle": DASHES[curve.dash], "linewidth": 1.5 if own else 0.9}
        look |= {"marker": MARKERS[i % MOST], "markersize": 4.5 if own else 2.5}
        look |= {"markerfacecolor": "#ffffff"} if curve.hollow else {}
        made.append(Line2D(x, means, gid=f"curve-{i}", zorder=3 if own else 2, **look))
    if plot.target is not None:
        ends = axes.get_xlim()
        made.append(Line2D(ends, [plot.target] * 2, color=INK, linestyle=DASHES["dotted"], linewidth=1, gid="target"))
    for artist in made:
        artist.set_clip_on(False)
        axes.add_artist(artist)
    return [*made, *_names(axes, plot, (high - low) * _LINE / (_HEIGHT - _BELOW - _ABOVE))]


def _frame(sheet: Figure, axes: Axes, plot: Plot) -> tuple[float, float]:
    """Fit drawing and axes to the plot, and return the ends of the upright one."""
    from matplotlib.ticker import FixedFormatter, FixedLocator

    written = [_written(curve) for curve in plot.curves[:MOST]] + ["the target"] * (plot.target is not None)
    width = _LEFT + _ROOM + 12 + _LETTER * max(map(len, written), default=0)
    sheet.set_size_inches(width / 100, _HEIGHT / 100)
    axes.set_position((_LEFT / width, _BELOW / _HEIGHT, _ROOM / width, 1 - (_BELOW + _ABOVE) / _HEIGHT))
    ticks = plot.ticks or (1.0, 10.0)
    axes.set_xlim(ticks[0] / 1.05, max(ticks[-1], ticks[0] * 1.1) * 1.02)
    shown = _apart(ticks)
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_major_formatter(FixedFormatter([f"{tick:,.0f}" for tick in shown]))
    ends = [end for curve in plot.curves for _, *values in curve.points for end in values]
    ends += [] if plot.target is None else [plot.target]
    room = 0.05 * (max(ends, default=1.0) - min(ends, default=0.0)) or 1.0
    low, high = max(0.0, min(ends, default=0.0) - room), max(ends, default=1.0) + room
    axes.set_ylim(low, high)
    axes.set_xlabel(plot.x, color=INK, parse_math=False)
    axes.set_ylabel(plot.y, color=INK, parse_math=False)
    return low, high


def _apart(ticks: Sequence[float]) -> list[float]:
    """Return those ticks that find room for their number, of all that there are; the first and the last always."""
    span = math.log(ticks[-1] / ticks[0]) or 1.0
    kept: list[float] = []
    for tick in reversed(ticks):
        room = _LETTER * len(f"{tick:,.0f}") + 8
        if not kept or _ROOM * math.log(kept[-1] / tick) / span > room:
            kept.append(tick)
    return kept[::-1]


def _written(curve: Curve) -> str:
    whole = curve.label + curve.told
    return short(whole if len(whole) <= 30 else curve.label, 30)


def _names(axes: Axes, plot: Plot, least: float) -> list[Any]:
    """Write the curves' names at their ends, ``least`` apart, and what lines mean below."""
    at = axes.get_xlim()[1]
    ends = [
        (curve.points[-1][1], f"name-{i}", _written(curve), COLOURS[i]) for i, curve in enumerate(plot.curves[:MOST])
    ]
    ends += [] if plot.target is None else [(plot.target, "name-target", "the target", INK)]
    heights = _spread([end for end, *_ in ends], least, axes.get_ylim()[1])
    said = [
        axes.text(at, y, f" {text}", color=colour, gid=gid, va="center", parse_math=False, clip_on=False)
        for y, (_, gid, text, colour) in zip(heights, ends, strict=True)
    ]
    below = axes.text(0, -0.19, plot.key, color=INK, gid="key", transform=axes.transAxes, fontsize=7.5, va="top")
    return [*said, below]


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
