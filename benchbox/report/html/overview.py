"""What the page says of whole suites: who is first at which budget, and against what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from benchbox.report import tables
from benchbox.report.html.routes import route, suite_route
from benchbox.report.suite import Headline, SuiteView


@dataclass(frozen=True)
class HeadlineRow:
    """Who is first in a scenario at one budget.

    Attributes:
        first: None where nobody can be ranked.
        verdict: whether it leads, or from how many it is not told, as a phrase.
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
    verdict: str
    accuracy: str
    against: str
    gain: str
    paper: str
    target: str
    sealed: str


@dataclass(frozen=True)
class SuiteSection:
    """A suite over all its data sets."""

    route: str
    view: SuiteView
    headlines: tuple[HeadlineRow, ...]
    verdicts: tuple[tuple[str, int], ...]
    pages: tuple[tuple[str, str], ...]


def suite_section(suite: SuiteView) -> SuiteSection:
    """Return a suite's section."""
    verdicts = Counter(c.verdict for page in suite.pages for found in page.comparisons.values() for c in found)
    return SuiteSection(
        route=route("suite", suite.suite),
        view=suite,
        headlines=tuple(row for headline in suite.headlines for row in _headline_rows(headline)),
        verdicts=tuple(sorted(verdicts.items())),
        pages=tuple((page.dataset, suite_route(page.suite, page.dataset)) for page in suite.pages),
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
            first=titles[lead.first] if lead else None,
            verdict=tables.lead(lead, [titles[label] for label in lead.open]) if lead else "",
            accuracy=tables.figure(lead.best, lead.best.n) if lead else "–",
            against=titles[lead.yardstick] if lead and lead.yardstick else "–",
            gain=tables.gain(lead) if lead else "–",
            paper=tables.in_paper(lead, page.comparisons[view.name]) if lead else "",
            target="–" if target is None else tables.percent(target),
            sealed=lead.sealed if lead else "–",
        )
