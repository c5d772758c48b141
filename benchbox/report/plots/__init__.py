"""Plots: what they show, and how they are drawn; colours that the colour-blind can tell apart."""

from benchbox.report.plots.drawing import WITHOUT_NAMES, drawn_by, figure, png, same_plot, svg
from benchbox.report.plots.families import families
from benchbox.report.plots.spec import MOST, Curve, Plot, scenario_plot, scenario_plots, total_plot

__all__ = [
    "MOST",
    "WITHOUT_NAMES",
    "Curve",
    "Plot",
    "drawn_by",
    "families",
    "figure",
    "png",
    "same_plot",
    "scenario_plot",
    "scenario_plots",
    "svg",
    "total_plot",
]
