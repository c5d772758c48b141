"""Plots as SVG: the same bytes from the same view, colours that the colour-blind can tell apart."""

from benchbox.report.plots.drawing import same_plot
from benchbox.report.plots.drawings import Drawings
from benchbox.report.plots.inline import Curve, InlineDrawing

__all__ = ["Curve", "Drawings", "InlineDrawing", "same_plot"]
