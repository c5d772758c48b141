"""Every method's line in every scenario, as tables that filters can narrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from benchbox.report import tables
from benchbox.report.page import PageView
from benchbox.report.paths import page_path, suite_route
from benchbox.report.tables import Aside, Best, Cell, Link, Method, Table
from benchbox.report.views import ScenarioView, Summary


class Line(NamedTuple):
    """A method's line in a scenario of a page."""

    page: PageView
    view: ScenarioView
    summary: Summary

    @property
    def leads(self) -> bool:
        """Whether it has the first place, and is told from all others."""
        found = self.summary.place
        return found is not None and found.rank == found.worst == 1


def lines(pages: Iterable[PageView]) -> Iterator[Line]:
    """Yield the lines of all scenarios, in the order of the pages."""
    return (Line(page, view, line) for page in pages for view in page.scenarios for line in view.summaries)


def results(found: Sequence[Line]) -> Table:
    """Return lines as a table; how far players were sealed, where they differ in it, else what answers held."""
    mixed = len({line.summary.standing.sealed for line in found} - {""}) > 1
    words = " or ".join(dict.fromkeys(line.view.word for line in found))
    head = ["scenario", "sealed" if mixed else "answers", "method", "rank", "area", f"{words}, at queries", "seeds"]
    rows = [_row(line, mixed) for line in found]
    return Table(head, rows, (0, 1, 2, 3), facts=[_facts(line) for line in found])


def _row(line: Line, mixed: bool) -> list[Cell]:
    page, view, summary = line
    standing, wanted = summary.standing, len(summary.standing.wanted)
    route = suite_route(page.suite, page.dataset, view.name)
    where = Link(f"{page.suite} on {page.dataset}, {view.name}", route, page_path(page.suite, page.dataset))
    last = tables.figure(summary.last, wanted)
    return [
        where,
        (standing.sealed or "–") if mixed else view.access,
        Method(standing),
        Best(tables.place(summary)) if line.leads else tables.place(summary),
        tables.figure(summary.area, wanted),
        (last, Aside(f"at {view.budgets[-1]:,}")) if summary.last else last,
        str(len(standing.seeds)),
    ]


def _facts(line: Line) -> dict[str, str]:
    standing = line.summary.standing
    found = {"m": standing.label, "k": standing.kind, "access": line.view.access, "dataset": line.page.dataset}
    return {**found, "t": standing.trainer, **({"p": ""} if standing.privileged else {})}
