"""Views: pure functions from the store's frames to tables of numbers; Markdown, HTML, terminal and plots print the same.

A frame of cells or measurements here is that of one suite and data set; see ``benchbox.store`` for the columns.
"""

from benchbox.report.views.points import Curves, Point, Success, few
from benchbox.report.views.scenario import Lead, ScenarioView, leads, scenario_views, yardstick
from benchbox.report.views.standings import Standing, records, standings
from benchbox.report.views.summary import COLLAPSED, COMMONEST, LEVELS, Summary

__all__ = [
    "COLLAPSED",
    "COMMONEST",
    "LEVELS",
    "Curves",
    "Lead",
    "Point",
    "ScenarioView",
    "Standing",
    "Success",
    "Summary",
    "few",
    "leads",
    "records",
    "scenario_views",
    "standings",
    "yardstick",
]
