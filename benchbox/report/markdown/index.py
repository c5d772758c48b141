"""The index, and the page of a suite over all its data sets: headlines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchbox.report import prose, tables
from benchbox.report.comparison import Comparison
from benchbox.report.markdown.escape import HEAD, name, paragraph, render_table, words
from benchbox.report.paths import page_path, suite_path
from benchbox.report.suite import Headline, SuiteView
from benchbox.report.tables import Name, Table, Words
from benchbox.report.views import Lead, ScenarioView


def render_index(suites: Sequence[SuiteView]) -> str:
    """Return the index: the headline of every suite."""
    parts = [HEAD, "# Leaderboards", prose.INDEX]
    for suite in suites:
        title = f"## [{words(suite.suite)}]({suite_path(suite.suite).as_posix()})"
        parts += [title, *_headlines(suite), _links(suite, up="")]
        parts += _over_all(suite)
    if not suites:
        parts.append("The store holds no results yet.")
    parts += [prose.READING, prose.REPORTED, prose.CLAIMS, prose.AGAIN]
    return "\n\n".join(parts) + "\n"


def _links(suite: SuiteView, up: str) -> str:
    links = [
        f"[{words(page.suite)} on {words(page.dataset)}]({up}{page_path(page.suite, page.dataset).as_posix()})"
        for page in suite.pages
    ]
    return "\n".join(f"- {link}" for link in links)


def _headlines(suite: SuiteView) -> list[str]:
    """Return the table of who is first; above it how far players were sealed, where all agree, and other versions."""
    head = ["data set", "scenario", "ranked", "queries", "first", suite.measured, "told", "against", "difference"]
    head += ["the paper prints"] + [tables.SEALED] * tables.mixed(suite.sealing)
    rows = [row[: len(head)] for headline in suite.headlines for row in _headline(headline)]
    table = render_table(Table(head, rows, left=2, words=(4, 6, 7, 9, 10)))
    return [*filter(None, (tables.sealing(suite.sealing), paragraph(tables.outdated(suite.outdated)), table))]


def _headline(of: Headline) -> list[list[str]]:
    """Return a row for the smallest budget and one for the largest."""
    start = [Name(of.page.dataset), Name(of.view.name), tables.ranked(of.view)]
    if not of.leads:
        return [[*start, "–", "too few replicates to rank", *["–"] * 6]]
    return [[*start, *_lead(lead, of.view, of.page.comparisons[of.view.name])] for lead in of.leads]


def _lead(lead: Lead, view: ScenarioView, printed: Sequence[Comparison]) -> list[str]:
    first, *others = (tables.title(view.standings[label]) for label in (lead.first, *lead.open))
    against = tables.title(view.standings[lead.yardstick]) if lead.yardstick else "itself" if lead.plainest else "–"
    return [
        f"{lead.budget:,}",
        first,
        tables.figure(lead.best, lead.best.n),
        tables.lead(lead, [name(other, cell=True) for other in others]),
        against,
        tables.gain(lead),
        Words(tables.in_paper(lead, printed) or "–"),
        lead.sealed,
    ]


def _over_all(suite: SuiteView) -> list[str]:
    """Return what the suite comes to: how printed figures fare."""
    verdicts = Counter(c.verdict for page in suite.pages for found in page.comparisons.values() for c in found)
    lines = []
    if verdicts:
        counted = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
        lines.append(f"- Printed figures beside measured ones: {counted}.")
    return ["\n".join(lines)] if lines else []


def render_suite(suite: SuiteView) -> str:
    """Return the page of a suite: its headlines."""
    parts = [HEAD, f"# {words(suite.suite)}", prose.LINKS]
    if suite.description:
        parts.append(paragraph(suite.description))
    parts += [*_headlines(suite), _links(suite, up="../")]
    return "\n\n".join(parts) + "\n"
