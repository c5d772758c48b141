"""What can be said of a whole suite, and of all of them: who is first where, and how papers fare."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from benchbox.registry import Catalogue
from benchbox.report.comparison import Comparison
from benchbox.report.page import PageView, suite_of
from benchbox.report.views.points import few
from benchbox.report.views.scenario import Lead, ScenarioView, leads
from benchbox.report.views.standings import Standing
from benchbox.suites import Suite, suite_names


class Headline(NamedTuple):
    """Who leads a scenario: at each of its budgets; nowhere where nobody can be ranked."""

    page: PageView
    view: ScenarioView
    leads: dict[int, Lead]

    @property
    def place(self) -> str:
        """Its data set and its name."""
        return f"{self.page.dataset}, {self.view.name}"

    @property
    def ends(self) -> tuple[Lead, ...]:
        """Who leads at the smallest and at the largest budget."""
        found = list(self.leads.values())
        return tuple(found[:1] + found[-1:]) if len(found) > 1 else tuple(found)


class Grid(NamedTuple):
    """Scenarios that are played with the same budgets, and those budgets; ``some``: only the ends and some between."""

    budgets: tuple[int, ...]
    headlines: tuple[Headline, ...]
    some: bool


@dataclass(frozen=True)
class SuiteView:
    """A suite over all its data sets. ``headlines``: of all scenarios, in the order of its pages."""

    suite: str
    title: str
    description: str
    pages: tuple[PageView, ...]
    headlines: tuple[Headline, ...]

    @cached_property
    def alone(self) -> tuple[Headline, ...]:
        """The scenarios in which nobody is ranked: of one method, or of too few replicates."""
        return tuple(headline for headline in self.headlines if not headline.leads)

    @cached_property
    def grids(self) -> tuple[Grid, ...]:
        """The others: those of one name together, and those whose budgets another's contain."""
        found: list[tuple[set[int], list[Headline]]] = []
        for headline in self.headlines:
            mine = set(headline.leads)
            for budgets, others in found if mine else ():
                if headline.view.name == others[0].view.name or mine <= budgets or mine >= budgets:
                    budgets.update(mine)
                    others.append(headline)
                    break
            else:
                found += [(mine, [headline])] if mine else []
        shown = [few(sorted(budgets)) for budgets, _ in found]
        return tuple(Grid(tuple(s), tuple(mine), len(s) < len(b)) for s, (b, mine) in zip(shown, found, strict=True))

    @property
    def views(self) -> list[tuple[str, ScenarioView]]:
        """All scenarios, by what they are called."""
        return [(headline.place, headline.view) for headline in self.headlines]

    @property
    def measured(self) -> str:
        """What its methods are ranked by, in words: ``accuracy``, ``success`` of query attacks, or both."""
        return " or ".join(dict.fromkeys(headline.view.word for headline in self.headlines)) or "accuracy"

    @property
    def outdated(self) -> tuple[Standing, ...]:
        """The methods that are ``outdated`` in some scenario."""
        return tuple(standing for headline in self.headlines for standing in headline.view.outdated)


def suite_views(pages: Sequence[PageView]) -> list[SuiteView]:
    """Return the suites of the pages, in their order."""
    grouped = ((suite, tuple(mine)) for suite, mine in itertools.groupby(pages, lambda page: page.suite))
    return [
        SuiteView(
            suite=suite,
            title=mine[0].title,
            description=mine[0].description,
            pages=mine,
            headlines=tuple(Headline(page, view, leads(view)) for page in mine for view in page.scenarios),
        )
        for suite, mine in grouped
    ]


def in_order(suites: Iterable[SuiteView]) -> list[SuiteView]:
    """Return suites as a reader wants them: ``label-only``, then others with labels alone, then the rest."""

    def order(suite: SuiteView) -> tuple[bool, bool, str]:
        labels = any(headline.view.access == "label" for headline in suite.headlines)
        return suite.suite.partition("[")[0] != "label-only", not labels, suite.suite

    return sorted(suites, key=order)


def unplayed(suites: Iterable[SuiteView], catalogue: Catalogue) -> list[Suite]:
    """Return the installed suites without a result, by name; not those that are for no leaderboard."""
    missing = sorted(set(suite_names(catalogue)) - {of.suite for of in suites})
    return [suite for name in missing if (suite := suite_of(name, catalogue)) and suite.board]


def papers(suites: Iterable[SuiteView]) -> dict[str, list[Comparison]]:
    """Return what stands beside measured figures, by paper."""
    beside = [c for suite in suites for page in suite.pages for found in page.comparisons.values() for c in found]
    return {paper: [c for c in beside if c.figure.paper == paper] for paper in sorted({c.figure.paper for c in beside})}
