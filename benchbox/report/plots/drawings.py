"""All drawings of a leaderboard: a second process begins while this one does other things, and the two share what is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from benchbox.report.plots.accuracy import curves, draw
from benchbox.report.plots.critical import Diagram, draw_diagram
from benchbox.report.plots.inline import InlineDrawing, draw_inline, inline_curves

if TYPE_CHECKING:
    from benchbox.report.page import PageView
    from benchbox.report.suite import SuiteView
    from benchbox.report.views import ScenarioView

Drawn = TypeVar("Drawn")


class _Work(NamedTuple, Generic[Drawn]):
    """A drawing's name, what makes it, and of what."""

    name: tuple[object, ...]
    make: Callable[[Any], Drawn]
    shown: Any


class Drawings:
    """Gives drawings, best asked for in the order in which they were begun; what was not begun is made when it is asked for.

    Args:
        second: runs in a process of its own; None: all are made here.
    """

    def __init__(self, second: Executor | None = None) -> None:
        self._second = second
        self._begun: dict[tuple[object, ...], tuple[_Work[Any], Future[Any]]] = {}
        self._made: dict[tuple[object, ...], Any] = {}
        self._later: deque[PageView] = deque()

    def begin_page(self, page: PageView, files: bool) -> None:
        """Begin the plots of a page that the HTML page asks for, which is soon.

        With ``files``, those beside the Markdown follow: where the second process has nothing else to do, or after the suites.
        """
        if self._later and all(begun.done() for _, begun in reversed(self._begun.values())):
            self._begin_files(self._later.popleft())
        for view in page.scenarios:
            if view.budgets:
                self._begin(_inline(page, view))
        if files:
            self._later.append(page)

    def begin_suites(self, suites: Iterable[SuiteView]) -> None:
        """Begin the critical-difference diagrams, and what waits."""
        for suite in suites:
            for number, family in enumerate(suite.families, 1):
                if family.found:
                    self._begin(_diagram(suite, number))
        while self._later:
            self._begin_files(self._later.popleft())

    def share(self) -> None:
        """Make here what the second process has not come to, the last first, until both have done all that was begun."""
        for work, begun in reversed(self._begun.values()):
            if work.name not in self._made and begun.cancel():
                self._make(work)

    def file(self, page: PageView, view: ScenarioView) -> bytes:
        """Return a scenario's plot as an SVG file."""
        return self._finish(_file(page, view))

    def inline(self, page: PageView, view: ScenarioView) -> InlineDrawing:
        """Return a scenario's plot for the HTML page."""
        return self._finish(_inline(page, view))

    def diagram(self, suite: SuiteView, number: int) -> Diagram:
        """Return the diagram of a family, counted from 1, of which something was found."""
        return self._finish(_diagram(suite, number))

    def _begin_files(self, page: PageView) -> None:
        for view in page.scenarios:
            if view.budgets:
                self._begin(_file(page, view))

    def _begin(self, work: _Work[Any]) -> None:
        if self._second:
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


def _file(page: PageView, view: ScenarioView) -> _Work[bytes]:
    return _Work(("file", page.suite, page.dataset, view.name), draw, curves(view, page.accuracy(view)))


def _inline(page: PageView, view: ScenarioView) -> _Work[InlineDrawing]:
    return _Work(("inline", page.suite, page.dataset, view.name), draw_inline, inline_curves(view, page.accuracy(view)))


def _diagram(suite: SuiteView, number: int) -> _Work[Diagram]:
    return _Work(("diagram", suite.suite, number), draw_diagram, suite.families[number - 1].found)
