"""What can be said of a whole suite: which methods differ over all its data sets and scenarios."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from benchbox.report.page import PageView
from benchbox.report.paths import critical_path
from benchbox.report.statistics import Critical, TooFewError, critical_difference
from benchbox.report.views import Lead, ScenarioView, Standing, leads, titled


@dataclass(frozen=True)
class Family:
    """Scenarios of a suite, on any data set, in which the same black-box methods are enrolled.

    Attributes:
        name: the scenarios', joined.
        games: (data set, scenario) of each.
        methods: those that are ranked in every one.
        left_out: enrolled, and not ranked in some of them.
        found: None where too little is there to compare.
        why_not: in words, then.
        titles: what tables call each method, with what it uses in any of the scenarios.
    """

    name: str
    games: tuple[tuple[str, str], ...]
    methods: tuple[str, ...]
    left_out: tuple[str, ...]
    found: Critical | None
    why_not: str
    titles: Mapping[str, str]


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
    families: tuple[Family, ...]

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
            families=tuple(_families(mine)),
        )
        for suite, mine in suites.items()
    ]


def comparisons(suites: Iterable[SuiteView]) -> dict[PurePosixPath, Critical]:
    """Return what was found of the families of suites, by the path of its diagram in the leaderboard's folder."""
    return {
        critical_path(suite.suite, number): family.found
        for suite in suites
        for number, family in enumerate(suite.families, 1)
        if family.found
    }


def _families(pages: Sequence[PageView]) -> list[Family]:
    groups: dict[frozenset[str], list[tuple[str, ScenarioView]]] = {}
    for page in pages:
        for view in page.scenarios:
            enrolled = frozenset(s.label for s in view.standings.values() if not s.privileged)
            groups.setdefault(enrolled, []).append((page.dataset, view))
    return [_family(enrolled, games) for enrolled, games in groups.items() if enrolled]


def _family(enrolled: frozenset[str], games: Sequence[tuple[str, ScenarioView]]) -> Family:
    """Compare the methods that are ranked in all games, over blocks of a data set, a scenario and a seed."""
    everywhere = sorted(frozenset.intersection(*(frozenset(view.scores) for _, view in games)))
    scores = {
        label: {
            (dataset, view.name, seed): value for dataset, view in games for seed, value in view.scores[label].items()
        }
        for label in everywhere
    }
    found, why_not = None, ""
    try:
        found = critical_difference(scores)
    except TooFewError as error:
        why_not = str(error)
    return Family(
        name=", ".join(dict.fromkeys(view.name for _, view in games)),
        games=tuple((dataset, view.name) for dataset, view in games),
        methods=tuple(everywhere),
        left_out=tuple(sorted(enrolled - set(everywhere))),
        found=found,
        why_not=why_not,
        titles=_titles(enrolled, [view for _, view in games]),
    )


def _titles(labels: Iterable[str], views: Collection[ScenarioView]) -> dict[str, str]:
    """Return what tables call methods that play in several scenarios: with all that stands beside their names in any."""
    found = {label: dict.fromkeys(mark for view in views for mark in view.standings[label].marks) for label in labels}
    return {label: titled(label, marks) for label, marks in found.items()}
