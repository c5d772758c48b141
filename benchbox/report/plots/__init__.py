"""Plots as SVG: the same bytes from the same view, colours that the colour-blind can tell apart."""

from benchbox.report.plots.curves import told
from benchbox.report.plots.drawing import SVG, same_plot, short_numbers
from benchbox.report.plots.drawings import Drawings
from benchbox.report.plots.traced import Label, Line, Traced

__all__ = ["SVG", "Drawings", "Label", "Line", "Traced", "same_plot", "short_numbers", "told"]
