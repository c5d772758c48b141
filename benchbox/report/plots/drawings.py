"""All drawings of a leaderboard: a second process begins while this one does other things, and the two share what is left."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from benchbox.report.plots.accuracy import MOST, accuracy_svg
from benchbox.report.plots.critical import draw_diagram
from benchbox.report.plots.curves import Curves, curves, draw_curves
from benchbox.report.plots.traced import Traced

if TYPE_CHECKING:
    from benchbox.report.page import PageView
    from benchbox.report.suite import SuiteView
    from benchbox.report.views import ScenarioView

Drawn = TypeVar("Drawn")


@dataclass(frozen=True)
class Drawing:
    """A scenario's plot: as matplotlib drew it, for the HTML page to dress, and dressed as an SVG file."""

    traced: Traced
    file: bytes


class _Work(NamedTuple, Generic[Drawn]):
    """A drawing's name, what makes it, and of what; drawings of one name are the same."""

    name: Hashable
    make: Callable[[Any], Drawn]
    shown: Any


class Drawings:
    """Gives drawings, best asked for in the order in which they were begun; what was not begun is made when it is asked for.

    Args:
        second: runs in a process of its own; None: all are made here.
    """

    def __init__(self, second: Executor | None = None) -> None:
        self._second = second
        self._begun: dict[Hashable, tuple[_Work[Any], Future[Any]]] = {}
        self._made: dict[Hashable, Any] = {}

    def begin_page(self, page: PageView) -> None:
        """Begin the plots of a page."""
        for view in page.scenarios:
            if view.has_curves:
                self._begin(_plot(page, view))

    def begin_suites(self, suites: Iterable[SuiteView]) -> None:
        """Begin the critical-difference diagrams."""
        for suite in suites:
            for number, family in enumerate(suite.families, 1):
                if family.found:
                    self._begin(_diagram(suite, number))

    def share(self) -> None:
        """Make here what the second process has not come to, the last first, until both have done all that was begun."""
        for work, begun in reversed(self._begun.values()):
            if work.name not in self._made and begun.cancel():
                self._make(work)

    def plot(self, page: PageView, view: ScenarioView) -> Drawing:
        """Return the plot of a scenario that has curves."""
        return self._finish(_plot(page, view))

    def diagram(self, suite: SuiteView, number: int) -> bytes:
        """Return the diagram of a family, counted from 1, of which something was found, as an SVG file."""
        return self._finish(_diagram(suite, number))

    def _begin(self, work: _Work[Any]) -> None:
        if self._second and work.name not in self._begun:
            self._begun[work.name] = work, self._second.submit(work.make, work.shown)

    def _finish(self, work: _Work[Drawn]) -> Drawn:
        if work.name not in self._made:
            _, begun = self._begun.get(work.name, (work, None))
            if begun and not begun.cancel():
                self._made[work.name] = begun.result()
            else:
                self._make(work)
        made: Drawn = self._made[work.name]
        return made

    def _make(self, work: _Work[Any]) -> None:
        self._made[work.name] = work.make(work.shown)


def _plot(page: PageView, view: ScenarioView) -> _Work[Drawing]:
    shown = curves(view, page.accuracy(view))
    return _Work(shown, _draw_plot, shown)


def _draw_plot(shown: Curves) -> Drawing:
    traced, first = draw_curves(shown), shown.first(MOST)
    # the methods left out are the worst; with them the others would lie close together
    beside = traced if first is shown else draw_curves(first)
    return Drawing(traced, accuracy_svg(first, beside, len(shown.curves) - len(first.curves)))


def _diagram(suite: SuiteView, number: int) -> _Work[bytes]:
    return _Work(("diagram", suite.suite, number), draw_diagram, suite.families[number - 1].found)
