"""All drawings of a leaderboard, each made once."""

from __future__ import annotations

from dataclasses import dataclass

from benchbox.report.page import PageView
from benchbox.report.plots.accuracy import MOST, accuracy_svg
from benchbox.report.plots.critical import draw_diagram
from benchbox.report.plots.curves import CurvePlot, curves, draw_curves
from benchbox.report.plots.traced import Traced
from benchbox.report.suite import SuiteView
from benchbox.report.views import ScenarioView


@dataclass(frozen=True)
class Drawing:
    """A scenario's plot: as matplotlib drew it, for the HTML page to dress, and dressed as an SVG file."""

    traced: Traced
    file: bytes


class Drawings:
    """Gives drawings; each is made when it is first asked for."""

    def __init__(self) -> None:
        self._plots: dict[CurvePlot, Drawing] = {}  # by what they show: suites may share cells
        self._diagrams: dict[tuple[str, int], bytes] = {}

    def plot(self, page: PageView, view: ScenarioView) -> Drawing:
        """Return the plot of a scenario that has curves."""
        shown = curves(view, page.accuracy(view))
        if shown not in self._plots:
            self._plots[shown] = _draw_plot(shown)
        return self._plots[shown]

    def diagram(self, suite: SuiteView, number: int) -> bytes:
        """Return the diagram of a family, counted from 1, of which something was found, as an SVG file."""
        name, found = (suite.suite, number), suite.families[number - 1].found
        assert found is not None
        if name not in self._diagrams:
            self._diagrams[name] = draw_diagram(found)
        return self._diagrams[name]


def _draw_plot(shown: CurvePlot) -> Drawing:
    traced, first = draw_curves(shown), shown.first(MOST)
    # the methods left out are the worst; with them the others would lie close together
    beside = traced if first is shown else draw_curves(first)
    return Drawing(traced, accuracy_svg(first, beside, len(shown.curves) - len(first.curves)))
