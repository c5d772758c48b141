"""Plots as SVG: the same bytes from the same view, colours that the colour-blind can tell apart."""

from benchbox.report.plots.accuracy import Curves, curves, draw
from benchbox.report.plots.apart import painting
from benchbox.report.plots.critical import critical_plot
from benchbox.report.plots.drawing import same_plot

__all__ = ["Curves", "critical_plot", "curves", "draw", "painting", "same_plot"]
