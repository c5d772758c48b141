"""Views: pure functions from the store's frames to tables of numbers; Markdown, HTML, terminal and plots print the same.

A frame of cells or measurements here is that of one suite and data set; see ``benchbox.store`` for the columns.
"""

from benchbox.report.views.headline import Lead, leads, yardstick
from benchbox.report.views.points import Curves, Point, few, points
from benchbox.report.views.rounds import COLLAPSED, COMMONEST, ROUNDS, collapses
from benchbox.report.views.scenario import MEASURED, ScenarioView, scenario_view
from benchbox.report.views.standings import Standing, standings, titled
from benchbox.report.views.success import Success, main_attacks
from benchbox.report.views.summary import LEVELS, Summary

__all__ = [
    "COLLAPSED",
    "COMMONEST",
    "LEVELS",
    "MEASURED",
    "ROUNDS",
    "Curves",
    "Lead",
    "Point",
    "ScenarioView",
    "Standing",
    "Success",
    "Summary",
    "collapses",
    "few",
    "leads",
    "main_attacks",
    "points",
    "scenario_view",
    "standings",
    "titled",
    "yardstick",
]
