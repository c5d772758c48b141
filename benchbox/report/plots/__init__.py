"""Plots: what they show, and how they are drawn; colours that the colour-blind can tell apart."""

from benchbox.report.plots.chosen import chosen_plot, families
from benchbox.report.plots.drawing import drawing, figure, png, svg
from benchbox.report.plots.spec import MOST_CURVES, Curve, Plot, scenario_plot, scenario_plots, total_plot

__all__ = [
    "MOST_CURVES",
    "Curve",
    "Plot",
    "chosen_plot",
    "drawing",
    "families",
    "figure",
    "png",
    "scenario_plot",
    "scenario_plots",
    "svg",
    "total_plot",
]
