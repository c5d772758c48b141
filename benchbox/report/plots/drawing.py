"""Draws plots: as SVG, the same element in a file and in the page; as a figure of matplotlib, for whoever wants one."""

from __future__ import annotations

import io
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from benchbox.report.paths import MARK
from benchbox.report.plots import layout
from benchbox.report.plots.layout import Layout
from benchbox.report.plots.spec import MOST_CURVES, Plot
from benchbox.report.prose import fill

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

# Okabe and Ito's palette without its yellow, which is too pale for lines on white, and a violet
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#5549c8", "#000000", "#56b4e9")
REST, INK = "#bbbbbb", "#444444"
MARKERS = "osD^vPX*"
DASHES: dict[str, Any] = {"": "-", "dashed": "--", "dotted": ":", "dashed dotted": "-."}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BOX = {name: getattr(layout, name) for name in ("LEFT", "WIDTH", "ABOVE", "HEIGHT", "BELOW", "BESIDE")}


@lru_cache(maxsize=256)  # suites may share cells
def drawing(plot: Plot) -> Markup:
    """Return what is inside of a plot's ``svg`` element; classes say what parts are, and ``symbols.html`` has the markers."""
    return fill("plot.html", at=Layout(plot), plot=plot, most=MOST_CURVES, **_BOX)


def svg(plot: Plot) -> bytes:
    """Return the plot as an SVG file."""
    colours = {"colours": COLOURS, "rest": REST, "ink": INK}
    made = fill("plot.svg", at=Layout(plot), plot=plot, inside=drawing(plot), mark=MARK, **colours, **_BOX)
    return _NOT_IN_XML.sub(" ", made).encode("utf-8", "replace")


def figure(plot: Plot) -> Figure:
    """Return the plot as a figure of matplotlib, to be changed and saved at will."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    at = Layout(plot)
    made = Figure(figsize=(at.width / 72, at.height / 72), layout="constrained")
    axes = made.add_subplot(xscale="log", xlim=(at.left, at.right), ylim=(at.low, at.high))
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.spines[["right", "top"]].set_visible(False)
    axes.set_xlabel(plot.x, parse_math=False)
    axes.set_title(plot.y, loc="left", fontsize="medium", parse_math=False)
    axes.xaxis.set_major_locator(FixedLocator([tick for tick, _ in at.x_ticks]))
    axes.xaxis.set_major_formatter(FixedFormatter([text for _, text in at.x_ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    for i, curve in reversed(list(enumerate(plot.curves))):  # the best on top
        look: dict[str, Any] = {"color": COLOURS[i] if i < MOST_CURVES else REST, "clip_on": False}
        x, mean, low, high = zip(*curve.points, strict=True)
        if i < MOST_CURVES:
            axes.fill_between(x, low, high, alpha=0.13, linewidth=0, **look)
            each = [(at, value) for at, values in zip(x, curve.dots, strict=True) for value in values]
            axes.plot(
                *zip(*each, strict=True), ".", gid=f"dots-{i}", markersize=2.5, alpha=0.7, **look
            ) if each else None
        look |= {"marker": MARKERS[i % MOST_CURVES], "markersize": 4.5, "linestyle": DASHES[curve.dash]}
        axes.plot(x, mean, gid=f"curve-{i}", linewidth=1.5, markerfacecolor="#ffffff" if curve.hollow else None, **look)
    if plot.target is not None:
        axes.axhline(plot.target, color=INK, linestyle=":", linewidth=1)
    for i, text, height in at.names:
        colour = COLOURS[i] if i >= 0 else INK
        axes.text(at.beside, height, f" {text}", color=colour, va="center", fontsize=8, parse_math=False)
        if hair := at.hair(i, height):
            axes.plot(*zip(*hair, strict=True), color=colour, linewidth=0.5, clip_on=False)
    made.supxlabel("\n".join(at.key), fontsize=7.5)
    return made


def png(plot: Plot) -> bytes:
    """Return the plot as a PNG file of twice the size."""
    out = io.BytesIO()
    figure(plot).savefig(out, format="png", dpi=200, metadata={"Software": MARK})
    return out.getvalue()
