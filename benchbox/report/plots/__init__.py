"""Plots as SVG: the same bytes from the same view, colours that the colour-blind can tell apart."""

from benchbox.report.plots.accuracy import accuracy_plot
from benchbox.report.plots.critical import critical_plot
from benchbox.report.plots.drawing import MARK, same_plot

__all__ = ["MARK", "accuracy_plot", "critical_plot", "same_plot"]
