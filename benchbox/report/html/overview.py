"""What the page says of whole suites: who leads at which budget, against what, and which methods differ over all data sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from benchbox.report import tables
from benchbox.report.html.critical import critical_svg
from benchbox.report.html.grids import Grid, grid
from benchbox.report.html.routes import route, suite_route
from benchbox.report.paths import critical_path
from benchbox.report.suite import Family, Headline, SuiteView


@dataclass(frozen=True)
class HeadlineRow:
    """Who leads a scenario at one budget.

    Attributes:
        first: None where nobody can be ranked.
        others: those that cannot be told apart from the leaders, as a phrase.
        gain: points ahead of ``against``, with their interval.
    """

    dataset: str
    dataset_route: str
    scenario: str
    scenario_route: str
    access: str
    ranked: str
    budget: str
    first: str | None
    others: str
    accuracy: str
    against: str
    gain: str
    paper: str
    target: str
    sealed: str


@dataclass(frozen=True)
class FamilySection:
    """Scenarios that are compared together: what the test says, and the mean ranks."""

    name: str
    games: tuple[str, ...]
    left_out: tuple[str, ...]
    said: str
    diagram: str
    ranks: Grid | None


@dataclass(frozen=True)
class SuiteSection:
    """A suite over all its data sets."""

    route: str
    view: SuiteView
    headlines: tuple[HeadlineRow, ...]
    verdicts: tuple[tuple[str, int], ...]
    pages: tuple[tuple[str, str], ...]
    families: tuple[FamilySection, ...]


def suite_section(suite: SuiteView, diagrams: Mapping[PurePosixPath, bytes]) -> SuiteSection:
    """Return a suite's section, with its diagrams among those of all suites."""
    verdicts = Counter(c.verdict for page in suite.pages for found in page.comparisons.values() for c in found)
    return SuiteSection(
        route=route("suite", suite.suite),
        view=suite,
        headlines=tuple(row for headline in suite.headlines for row in _headline_rows(headline)),
        verdicts=tuple(sorted(verdicts.items())),
        pages=tuple((page.dataset, suite_route(page.suite, page.dataset)) for page in suite.pages),
        families=tuple(
            _family(family, critical_svg(diagrams[critical_path(suite.suite, number)]) if family.found else "")
            for number, family in enumerate(suite.families, 1)
        ),
    )


def _headline_rows(of: Headline) -> Iterator[HeadlineRow]:
    """Yield a line for the smallest budget and one for the largest."""
    page, view = of.page, of.view
    target = page.accuracy(view)
    titles = {label: tables.title(standing) for label, standing in view.standings.items()}
    for lead in of.leads or (None,):
        yield HeadlineRow(
            dataset=page.dataset,
            dataset_route=suite_route(page.suite, page.dataset),
            scenario=view.name,
            scenario_route=suite_route(page.suite, page.dataset, view.name),
            access=view.access,
            ranked=tables.ranked(view),
            budget=f"{lead.budget:,}" if lead else "–",
            first=titles[lead.leaders[0]] if lead else None,
            others=tables.tied([titles[label] for label in lead.leaders[1:]]) if lead else "",
            accuracy=tables.figure(lead.best, lead.best.n) if lead else "–",
            against=titles[lead.yardstick] if lead and lead.yardstick else "–",
            gain=tables.gain(lead) if lead else "–",
            paper=tables.in_paper(lead, page.comparisons[view.name]) if lead else "",
            target="–" if target is None else tables.percent(target),
            sealed=lead.sealed if lead else "–",
        )


def _family(family: Family, diagram: str) -> FamilySection:
    found = family.found
    said = f"No diagram: {family.why_not}."
    if found:
        said = (
            f"Friedman's test: p = {found.p:.2g} over {found.blocks} blocks, {len(found.ranks)} methods. "
            f"Critical difference: {found.difference:.2f} ranks."
        )
        if found.p >= 0.05:
            said += " It finds no difference at all, so that all belong to one group."
    return FamilySection(
        name=family.name,
        games=tuple(f"{dataset} ({scenario})" for dataset, scenario in family.games),
        left_out=family.left_out,
        said=said,
        diagram=diagram,
        ranks=grid(tables.mean_ranks(found, family.titles), "Mean ranks") if found else None,
    )
