"""Plots as SVG: the same bytes from the same view, colours that the colour-blind can tell apart."""

from benchbox.report.plots.accuracy import accuracy_svg
from benchbox.report.plots.curves import curves, told
from benchbox.report.plots.drawing import SVG, drawn_by, same_plot
from benchbox.report.plots.layout import Label, Layout, Line, lay_out

__all__ = [
    "SVG",
    "Label",
    "Layout",
    "Line",
    "accuracy_svg",
    "curves",
    "drawn_by",
    "lay_out",
    "same_plot",
    "told",
]
