"""Plots: what they show, and how they are drawn; colours that the colour-blind can tell apart."""

from benchbox.report.plots.drawing import drawn_by, figure, png, same_plot, svg
from benchbox.report.plots.spec import MOST, Curve, Plot, scenario_plot, scenario_plots

__all__ = [
    "MOST",
    "Curve",
    "Plot",
    "drawn_by",
    "figure",
    "png",
    "same_plot",
    "scenario_plot",
    "scenario_plots",
    "svg",
]
