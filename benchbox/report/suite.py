"""What can be said of a whole suite: who is first in each of its scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchbox.report.page import PageView
from benchbox.report.views import Lead, ScenarioView, Standing, leads


class Headline(NamedTuple):
    """Who leads a scenario.

    Attributes:
        page: the scenario's.
        leads: at its smallest and at its largest budget; empty where nobody can be ranked.
    """

    page: PageView
    view: ScenarioView
    leads: tuple[Lead, ...]


@dataclass(frozen=True)
class SuiteView:
    """A suite over all its data sets. ``headlines``: of all scenarios, in the order of its pages."""

    suite: str
    title: str
    description: str
    pages: tuple[PageView, ...]
    headlines: tuple[Headline, ...]

    @property
    def sealing(self) -> tuple[str, ...]:
        """How far the players of those who lead were sealed."""
        return tuple(lead.sealed for headline in self.headlines for lead in headline.leads)

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
    suites: dict[str, list[PageView]] = {}
    for page in pages:
        suites.setdefault(page.suite, []).append(page)
    return [
        SuiteView(
            suite=suite,
            title=mine[0].title,
            description=mine[0].description,
            pages=tuple(mine),
            headlines=tuple(Headline(page, view, tuple(leads(view))) for page in mine for view in page.scenarios),
        )
        for suite, mine in suites.items()
    ]
